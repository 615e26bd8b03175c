"""LiteRT behind a small fence: one image in, float32 outputs by name out, from a pool safe for threads."""

import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
from ai_edge_litert.interpreter import Interpreter
from numpy.typing import NDArray

from dermdistill.bundle import BundleSpec
from dermdistill.errors import BundleError


@dataclass(frozen=True, slots=True, eq=False)
class Outputs:
    """A model's outputs for one image: `[classes]`, `[height, width, classes]`, `[features]`, all float32."""

    logits: NDArray[np.float32]
    class_maps: NDArray[np.float32]
    embedding: NDArray[np.float32]


class LiteRTModel:
    """One interpreter of one model file. Not safe for threads; see `InterpreterPool`.

    Images go through one at a time: on a CPU LiteRT is no faster in batches. So an answer cannot depend on
    its neighbours, and memory stays flat.
    """

    def __init__(self, model_bytes: bytes, spec: BundleSpec, *, name: str):
        try:
            self._interpreter = Interpreter(model_content=model_bytes, num_threads=1)
            self._interpreter.allocate_tensors()
            self._input = self._interpreter.get_input_details()[0]
            details = _outputs_by_name(self._interpreter, spec)
        except (ValueError, RuntimeError, IndexError) as error:
            raise BundleError(
                f"{name} is no LiteRT model that can be run ({error}); export it again."
            ) from error
        size = spec.input.size
        if self._input["shape"].tolist() != [1, size, size, 3]:
            raise BundleError(
                f"{name} takes {self._input['shape'].tolist()}, bundle.json says [1, {size}, {size}, 3]."
            )
        wrong = [key for key, d in details.items() if d["shape"].tolist() != [1, *spec.outputs[key].shape]]
        if wrong or set(details) != set(spec.outputs):
            raise BundleError(f"{name} has other outputs than bundle.json says; export it again.")
        self._details = details
        self._encode = _input_encoding(self._input)

    def __call__(self, image: NDArray[np.uint8]) -> Outputs:
        """Run the model on one RGB uint8 image `[size, size, 3]`."""
        self._interpreter.set_tensor(self._input["index"], self._encode(image)[None])
        self._interpreter.invoke()
        return Outputs(**{key: self._read(details) for key, details in self._details.items()})

    def _read(self, details: dict[str, Any]) -> NDArray[np.float32]:
        values = self._interpreter.get_tensor(details["index"])[0]
        scale, zero = details["quantization"]
        if scale:
            values = (values.astype(np.float32) - zero) * np.float32(scale)
        return np.asarray(values, np.float32)


def _outputs_by_name(interpreter: Interpreter, spec: BundleSpec) -> dict[Any, dict[str, Any]]:
    """Find the outputs by the names of the file's signature, or by shape in a file without one."""
    signatures = interpreter.get_signature_list()
    if signatures:
        key = "serving_default" if "serving_default" in signatures else next(iter(signatures))
        named = dict(interpreter.get_signature_runner(key).get_output_details())
        if set(spec.outputs) <= set(named):
            return {name: named[name] for name in spec.outputs}
    shapes = {tuple(output.shape): name for name, output in spec.outputs.items()}
    found = {tuple(details["shape"][1:].tolist()): details for details in interpreter.get_output_details()}
    return {name: found[shape] for shape, name in shapes.items() if shape in found}


def _input_encoding(details: dict[str, Any]) -> Callable[[NDArray[np.uint8]], NDArray[Any]]:
    """Return how to turn 0-255 into what the file's input takes: itself, floats, or quantised values."""
    kind = details["dtype"]
    scale, zero = details["quantization"]
    if not scale:
        return lambda image: image if kind == np.uint8 else image.astype(kind)
    limits = np.iinfo(kind)
    table = np.clip(np.rint(np.arange(256) / scale) + zero, limits.min, limits.max).astype(kind)
    return lambda image: table[image]


class InterpreterPool:
    """Up to `size` models, made when first needed, each lent to one thread at a time."""

    def __init__(self, make: Callable[[], LiteRTModel], size: int):
        self._make = make
        self._free = threading.BoundedSemaphore(size)
        self._idle: deque[LiteRTModel] = deque()

    @contextmanager
    def borrow(self) -> Iterator[LiteRTModel]:
        """Lend a model, waiting until one is free."""
        with self._free:
            try:
                model = self._idle.pop()
            except IndexError:
                model = self._make()
            try:
                yield model
            finally:
                self._idle.append(model)
