"""Where an answer's time goes, and how near `batch` comes to bare decode, resize and inference on all cores.

    python benchmarks/predict_engine.py [--bundle DIR] [--images 1000] [--rounds 3] [--repeats 100]

One image: median processor time of the steps of `Engine.predict` from a JPEG's bytes, taken in turn, and the
ratio to the bare call of the interpreter. A folder: `predict_to_table` to csv is compared with the bare work:
the same JPEGs read, decoded, resized and inferred on one thread a core. They take turns, so that other load
affects both. The ratio of processor time is steadier where other programs run.
"""

import argparse
import os
import statistics
import tempfile
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import cv2
import numpy as np
from ai_edge_litert.interpreter import Interpreter
from rich.console import Console
from rich.table import Table

from dermdistill.bundle import default_bundle_path
from dermdistill.imaging import decode_image, resize_square
from dermdistill.inference.batch.resumable import predict_to_table
from dermdistill.inference.engine import Engine, load_bundle

TINY = Path(__file__).parents[1] / "tests" / "fixtures" / "tiny_int8"


def photograph(width: int, height: int, seed: int = 1) -> bytes:
    """Make a JPEG with the detail of a photograph: smooth shapes under fine noise."""
    rng = np.random.default_rng(seed)
    coarse = rng.integers(60, 220, (9, 12, 3), np.uint8)
    shapes = cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC)
    noisy = np.clip(shapes + rng.normal(0, 6, shapes.shape), 0, 255).astype(np.uint8)
    return cv2.imencode(".jpg", noisy)[1].tobytes()


def bare_call(engine: Engine, bundle_dir: Path) -> Callable[[], None]:
    """Return a call of one single-threaded interpreter with its input already in place."""
    interpreter = Interpreter(str(bundle_dir / engine.spec.model_file), num_threads=1)
    interpreter.allocate_tensors()
    return interpreter.invoke


def seconds(work: Callable[[], object]) -> float:
    """Return a call's processor time; it runs on one thread, so on an idle machine that is its time."""
    start = time.process_time()
    work()
    return time.process_time() - start


def split(engine: Engine, jpeg: bytes, bare: Callable[[], object], repeats: int) -> list[float]:
    """Return median seconds of: decode, resize, model, rest, the whole, the bare interpreter call."""
    size = engine.spec.input.size
    rgb = decode_image(jpeg)
    square = resize_square(rgb, size)
    steps: list[Callable[[], object]] = [
        lambda: decode_image(jpeg),
        lambda: resize_square(rgb, size),
        lambda: engine.outputs(square),
        lambda: engine.predict(jpeg),
        bare,
    ]
    turns = [[seconds(step) for step in steps] for _ in range(repeats + 3)][3:]
    decode, resize, model, whole, call = map(statistics.median, zip(*turns, strict=True))
    return [decode, resize, model, whole - decode - resize - model, whole, call]


def bare_folder(bundle_dir: Path, engine: Engine, paths: list[Path]) -> None:
    """Read, decode, resize and infer, on one thread a core, and forget it."""
    model = (bundle_dir / engine.spec.model_file).read_bytes()
    size, mine = engine.spec.input.size, threading.local()

    def start() -> None:
        mine.interpreter = Interpreter(model_content=model, num_threads=1)
        mine.interpreter.allocate_tensors()
        mine.input = mine.interpreter.get_input_details()[0]

    def one(path: Path) -> None:
        image = cv2.imdecode(np.frombuffer(path.read_bytes(), np.uint8), cv2.IMREAD_COLOR)
        square = cv2.resize(image, (size, size), interpolation=cv2.INTER_AREA)
        mine.interpreter.set_tensor(mine.input["index"], square[None].astype(mine.input["dtype"]))
        mine.interpreter.invoke()

    with ThreadPoolExecutor(engine.threads, initializer=start) as pool:
        list(pool.map(one, paths))


def rates(images: int, work: Callable[[], object]) -> tuple[float, float]:
    """Return the images a second of wall time and a second of processor time."""
    wall, processor = time.perf_counter(), time.process_time()
    work()
    return images / (time.perf_counter() - wall), images / (time.process_time() - processor)


def one_image(engine: Engine, bundle_dir: Path, repeats: int) -> Table:
    """Measure the steps for a dermatoscope's picture and a phone's."""
    heads = (
        "decode",
        "resize",
        "model",
        "rest",
        "whole",
        "bare call",
        "whole / bare",
        "(whole - decode) / bare",
    )
    table = Table("ms", *heads, title="One image, one thread, processor time")
    bare = bare_call(engine, bundle_dir)
    for name, width, height in (("600 x 450", 600, 450), ("12 MP", 4000, 3000)):
        times = split(engine, photograph(width, height), bare, repeats)
        whole, call = times[4:]
        ratios = (whole / call, (whole - times[0]) / call)
        table.add_row(name, *(f"{1e3 * t:.2f}" for t in times), *(f"{ratio:.2f}" for ratio in ratios))
    return table


def folder(engine: Engine, bundle_dir: Path, images: int, rounds: int) -> Table:
    """Measure `predict_to_table` beside the bare work on a folder of JPEGs of 600 x 450."""
    table = Table("round", "bare images/s", "batch images/s", "ratio", "ratio of processor time")
    ratios = []
    with tempfile.TemporaryDirectory() as root:
        pictures, out = Path(root) / "pictures", Path(root) / "out.csv"
        pictures.mkdir()
        jpegs = [photograph(600, 450, seed) for seed in range(20)]
        paths = [pictures / f"{number:06d}.jpg" for number in range(images)]
        for number, path in enumerate(paths):
            path.write_bytes(jpegs[number % len(jpegs)])
        bare = partial(bare_folder, bundle_dir, engine, paths)
        batch = partial(predict_to_table, engine, [pictures], out, overwrite=True, watch=lambda rows, _: rows)
        bare_folder(bundle_dir, engine, paths[:100])
        for number in range(rounds):
            reference, ours = rates(images, bare), rates(images, batch)
            ratios.append((ours[0] / reference[0], ours[1] / reference[1]))
            shown = [f"{reference[0]:.0f}", f"{ours[0]:.0f}", *(f"{ratio:.2f}" for ratio in ratios[-1])]
            table.add_row(str(number + 1), *shown)
    medians = [f"{statistics.median(column):.2f}" for column in zip(*ratios, strict=True)]
    table.add_row("median", "", "", *medians)
    table.title = f"{images} images, {engine.threads} threads"
    return table


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--bundle", type=Path, help="folder of a bundle; the shipped one, else a tiny one")
    parser.add_argument("--images", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--repeats", type=int, default=100)
    settings = parser.parse_args()
    shipped = default_bundle_path()
    bundle_dir = settings.bundle or (shipped if shipped.is_dir() else TINY)
    cv2.setNumThreads(1)
    engine = load_bundle(bundle_dir)
    console = Console(width=140)
    console.print(f"Bundle {engine.spec.name}; load {os.getloadavg()[0]:.1f}", highlight=False)
    console.print(one_image(engine, bundle_dir, settings.repeats))
    console.print(folder(engine, bundle_dir, settings.images, settings.rounds))


if __name__ == "__main__":
    main()
