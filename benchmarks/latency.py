"""How long one image takes each bundle's model file, one thread; for `dermdistill compare --latency`.

    python benchmarks/latency.py BUNDLE... --out results/latency.csv [--rounds 5] [--repeats 30]

The files take turns, so that what else the machine does weighs on all; a file's figure is the median of its
rounds' medians. Times are of this machine: read them beside each other.
"""

import argparse
import csv
import statistics
import time
from pathlib import Path

import numpy as np
from ai_edge_litert.interpreter import Interpreter

from dermdistill.bundle import load_bundle_spec


def milliseconds(interpreter: Interpreter, repeats: int) -> float:
    """Median time of one call."""
    times = []
    for _ in range(repeats):
        started = time.perf_counter()
        interpreter.invoke()
        times.append(1000 * (time.perf_counter() - started))
    return statistics.median(times)


def main() -> None:
    """Measure in turns and write the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("bundles", type=Path, nargs="+")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--repeats", type=int, default=30)
    options = parser.parse_args()
    specs = [load_bundle_spec(folder) for folder in options.bundles]
    interpreters = []
    for folder, spec in zip(options.bundles, specs, strict=True):
        interpreter = Interpreter(str(folder / spec.model_file), num_threads=1)
        interpreter.allocate_tensors()
        (entry,) = interpreter.get_input_details()
        noise = np.random.default_rng(0).integers(0, 256, entry["shape"])
        interpreter.set_tensor(entry["index"], noise.astype(entry["dtype"]))
        milliseconds(interpreter, 5)
        interpreters.append(interpreter)
    rounds = [[milliseconds(each, options.repeats) for each in interpreters] for _ in range(options.rounds)]
    with options.out.open("w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["bundle", "model_sha256", "milliseconds"])
        for spec, times in zip(specs, zip(*rounds, strict=True), strict=True):
            median = statistics.median(times)
            print(f"{spec.name}: {median:.2f} ms (rounds {', '.join(f'{each:.2f}' for each in times)})")
            writer.writerow([spec.name, spec.files[spec.model_file].sha256, f"{median:.3f}"])


if __name__ == "__main__":
    main()
