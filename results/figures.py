"""Measure every predictions file below results/. `make results` writes results/figures.json.

A file that has not changed since is not measured again: figures.json names the SHA-256 of its rows.
"""

import hashlib
import json
import lzma
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from dermdistill.bundle import load_bundle_spec
from dermdistill.classes import ClassTable, load_classes
from dermdistill.data.splits import read_splits
from dermdistill.evaluate.report.analyse import analyse
from dermdistill.metrics.bootstrap import Estimate
from dermdistill.metrics.decisions import DECISION_RULES, decide, priors_as_vector
from dermdistill.metrics.predictions import codes_of, labels_of, probs_of, read_predictions
from dermdistill.metrics.priors import training_priors
from dermdistill.metrics.scores import decision_metrics, probability_metrics

ROOT = Path(__file__).parents[1]
RESULTS = ROOT / "results"
FIGURES = RESULTS / "figures.json"
SPLITS = RESULTS / "splits.csv"
SPLIT = "test"
# The student that ships, its classes and the class shares of its training: all else is of HAM10000 alone.
SHIPPED = "shipped/mobilenet_v2"
BUNDLE = ROOT / "src" / "dermdistill" / "bundles" / "mobilenet_v2"
DECISION = ("accuracy", "balanced_accuracy", "macro_f1")
PROBABILITY = ("macro_auc", "melanoma_auc", "ece")


def predictions_files() -> dict[str, Path]:
    """The predictions of each result, by its folder; the seeds of an experiment have a comparison instead."""
    return {
        path.parent.relative_to(RESULTS).as_posix(): path
        for path in sorted(RESULTS.glob("*/*/predictions.csv*"))
    }


def rows_sha256(path: Path) -> str:
    """SHA-256 of the rows of a predictions file, compressed or not."""
    data = path.read_bytes()
    return hashlib.sha256(lzma.decompress(data) if path.suffix == ".xz" else data).hexdigest()


def classes_and_priors(path: Path) -> tuple[ClassTable, Mapping[str, float]]:
    """The classes that a predictions file is about, and the class shares of the training behind it."""
    if path.parent == RESULTS / SHIPPED:
        spec = load_bundle_spec(BUNDLE)
        return spec.table, spec.class_priors
    classes = load_classes("ham10000")
    return classes, training_priors(read_splits(SPLITS), classes.codes)


def point_values(path: Path) -> dict[str, float]:
    """The figures of one file without intervals, by the names that `flat` gives them: quick to check."""
    classes, shares = classes_and_priors(path)
    frame = read_predictions(path, split=SPLIT)
    labels, probs, codes = labels_of(frame), probs_of(frame), codes_of(frame)
    priors = priors_as_vector(shares, codes)
    found = {"probabilities": probability_metrics(labels, probs, codes, melanoma=classes.melanoma)}
    found |= {rule: decision_metrics(labels, decide(probs, rule, priors), codes) for rule in DECISION_RULES}
    return {
        f"{part}.{name}": float(found[part][name][0])
        for part in found
        for name in (PROBABILITY if part == "probabilities" else DECISION)
    }


def flat(measured: Mapping[str, Any]) -> dict[str, float]:
    """The values of one result's figures, uncalibrated, as `point_values` names them."""
    return {
        f"{part}.{name}": figure[0]
        for part in ("probabilities", *DECISION_RULES)
        for name, figure in measured[part].items()
    }


def measure(path: Path) -> dict[str, Any]:
    """Figures on test with 95 % intervals over lesions: `[value, low, high]` by rule and name."""
    classes, priors = classes_and_priors(path)
    predictions = read_predictions(path)
    report = analyse(
        predictions, classes, split=SPLIT, class_priors=dict(priors), class_priors_from="the train split"
    )
    measured: dict[str, Any] = {
        "sha256": rows_sha256(path),
        "images": report.n_images,
        "lesions": report.n_lesions,
        "probabilities": _chosen(report.probabilities, PROBABILITY),
        **{rule: _chosen(report.decisions[rule], DECISION) for rule in DECISION_RULES},
    }
    if report.calibrated is not None:
        measured["calibrated"] = {
            "temperature": round(report.calibrated.temperature, 4),
            **_chosen(report.calibrated.decision, DECISION),
            **_chosen(report.calibrated.probabilities, PROBABILITY),
        }
    return measured


def _chosen(estimates: Mapping[str, Estimate], names: tuple[str, ...]) -> dict[str, list[float]]:
    chosen = {name: estimates[name] for name in names}
    return {name: [round(x, 6) for x in (it.value, it.low, it.high)] for name, it in chosen.items()}


def main() -> None:
    """Measure what is new or has changed, and write figures.json."""
    earlier = json.loads(FIGURES.read_text("utf-8")) if FIGURES.exists() else {}
    figures = {}
    for name, path in predictions_files().items():
        known = earlier.get(name)
        if known is None or known["sha256"] != rows_sha256(path):
            print(f"measuring {name}", flush=True)
            known = measure(path)
            _write(earlier | figures | {name: known})  # so that it goes on where it was stopped
        figures[name] = known
    _write(figures)


def _write(figures: Mapping[str, Any]) -> None:
    lines = [f"{json.dumps(name)}: {json.dumps(found)}" for name, found in sorted(figures.items())]
    FIGURES.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
