"""One student in our engine and in its peers, side by side in one run.

    uv sync --extra train --group dev --group bench
    python benchmarks/peers.py [--run runs/mobilenet_v2] [--threads 1] [--seconds 2] [--rounds 3]

`engine` is the whole of `Engine.predict`, with quality checks, calibration, out-of-distribution detector and
heat map. First all get pixels that are decoded and resized already. Then they get the JPEG of a dermatoscope
(600 x 450) and of a phone (12 MP), which OpenCV decodes and resizes for the peers. 32 images go to the engine
as a list, to LiteRT one by one on as many interpreters as threads, to the others in one call. OpenVINO's int8
is measured twice: on the LiteRT file that ships, and on ONNX Runtime's plain QDQ quantisation, which is
faster and less faithful. All take turns, round by round; a row is the median of its rounds. Without --run the
weights are random, which changes no speed.
"""

import argparse
import os
import statistics
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from ai_edge_litert.interpreter import Interpreter
from rich.console import Console
from rich.table import Table

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

Call = Callable[[Any], object]
"""Takes uint8 images `[batch, 224, 224, 3]`."""
BATCHES = (1, 32)  # that OpenVINO is compiled for


def litert(path: Path, threads: int) -> Call:
    """LiteRT: one image on `threads` threads; several images on one thread each."""
    wide, *_ = interpreters(path, 1, threads)
    narrow = interpreters(path, threads, 1)
    pool = ThreadPoolExecutor(threads)

    def share(number: int, images: Any) -> None:
        for image in images[number::threads]:
            run(narrow[number], image[None])

    def call(images: Any) -> None:
        if len(images) == 1:
            run(wide, images)
        else:
            list(pool.map(lambda number: share(number, images), range(threads)))

    return call


def interpreters(path: Path, count: int, threads: int) -> list[Interpreter]:
    """Make interpreters with their memory planned."""
    made = [Interpreter(str(path), num_threads=threads) for _ in range(count)]
    for interpreter in made:
        interpreter.allocate_tensors()
    return made


def run(interpreter: Interpreter, image: Any) -> None:
    """Run one image `[1, 224, 224, 3]` of uint8 through a model that takes uint8, int8 or float32."""
    details = interpreter.get_input_details()[0]
    values = image if details["dtype"] == np.uint8 else image.astype(details["dtype"])
    interpreter.set_tensor(details["index"], values)
    interpreter.invoke()


def onnx_runtime(path: Path, threads: int) -> Call:
    """ONNX Runtime on its CPU provider."""
    import onnxruntime  # noqa: PLC0415 - a peer, not a dependency

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.log_severity_level = threads, 3
    session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    name = session.get_inputs()[0].name
    return lambda images: session.run(None, {name: images})


def openvino(path: Path, threads: int) -> Call:
    """OpenVINO on the CPU; a batch of several goes through in one call."""
    import openvino as ov  # noqa: PLC0415 - a peer, not a dependency

    core, compiled = ov.Core(), {}
    for batch in BATCHES:
        model = core.read_model(path)
        model.reshape([batch, 224, 224, 3])
        compiled[batch] = core.compile_model(
            model, "CPU", {"INFERENCE_NUM_THREADS": threads, "PERFORMANCE_HINT": "LATENCY"}
        )
    return lambda images: compiled[len(images)](images)


def quantized_onnx(source: Path, target: Path, pixels: Any) -> None:
    """Quantise statically to QDQ int8 with ONNX Runtime's own tool."""
    from onnxruntime.quantization import (  # noqa: PLC0415
        CalibrationDataReader,
        QuantType,
        quant_pre_process,
        quantize_static,
    )

    class Reader(CalibrationDataReader):
        def __init__(self, name: str) -> None:
            self.batches = iter([{name: image[None]} for image in pixels])

        def get_next(self) -> Any:
            return next(self.batches, None)

    import onnx  # noqa: PLC0415

    prepared = source.with_name("prepared.onnx")
    quant_pre_process(source, prepared, skip_symbolic_shape=True)
    name = onnx.load(prepared).graph.input[0].name
    quantize_static(
        prepared,
        target,
        Reader(name),
        per_channel=True,
        activation_type=QuantType.QUInt8,
        weight_type=QuantType.QInt8,
    )


def contestants(run_dir: Path | None, folder: Path, threads: int) -> dict[str, Call]:
    """Every runtime with the same student, ready to be called with `threads` threads."""
    import tensorflow as tf  # noqa: PLC0415

    from dermdistill.export.formats.litert import convert_float32, convert_int8  # noqa: PLC0415
    from dermdistill.inference import load_bundle  # noqa: PLC0415
    from dermdistill.models import build_model, load_run_model  # noqa: PLC0415

    model = load_run_model(run_dir) if run_dir else build_model("mobilenet_v2", num_classes=7)
    float_path, int8_path = folder / "float.tflite", folder / "int8.tflite"
    onnx_path, qdq_path = folder / "float.onnx", folder / "int8.onnx"
    if not qdq_path.exists():
        pixels = np.random.default_rng(0).integers(0, 256, (16, 224, 224, 3), np.uint8)
        float_path.write_bytes(convert_float32(model))
        int8_path.write_bytes(convert_int8(model, pixels))
        model.export(onnx_path, format="onnx", verbose=False)
        quantized_onnx(onnx_path, qdq_path, pixels)
    function = tf.function(lambda images: model(images, training=False), reduce_retracing=True)
    engine = load_bundle(threads=threads)
    return {
        "engine (ours, int8, whole answer)": lambda images: engine.predict(list(images)),
        "LiteRT int8": litert(int8_path, threads),
        "LiteRT float32": litert(float_path, threads),
        "ONNX Runtime int8 QDQ": onnx_runtime(qdq_path, threads),
        "ONNX Runtime float32": onnx_runtime(onnx_path, threads),
        "OpenVINO int8 QDQ": openvino(qdq_path, threads),
        "OpenVINO, our int8 file": openvino(int8_path, threads),
        "OpenVINO float32": openvino(onnx_path, threads),
        "TensorFlow tf.function": lambda images: function(tf.constant(images)),
        "Keras predict": lambda images: model.predict(images, verbose=0),
    }


def from_jpeg(call: Call) -> Call:
    """The same from the bytes of JPEGs."""

    def square(jpeg: bytes) -> Any:
        rgb = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR_RGB)
        return cv2.resize(rgb, (224, 224), interpolation=cv2.INTER_AREA)

    return lambda jpegs: call(np.stack([square(jpeg) for jpeg in jpegs]))


def jpeg_of(image: Any, width: int, height: int) -> bytes:
    """A picture enlarged to a photograph, with the fine noise of one."""
    large = cv2.resize(image, (width, height), interpolation=cv2.INTER_CUBIC)
    noisy = np.clip(large + np.random.default_rng(0).normal(0, 2, large.shape), 0, 255)
    return cv2.imencode(".jpg", noisy.astype(np.uint8))[1].tobytes()


def rate(call: Call, images: Any, seconds: float) -> float:
    """Images a second over at least `seconds` seconds and two calls."""
    calls, start = 0, time.perf_counter()
    while calls < 2 or time.perf_counter() - start < seconds:
        call(images)
        calls += 1
    return calls * len(images) / (time.perf_counter() - start)


def measure(run_dir: Path | None, folder: Path, threads: int, seconds: float, rounds: int) -> Table:
    """Let all take turns on `threads` threads."""
    import tensorflow as tf  # noqa: PLC0415

    tf.config.threading.set_intra_op_parallelism_threads(threads)
    tf.config.threading.set_inter_op_parallelism_threads(1)
    # Soft pictures: pure noise is full of what the engine would look at as hairs.
    coarse = np.random.default_rng(1).integers(60, 220, (max(BATCHES), 9, 12, 3), np.uint8)
    pixels = np.stack([cv2.resize(each, (224, 224), interpolation=cv2.INTER_CUBIC) for each in coarse])
    pixel_calls = contestants(run_dir, folder, threads)
    ours = next(iter(pixel_calls))
    jpeg_calls = {name: call if name == ours else from_jpeg(call) for name, call in pixel_calls.items()}
    tasks: dict[str, tuple[dict[str, Call], Any]] = {
        "pixels, ms": (pixel_calls, pixels[:1]),
        "32 of them, images/s": (pixel_calls, pixels),
        "600 x 450 JPEG, ms": (jpeg_calls, [jpeg_of(pixels[0], 600, 450)]),
        "12 MP JPEG, ms": (jpeg_calls, [jpeg_of(pixels[0], 4000, 3000)]),
    }
    for calls, images in tasks.values():
        for call in calls.values():
            call(images)  # compiled, traced, memory planned
    rates: dict[tuple[str, str], list[float]] = {}
    for _ in range(rounds):
        for name in pixel_calls:
            for task, (calls, images) in tasks.items():
                rates.setdefault((name, task), []).append(rate(calls[name], images, seconds))
    table = Table("runtime", *tasks)
    for name in pixel_calls:
        medians = [(task, statistics.median(rates[name, task])) for task in tasks]
        table.add_row(
            name, *(f"{1000 / each:.2f}" if task.endswith("ms") else f"{each:.0f}" for task, each in medians)
        )
    return table


def main() -> None:
    """Measure with as many threads as asked for and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--run", type=Path, help="run folder of a MobileNetV2; random weights without")
    parser.add_argument("--threads", type=int, default=1, help="TensorFlow can be set once a process")
    parser.add_argument("--seconds", type=float, default=2.0)
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        table = measure(arguments.run, Path(folder), arguments.threads, arguments.seconds, arguments.rounds)
    table.title = f"{arguments.threads} thread(s); load {os.getloadavg()[0]:.1f}"
    Console(width=110).print(table)


if __name__ == "__main__":
    main()
