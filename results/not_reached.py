"""Which aims the shipped student and the best average reach on HAM10000: a table of docs/results.md."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from dermdistill.bundle import load_bundle_spec
from dermdistill.metrics.calibration import apply_temperature
from dermdistill.metrics.decisions import decide, priors_as_vector
from dermdistill.metrics.predictions import codes_of, labels_of, probs_of, read_predictions
from dermdistill.metrics.scores import decision_metrics
from figures import BUNDLE, RESULTS, SHIPPED, SPLIT, SPLITS

AIMS = {
    "accuracy": 0.85,
    "balanced_accuracy": 0.78,
    "macro_f1": 0.75,
    "macro_auc": 0.95,
    "melanoma_auc": 0.91,
}
BEST = "teachers/ensemble_of_six"
HEADER = ("aimed for", "the student, as it decides", "the student, argmax class", "the average of six")


def rows(measured: Mapping[str, Any]) -> list[tuple[str, ...]]:
    """A row for each aim: its name, the aim, and the three values; what reaches it is bold.

    Args:
        measured: figures.json, which has the average's values, half prior-corrected.
    """
    best = measured[BEST]["probabilities"] | measured[BEST]["argmax_p_over_root_prior"]
    as_it_decides, argmax = student()
    return [
        (name, f"{aim:.2f}", *(_told(it, aim) for it in (as_it_decides[name], argmax[name], best[name][0])))
        for name, aim in AIMS.items()
    ]


def student() -> tuple[dict[str, float], dict[str, float]]:
    """The shipped student's figures on the test split of HAM10000, as it decides and by the argmax class.

    Means over classes leave out squamous cell carcinoma, of which HAM10000 has no image. AUCs are the
    board's, of probabilities that are calibrated by kind of picture.
    """
    spec = load_bundle_spec(BUNDLE)
    frame = read_predictions(next((RESULTS / SHIPPED).glob("predictions.csv*")), split=SPLIT)
    ours = frame["image_id"].isin(pd.read_csv(SPLITS).query("split == @SPLIT")["image_id"])
    frame = frame[ours].reset_index(drop=True)
    labels, codes = labels_of(frame), codes_of(frame)
    probs = apply_temperature(probs_of(frame), spec.temperature)
    priors = priors_as_vector(spec.class_priors, codes)
    told = []
    for rule in (spec.decision, "argmax_p"):
        decided = decision_metrics(labels, decide(probs, rule, priors), codes)
        told.append(_aucs() | {name: float(value[0]) for name, value in decided.items()})
    return told[0], told[1]


def _aucs() -> dict[str, float]:
    board = pd.read_csv(RESULTS / "shipped" / "board.csv", keep_default_na=False)
    asked = board.query("source == 'ham10000' and attribute == 'all'").set_index("figure")["value"]
    return {name: float(asked[name]) for name in ("macro_auc", "melanoma_auc")}


def _told(value: float, aim: float) -> str:
    return f"**{value:.3f}**" if value >= aim else f"{value:.3f}"
