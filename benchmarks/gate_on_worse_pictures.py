r"""How many pictures of lesions a bundle's gate refuses when they are worse, or from another camera.

    python benchmarks/gate_on_worse_pictures.py BUNDLE... --data runs/data/ham10000 \
        --splits results/splits.csv

Every fifth validation image, spoilt in each of these ways. What the gate refuses of what is no lesion is in
bundle.json; the two are to be read together, for a gate that refuses more of one refuses more of the other.
"""

import argparse
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pandas as pd

from dermdistill.data.cache import load_prepared
from dermdistill.data.splits import read_splits
from dermdistill.evaluate.scoring import rows_of
from dermdistill.export import worse_pictures as spoil
from dermdistill.inference import load_bundle
from dermdistill.inference.out_of_distribution import Gate

_EVERY = 5
WAYS: dict[str, Callable[[spoil.Image], spoil.Image]] = {
    "as it is": lambda image: image,
    "warm": lambda image: spoil.tinted(image, 1.1, 0.85),
    "cold": lambda image: spoil.tinted(image, 0.88, 1.12),
    "dark": lambda image: spoil.exposed(image, 1.5),
    "bright": lambda image: spoil.exposed(image, 0.7),
    "zoom 1.7": lambda image: spoil.zoomed(image, 0.6),
    "zoom 2.5": lambda image: spoil.zoomed(image, 0.4),
    "blur 2 px": lambda image: spoil.blurred(image, 2),
    "shaken 9 px": lambda image: np.asarray(cv2.blur(image, (9, 1)), np.uint8),
    "noise 10": lambda image: spoil.noisy(image, 10, np.random.default_rng(0)),
    "JPEG 20": lambda image: spoil.compressed(image, 20),
    "black ring": lambda image: spoil.ringed(image, 0.5),
    "black bars": lambda image: spoil.barred(image, 0.1),
}


def main() -> None:
    """Print the refused shares as a table, a column a bundle."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("bundles", type=Path, nargs="+")
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--splits", type=Path, required=True)
    options = parser.parse_args()
    prepared, splits = load_prepared(options.data), read_splits(options.splits)
    rows = splits[splits["split"] == "val"].reset_index(drop=True)[::_EVERY]
    images = [np.asarray(prepared.images[position]) for position in rows_of(prepared, rows)]
    table = pd.DataFrame(index=list(WAYS))
    for folder in options.bundles:
        engine = load_bundle(folder)
        gate = Gate.load(folder, engine.spec)
        if gate is None:
            raise SystemExit(f"{folder} has no gate; give a bundle that has one.")
        table[f"{folder} ({engine.spec.version})"] = [
            np.mean([gate.verdict(engine.outputs(way(image))).refused for image in images])
            for way in WAYS.values()
        ]
    print(f"refused, of {len(images)} validation images")
    print(table.round(3).to_string())


if __name__ == "__main__":
    main()
