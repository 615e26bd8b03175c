"""How long one cold `dermdistill predict` of one photograph takes: process start, imports, bundle, answer.

    python benchmarks/predict_cold.py [--bundle DIR] [--runs 7]

Prints wall time, processor time and peak memory of each run, then the medians. The aim is .5 s of wall time
on an idle machine, and 150 MB. Processor time shows what it would be on an idle machine when others are using
the cores. A first run that is not counted leaves the byte code that an installation by pip has.
"""

import argparse
import os
import statistics
import sys
import tempfile
import time
from pathlib import Path

import cv2
import numpy as np


def photograph(path: Path, width: int, height: int) -> None:
    """Write a JPEG with the detail of a photograph: smooth shapes under fine noise."""
    rng = np.random.default_rng(1)
    shapes = cv2.resize(
        rng.integers(60, 220, (9, 12, 3), np.uint8), (width, height), interpolation=cv2.INTER_CUBIC
    )
    noisy = np.clip(shapes + rng.normal(0, 6, shapes.shape), 0, 255).astype(np.uint8)
    path.write_bytes(cv2.imencode(".jpg", noisy)[1].tobytes())


def cold_run(words: list[str]) -> tuple[float, float, float]:
    """Run a process; return its wall seconds, processor seconds and peak megabytes."""
    start = time.perf_counter()
    silent = [(os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)]
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
    process = os.posix_spawn(words[0], words, environment, file_actions=silent)
    _, status, usage = os.wait4(process, 0)
    wall = time.perf_counter() - start
    if os.waitstatus_to_exitcode(status) != 0:
        raise SystemExit("predict failed; see above")
    return wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bundle", help="folder of a bundle; the shipped one if not given")
    parser.add_argument("--runs", type=int, default=7)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        image = Path(folder) / "lesion.jpg"
        photograph(image, 600, 450)
        command = [str(Path(sys.executable).with_name("dermdistill")), "predict", str(image)]
        command += ["--bundle", arguments.bundle] if arguments.bundle else []
        cold_run(command)
        runs = []
        for number in range(arguments.runs):
            runs.append(cold_run(command))
            wall, cpu, memory = runs[-1]
            print(f"run {number + 1}: {wall:.2f} s, {cpu:.2f} s processor, {memory:.0f} MB")
    wall, cpu, memory = (statistics.median(values) for values in zip(*runs, strict=True))
    print(f"median: {wall:.2f} s, {cpu:.2f} s processor, {memory:.0f} MB; load {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
