r"""How a bundle answers degraded images of lesions, or images of another camera, or turned ones.

    python benchmarks/degraded_images.py BUNDLE... --data runs/data/ham10000 --splits results/splits.csv

Every validation image (with --split test: every test image) is degraded in each of these ways. Shown are how
often the bundle's decision is right, how often it stays that of the clean image ("kept"), how well it ranks,
and what share the out-of-distribution detector refuses. Read that share beside the share of non-lesions that
it refuses, in bundle.json: a detector that refuses more of one refuses more of the other.
"""

import argparse
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import softmax

from dermdistill.data.study import open_study
from dermdistill.data.views import degrade
from dermdistill.data.views.render import saved_as_jpeg
from dermdistill.inference import Engine, load_bundle
from dermdistill.inference.out_of_distribution import OutOfDistributionDetector
from dermdistill.metrics.decisions import decide, priors_as_vector
from dermdistill.metrics.predictions import labels_of
from dermdistill.metrics.scores import decision_metrics, probability_metrics

WAYS: dict[str, Callable[[degrade.Image], degrade.Image]] = {
    "as it is": lambda image: image,
    "turned": lambda image: np.ascontiguousarray(np.rot90(image)),
    "upside down": lambda image: np.ascontiguousarray(np.rot90(image, 2)),
    "mirrored": lambda image: np.ascontiguousarray(image[:, ::-1]),
    "warm": lambda image: degrade.tinted(image, 1.1, 0.85),
    "cold": lambda image: degrade.tinted(image, 0.88, 1.12),
    "dark": lambda image: degrade.exposed(image, 1.5),
    "bright": lambda image: degrade.exposed(image, 0.7),
    "zoom 1.7": lambda image: degrade.zoomed(image, 0.6),
    "zoom 2.5": lambda image: degrade.zoomed(image, 0.4),
    "blur 2 px": lambda image: degrade.blurred(image, 2),
    "shaken 9 px": lambda image: degrade.shaken(image, 9, 0),
    "noise 10": lambda image: degrade.noisy(image, 10, np.random.default_rng(0)),
    "JPEG 20": lambda image: saved_as_jpeg(image, 20),
    "black ring": lambda image: degrade.ringed(image, 0.5),
    "black bars": lambda image: degrade.barred(image, 0.1),
}


def answers(
    engine: Engine, detector: OutOfDistributionDetector, images: Iterable[degrade.Image]
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Probabilities `[n, 7]`, and which images the detector refuses `[n]`."""
    with ThreadPoolExecutor(engine.threads) as workers:
        outputs = list(workers.map(engine.outputs, images))
    logits = np.stack([output.logits for output in outputs]).astype(np.float64)
    refused = np.array([detector.verdict(output).refused for output in outputs])
    return softmax(logits / engine.spec.temperature, axis=1), refused


def main() -> None:
    """Print a table for each bundle, a row a way of degrading."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("bundles", type=Path, nargs="+")
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--splits", type=Path, required=True)
    parser.add_argument("--split", choices=("val", "test"), default="val")
    options = parser.parse_args()
    study = open_study(options.data, options.splits)
    rows = study.rows(options.split)
    images = study.images(rows)
    labels = labels_of(rows)
    for folder in options.bundles:
        engine = load_bundle(folder)
        if options.split == "val" and engine.spec.training.calibrated_by:
            raise SystemExit(f"{folder} has learned from the val split; measure it with --split test.")
        detector = OutOfDistributionDetector.load(engine.bundle)
        if detector is None:
            raise SystemExit(f"{folder} has no out-of-distribution detector; give one that has.")
        table = {}
        as_it_is = None
        for name, way in WAYS.items():
            probs, refused = answers(engine, detector, map(way, images))
            decided = decide(probs, engine.spec.decision, priors_as_vector(engine.spec.class_priors))
            as_it_is = decided if as_it_is is None else as_it_is
            figures = decision_metrics(labels, decided) | probability_metrics(labels, probs)
            shown = ("accuracy", "balanced_accuracy", "macro_auc", "melanoma_auc", "sensitivity_mel", "ece")
            table[name] = {figure: figures[figure] for figure in shown}
            table[name] |= {"refused": refused.mean(), "kept": np.mean(decided == as_it_is)}
        print(f"{folder} ({engine.spec.version}), {len(images)} {options.split} images")
        print(pd.DataFrame(table).T.round(3).to_string(), flush=True)


if __name__ == "__main__":
    main()
