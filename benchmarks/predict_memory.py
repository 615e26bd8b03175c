"""Peak memory of `dermdistill predict`, whole process: folders that grow, pictures of 100 megapixels.

    python benchmarks/predict_memory.py [--images 100 1000 10000]

Flat in the number of images is the goal, and a large picture should cost what reading it must.
"""

import argparse
import os
import sys
import tempfile
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import cv2
import numpy as np
from predict_engine import photograph
from rich.console import Console
from rich.table import Table


def peak_megabytes(source: Path, out: Path) -> float:
    """Predict `source` in a process of its own and return the most memory it held, in MB."""
    words = [str(Path(sys.executable).with_name("dermdistill")), "predict", str(source), "--out", str(out)]
    silent = [(os.POSIX_SPAWN_OPEN, stream, os.devnull, os.O_WRONLY, 0) for stream in (1, 2)]
    process = os.posix_spawn(words[0], [*words, "--overwrite"], os.environ, file_actions=silent)
    _, status, usage = os.wait4(process, 0)
    if os.waitstatus_to_exitcode(status) != 0:
        raise SystemExit(f"{' '.join(words)} failed; run it to see why.")
    return usage.ru_maxrss / 1024


def draw_large(path: Path) -> None:
    """Draw a picture of 100 megapixels into a file; in a process of its own, see `main`."""
    drawn = cv2.resize(
        cv2.imdecode(np.frombuffer(photograph(1000, 750), np.uint8), cv2.IMREAD_COLOR), (11_540, 8_655)
    )
    path.write_bytes(cv2.imencode(path.suffix, drawn)[1].tobytes())


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--images", type=int, nargs="+", default=[100, 1000, 10_000])
    settings = parser.parse_args()
    table = Table("what", "peak MB", title="dermdistill predict, whole process")
    with tempfile.TemporaryDirectory() as root:
        pictures, out = Path(root) / "pictures", Path(root) / "out.csv"
        pictures.mkdir()
        jpeg = photograph(600, 450)
        for count in sorted(settings.images):
            for number in range(len(list(pictures.iterdir())), count):
                (pictures / f"{number:06d}.jpg").write_bytes(jpeg)
            table.add_row(f"folder of {count} JPEG, 600 x 450", f"{peak_megabytes(pictures, out):.0f}")
        for suffix in (".jpg", ".png"):
            path = Path(root) / f"large{suffix}"
            # Linux counts what a process held before it became another program: this one must stay small.
            with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as other:
                other.submit(draw_large, path).result()
            megabytes = path.stat().st_size / 1e6
            table.add_row(
                f"one {suffix[1:]} of 100 MP, {megabytes:.0f} MB", f"{peak_megabytes(path, out):.0f}"
            )
    Console(width=100).print(table)


if __name__ == "__main__":
    main()
