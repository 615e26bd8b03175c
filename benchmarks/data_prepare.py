"""How fast `data prepare` is beside bare decode-and-resize on all cores. Goal: at least .8 of it.

    python benchmarks/data_prepare.py [--images 10000] [--sources 4] [--rounds 3] [--photographs FOLDER]

Both do the same files in turn, one source after the other, several times, so that what else the machine does
weighs on both. Bare is what
any loader must do: read the file, decode it, area-resize it, on one thread a core, and forget it. Prepare
also checks rows and files, hashes pixels, finds duplicates, logs its progress and writes the cache. The ratio
of processor time is the steadier one where other programs run.

Below it: how fast batches of 32 random images are gathered from all sources, beside as many images from one.
Goal: at least 1 of it.
"""

import argparse
import csv
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from dermdistill.classes import load_classes
from dermdistill.data.joined import load_sources
from dermdistill.data.prepare.prepare import prepare
from dermdistill.data.sources import read_source
from dermdistill.parallel import usable_cores

HAM = load_classes("ham10000")
Seconds = NDArray[np.float64]
"""Of wall time and of processor time."""


def generate(count: int) -> list[bytes]:
    """Make JPEGs of 600x450, about 130 kB each, no two alike."""
    rng = np.random.default_rng(0)
    clouds = cv2.resize(rng.uniform(40, 215, (9, 12, 3)), (600, 450), interpolation=cv2.INTER_CUBIC)
    picture = np.clip(clouds + rng.normal(0, 8, clouds.shape), 0, 255).astype(np.uint8)
    rolled = (np.roll(picture, (number // 600, number), (0, 1)) for number in range(count))
    return [cv2.imencode(".jpg", image)[1].tobytes() for image in rolled]


def write_source(root: Path, jpegs: list[bytes]) -> list[Path]:
    """Write the images and their table; all of one lesion, so that repeated photographs are kept."""
    paths = [root / f"{root.name}_{number:05d}.jpg" for number in range(len(jpegs))]
    for path, jpeg in zip(paths, jpegs, strict=True):
        path.write_bytes(jpeg)
    with (root / "HAM10000_metadata.csv").open("w", newline="") as file:
        csv.writer(file).writerows([["image_id", "lesion_id", "dx"], *([p.stem, "L", "nv"] for p in paths)])
    return paths


def seconds(work: Callable[[], object]) -> Seconds:
    """Return the seconds of wall time and of processor time."""
    wall, processor = time.perf_counter(), time.process_time()
    work()
    return np.array([time.perf_counter() - wall, time.process_time() - processor])


def bare(paths: list[Path]) -> None:
    """Decode and resize, nothing else."""

    def one(path: Path) -> None:
        image = cv2.imdecode(np.frombuffer(path.read_bytes(), np.uint8), cv2.IMREAD_COLOR)
        cv2.resize(image, (224, 224), interpolation=cv2.INTER_AREA)

    cv2.setNumThreads(1)
    with ThreadPoolExecutor(usable_cores()) as pool:
        list(pool.map(one, paths))


def whole(root: Path, out: Path) -> None:
    """Do what `data prepare` does, from the folder to the finished cache."""
    prepare(read_source(root, classes=HAM), out / root.name, classes=HAM, on_progress=lambda *_: None)


def one_round(sources: dict[Path, list[Path]], out: Path) -> tuple[Seconds, Seconds]:
    """Return what bare and whole take for all sources, measured source by source in turn."""
    bare_took, whole_took = np.zeros(2), np.zeros(2)
    for root, paths in sources.items():
        bare_took += seconds(partial(bare, paths))
        whole_took += seconds(partial(whole, root, out))
    return bare_took, whole_took


def batches(directories: list[Path], count: int = 300) -> float:
    """Gather batches of random images as a training does, and return the images a second."""
    images = load_sources(directories).images
    rows = np.random.default_rng(0).integers(0, len(images), (count, 32))
    started = time.perf_counter()
    for batch in rows:
        np.stack([images[row] for row in batch])
    return rows.size / (time.perf_counter() - started)


def show_batches(out: Path, names: list[str]) -> None:
    """Compare all sources with the first, copied to as many images, so that both fit in memory alike."""
    parts = [out / name for name in names]
    one = out / "one"
    shutil.copytree(parts[0], one)
    whole_set = load_sources(parts)
    np.save(one / "images.npy", whole_set.images[:])
    whole_set.index.assign(source="one").to_csv(one / "index.csv", index=False)
    pairs = [(batches([one]), batches(parts)) for _ in range(7)]
    ratio = statistics.median(several / single for single, several in pairs)
    single, several = (statistics.median(column) for column in zip(*pairs, strict=True))
    Console().print(
        f"Batches: {single:.0f} images/s from one source, {several:.0f} from {len(names)}: {ratio:.2f} of it."
    )


def main() -> None:
    """Run the rounds and print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--images", type=int, default=10_000)
    parser.add_argument("--sources", type=int, default=4, help="divide them among so many sources")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--photographs", type=Path, help="repeat the JPEGs of this folder instead")
    settings = parser.parse_args()
    table = Table("round", "bare images/s", "prepare images/s", "ratio", "ratio of processor time")
    ratios: list[Seconds] = []
    with tempfile.TemporaryDirectory() as folder:
        if settings.photographs:
            given = [path.read_bytes() for path in sorted(settings.photographs.glob("*.jpg"))]
            jpegs = [given[number % len(given)] for number in range(settings.images)]
        else:
            jpegs = generate(settings.images)
        sources = {}
        for number in range(settings.sources):
            root = Path(folder) / f"source{number}"
            root.mkdir()
            sources[root] = write_source(root, jpegs[number :: settings.sources])
        bare(next(iter(sources.values()))[:200])
        out = Path(folder) / "out"
        for number in range(settings.rounds):
            shutil.rmtree(out, ignore_errors=True)
            bare_took, whole_took = one_round(sources, out)
            ratios.append(bare_took / whole_took)
            shown = [f"{settings.images / took[0]:.0f}" for took in (bare_took, whole_took)]
            table.add_row(str(number + 1), *shown, *(f"{ratio:.2f}" for ratio in ratios[-1]))
        if settings.sources > 1:
            show_batches(out, [root.name for root in sources])
    medians = [f"{statistics.median(column):.2f}" for column in zip(*ratios, strict=True)]
    table.add_row("median", "", "", *medians)
    table.title = f"{settings.images} images of {len(jpegs[0]) // 1000} kB"
    Console().print(table)


if __name__ == "__main__":
    main()
