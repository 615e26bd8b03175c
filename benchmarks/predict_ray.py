"""How near `predict --ray` on this machine comes to the plain engine on the same cores.

    RAY_worker_niceness=0 python benchmarks/predict_ray.py [--images 1000] [--rounds 3] [--bundle DIR]

The same folder of JPEGs of 600 x 450, by `predict_to_table` on one thread a core and by Ray on one worker a
core, taking turns. Rates are of the time when engines are open, for a start of Ray takes ten seconds. On a
busy machine the ratio of processor time is the steadier one; Ray's counts its workers and their decoders.
"""

import argparse
import os
import statistics
import tempfile
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import cv2
from predict_engine import photograph
from rich.console import Console
from rich.table import Table

from dermdistill.bundle import default_bundle_path
from dermdistill.cluster.run import predict_on_ray
from dermdistill.inference.batch.resumable import predict_to_table
from dermdistill.inference.engine import Engine, load_bundle

_TICK = os.sysconf("SC_CLK_TCK")


def processor_seconds(process: str) -> float:
    """What a process and its children have used so far."""
    fields = Path(f"/proc/{process}/stat").read_text("ascii").rpartition(")")[2].split()
    children = Path(f"/proc/{process}/task/{process}/children").read_text("ascii").split()
    return (int(fields[11]) + int(fields[12])) / _TICK + sum(map(processor_seconds, children))


def plain(engine: Engine, pictures: Path, out: Path) -> tuple[float, float]:
    """Images a second, and images a second of processor time, of one process."""
    wall, processor = time.perf_counter(), time.process_time()
    images = predict_to_table(engine, [pictures], out, overwrite=True, watch=lambda rows, _: rows).images
    return images / (time.perf_counter() - wall), images / (time.process_time() - processor)


def on_ray(engine: Engine, pictures: Path, out: Path, address: str) -> tuple[float, float]:
    """The same of Ray's workers, each from the end of its first part on."""
    seen: dict[str, list[tuple[int, float, float]]] = {}

    def tell(line: Mapping[str, Any], _: int) -> None:
        process = line["worker"].rpartition(":")[2]
        marks = seen.setdefault(process, [])
        done = (marks[-1][0] if marks else 0) + line["images"]
        with suppress(FileNotFoundError):  # it ended with its last part
            marks.append((done, time.perf_counter(), processor_seconds(process)))

    predict_on_ray(
        engine, [str(pictures)], str(out), address=address, images_per_part=25, tell=tell, on_lost=print
    )
    images = [marks[-1][0] - marks[0][0] for marks in seen.values()]
    seconds = [marks[-1][1] - marks[0][1] for marks in seen.values()]
    processor = sum(marks[-1][2] - marks[0][2] for marks in seen.values())
    return sum(n / s for n, s in zip(images, seconds, strict=True)), sum(images) / processor


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--bundle", type=Path, default=default_bundle_path())
    parser.add_argument("--images", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--ray", default="local")
    settings = parser.parse_args()
    cv2.setNumThreads(1)
    engine = load_bundle(settings.bundle)
    table = Table("round", "plain images/s", "Ray images/s", "ratio", "ratio of processor time")
    ratios = []
    with tempfile.TemporaryDirectory() as root:
        pictures = Path(root) / "pictures"
        pictures.mkdir()
        jpegs = [photograph(600, 450, seed) for seed in range(20)]
        for number in range(settings.images):
            (pictures / f"{number:06d}.jpg").write_bytes(jpegs[number % len(jpegs)])
        for number in range(settings.rounds):
            one = plain(engine, pictures, Path(root) / "plain.parquet")
            many = on_ray(engine, pictures, Path(root) / f"ray-{number}", settings.ray)
            ratios.append((many[0] / one[0], many[1] / one[1]))
            shown = [f"{one[0]:.1f}", f"{many[0]:.1f}", *(f"{ratio:.2f}" for ratio in ratios[-1])]
            table.add_row(str(number + 1), *shown)
    medians = [f"{statistics.median(column):.2f}" for column in zip(*ratios, strict=True)]
    table.add_row("median", "", "", *medians)
    table.title = f"{engine.spec.name}, {settings.images} images, load {os.getloadavg()[0]:.1f}"
    Console(width=120).print(table)


if __name__ == "__main__":
    main()
