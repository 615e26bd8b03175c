"""Keep the float weights of a run: `python results/weights.py RUN FILE.npz`.

Those of the shipped student are of its training:

    python results/weights.py runs/four_sources_labels results/shipped/mobilenet_v2.float16.weights.npz
"""

import sys
from pathlib import Path

from dermdistill.export.weights import write_weights
from dermdistill.models import load_run_model
from dermdistill.runs import read_run

if __name__ == "__main__":
    run_dir, path = map(Path, sys.argv[1:])
    write_weights(path, read_run(run_dir), load_run_model(run_dir))
    print(f"{path}: {path.stat().st_size / 1e6:.2f} MB")
