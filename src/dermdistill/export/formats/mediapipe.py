"""A bundle's file as MediaPipe and ML Kit want it: one output of calibrated probabilities, labelled.

Both take every output of a file for a head of classes, and both need the labels inside the file. The graph
is the model file's own. What only class maps and embedding need is cut off, and two operations are put behind
the logits. So the probabilities are the engine's to the last bits. Needs the extra `mediapipe`.
"""

from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import flatbuffers
import numpy as np
from ai_edge_litert import schema_py_generated as schema
from ai_edge_litert.interpreter import Interpreter
from numpy.typing import NDArray

from dermdistill.bundle import BundleSpec, OpenBundle, open_bundle, self_test_image, write_bundle
from dermdistill.errors import BundleError
from dermdistill.export.formats.mediapipe_metadata import with_metadata
from dermdistill.inference.interpreter import LiteRTModel
from dermdistill.inference.probabilities import calibrate

FILE = "model_mediapipe.tflite"
_OPERATOR = schema.BuiltinOperator
_PROVEN_ON = 16  # pictures, the self-test's by their seeds
_TOLERANCE = 1e-5  # float32 against the engine's float64


def refuse_without_mediapipe() -> None:
    """Raise early, before minutes of work, when the extra is not installed.

    Raises:
        BundleError: names what is missing.
    """
    if find_spec("mediapipe") is None:
        raise BundleError(
            "A file for MediaPipe needs mediapipe, not installed here: pip install 'dermdistill[mediapipe]'."
        )


def add_mediapipe(bundle_dir: Path, out: Path) -> Path:
    """Write the bundle to `out`, which may be `bundle_dir` itself, with a file for MediaPipe; return `out`.

    Raises:
        BundleError: mediapipe is missing, the bundle is damaged, or the file does not answer alike.
    """
    refuse_without_mediapipe()
    bundle = open_bundle(bundle_dir)
    files = {**bundle.contents, FILE: convert_mediapipe(bundle)}
    model_bytes = files.pop(bundle.spec.model_file)
    write_bundle(out, bundle.spec, model_bytes, files)
    return out


def convert_mediapipe(bundle: OpenBundle) -> bytes:
    """Return a LiteRT file with one output: `softmax(logits / temperature)`, `[1, classes]` float32.

    Its metadata hold the class codes as labels, their English names, and how pixels come in: as they are.

    Raises:
        BundleError: the model file has no float32 logits, or the result does not answer alike.
    """
    spec = bundle.spec
    model_bytes = bundle.contents[spec.model_file]
    data = with_metadata(_probabilities_alone(model_bytes, spec), spec)
    exact = LiteRTModel(model_bytes, spec, name=spec.model_file)
    probabilities_of = opened(data)
    for seed in range(_PROVEN_ON):
        image = self_test_image(spec.input.size, seed)
        expected = calibrate(exact(image).logits, spec.temperature)
        if not np.abs(probabilities_of(image) - expected).max() <= _TOLERANCE:
            raise BundleError(
                f"{FILE} does not answer as {spec.model_file} does, so it is not written; please report this."
            )
    return data


def opened(model_bytes: bytes) -> Callable[[NDArray[np.uint8]], NDArray[np.float32]]:
    """From one image `[size, size, 3]` to the probabilities `[classes]` of a file with that one output."""
    interpreter = Interpreter(model_content=model_bytes, num_threads=1)
    interpreter.allocate_tensors()
    (taken,), (given,) = interpreter.get_input_details(), interpreter.get_output_details()

    def probabilities(image: NDArray[np.uint8]) -> NDArray[np.float32]:
        interpreter.set_tensor(taken["index"], image[None])
        interpreter.invoke()
        return np.asarray(interpreter.get_tensor(given["index"])[0], np.float32)

    return probabilities


def _probabilities_alone(model_bytes: bytes, spec: BundleSpec) -> bytes:
    model = schema.ModelT.InitFromPackedBuf(model_bytes, 0)
    (graph,) = model.subgraphs
    logits = _logits(model, graph, spec)
    if graph.tensors[logits].type != schema.TensorType.FLOAT32:
        raise BundleError(f"the logits of {spec.model_file} are no float32; export the bundle again.")
    graph.operators = _needed(graph.operators, logits)
    shape = [1, len(spec.classes)]
    factor = _constant(model, graph, np.float32(1 / spec.temperature))
    scaled = _tensor(graph, "scaled_logits", shape)
    probabilities = _tensor(graph, "probabilities", shape)
    graph.operators += [
        _operator(model, _OPERATOR.MUL, [logits, factor], scaled),
        _operator(model, _OPERATOR.SOFTMAX, [scaled], probabilities),
    ]
    graph.outputs = [probabilities]
    model.signatureDefs = []  # they name the outputs that are gone
    builder = flatbuffers.Builder(len(model_bytes) + 4096)
    builder.Finish(model.Pack(builder), b"TFL3")
    return bytes(builder.Output())


def _logits(model: Any, graph: Any, spec: BundleSpec) -> int:
    """Index of the tensor of logits: by the signature, or in a file without one by its shape."""
    for signature in model.signatureDefs or []:
        for output in signature.outputs:
            if output.name == b"logits":
                return int(output.tensorIndex)
    shape = [1, len(spec.classes)]
    return next(int(index) for index in graph.outputs if list(graph.tensors[index].shape) == shape)


def _needed(operators: list[Any], output: int) -> list[Any]:
    """The operators that `output` depends on, in their order; each comes after those that it needs."""
    wanted, kept = {output}, []
    for operator in reversed(operators):
        if wanted & set(map(int, operator.outputs)):
            wanted |= set(map(int, operator.inputs))
            kept.append(operator)
    return kept[::-1]


def _tensor(graph: Any, name: str, shape: list[int], buffer: int = 0) -> int:
    tensor = schema.TensorT()
    tensor.name, tensor.shape, tensor.type, tensor.buffer = name, shape, schema.TensorType.FLOAT32, buffer
    graph.tensors.append(tensor)
    return len(graph.tensors) - 1


def _constant(model: Any, graph: Any, value: np.float32) -> int:
    buffer = schema.BufferT()
    buffer.data = np.frombuffer(value.tobytes(), np.uint8)
    model.buffers.append(buffer)
    return _tensor(graph, "one_over_temperature", [1], len(model.buffers) - 1)


def _operator(model: Any, kind: int, inputs: list[int], output: int) -> Any:
    code, operator = schema.OperatorCodeT(), schema.OperatorT()
    code.builtinCode, code.deprecatedBuiltinCode, code.version = kind, kind, 1
    model.operatorCodes.append(code)
    operator.opcodeIndex = len(model.operatorCodes) - 1
    operator.inputs, operator.outputs = inputs, [output]
    if kind == _OPERATOR.SOFTMAX:
        operator.builtinOptionsType = schema.BuiltinOptions.SoftmaxOptions
        operator.builtinOptions = schema.SoftmaxOptionsT(beta=1.0)
    else:
        operator.builtinOptionsType = schema.BuiltinOptions.MulOptions
        operator.builtinOptions = schema.MulOptionsT()
    return operator
