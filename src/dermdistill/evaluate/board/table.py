"""The board: every figure of every model on every source and its parts, a row a figure."""

from collections.abc import Iterable

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dermdistill.evaluate.board.slices import WHOLE, slices_of
from dermdistill.evaluate.external.answers import Answers
from dermdistill.metrics import scores
from dermdistill.metrics.bootstrap import (
    RESAMPLES,
    SEED,
    Estimate,
    estimates,
    groups_in,
    lesion_weights,
    over_lesions,
)
from dermdistill.metrics.predictions import labels_in, prob_columns
from dermdistill.metrics.referral import threshold_metrics, told_metrics
from dermdistill.metrics.thresholds import Target, positives
from dermdistill.metrics.thresholds import scores as target_scores

# Fewer groups than this give an interval that says nothing.
LEAST_GROUPS = 30
FIGURES = {
    "balanced_accuracy": "balanced accuracy",
    "macro_auc": "macro-AUC",
    "melanoma_auc": "melanoma AUC",
    "malignant_auc": "malignant AUC",
    "melanoma_sensitivity": "melanoma sensitivity",
    "melanoma_specificity": "melanoma specificity",
    "malignant_sensitivity": "malignant sensitivity",
    "malignant_specificity": "malignant specificity",
    "ece": "ECE",
    "refused": "refused",
    "picture_recognised": "kind of picture recognised",
    "false_reassurance": "false reassurance",
    "melanoma_false_reassurance": "false reassurance, melanoma",
    "number_needed_to_biopsy": "number needed to biopsy",
}
"""What is measured, and what it is called."""
KEYS = (
    "model",
    "source",
    "attribute",
    "slice",
    "images",
    "groups",
    "melanomas",
    "malignant",
    "unknown_kinds",
)
COLUMNS = (*KEYS, "figure", "value", "low", "high", "why_not")


def board_frame(answers: Iterable[Answers], *, resamples: int = RESAMPLES, seed: int = SEED) -> pd.DataFrame:
    """`COLUMNS`, a row for each model, source, part of the source and figure.

    `groups` are patients, else lesions; `melanomas` and `malignant` (with precursors) count images.
    `why_not` says why there is no value: `too few` stands where there are fewer than `LEAST_GROUPS` groups.
        `not given` stands where the model has no thresholds, detector or assessment. `not defined` stands
        where the images lack what the figure is about.
    """
    rows = []
    for one in answers:
        for attribute, name, chosen in slices_of(one.frame):
            part = one.frame[chosen].reset_index(drop=True)
            groups = int(part["group_id"].nunique())
            counts = {
                "model": one.model,
                "source": one.source,
                "attribute": attribute,
                "slice": name,
                "images": len(part),
                "groups": groups,
                "melanomas": int(part["melanoma"].sum()),
                "malignant": int(part["malignant"].sum()),
                "unknown_kinds": int((part["kind"] == "").sum()),
            }
            enough = groups >= LEAST_GROUPS
            found = figures_of(one, part, resamples=resamples, seed=seed) if enough else {}
            for figure in FIGURES:
                estimate = found.get(figure)
                why_not = "" if estimate and not np.isnan(estimate.value) else "not defined"
                if estimate is None:
                    why_not = "not given" if enough else "too few"
                value = estimate or Estimate(np.nan, np.nan, np.nan)
                rows.append(
                    counts
                    | {"figure": figure, "value": value.value, "low": value.low, "high": value.high}
                    | {"why_not": why_not}
                )
    return pd.DataFrame(rows, columns=list(COLUMNS))


def figures_of(
    answers: Answers, part: pd.DataFrame, *, resamples: int = RESAMPLES, seed: int = SEED
) -> dict[str, Estimate]:
    """The `FIGURES` that a model's answers about some images give, with 95 % intervals over groups.

    Balanced accuracy, macro-AUC and ECE are of the kinds that the model knows. What is about a person's
    danger is of all images: a cancer of a kind that it does not know is missed like any other.

    Args:
        answers: whose classes and thresholds count.
        part: rows of its frame, numbered from 0.
        resamples: bootstrap resamples.
        seed: of the resampling.
    """
    codes = answers.classes.codes
    weights = lesion_weights(part["group_id"], resamples=resamples, seed=seed)
    known = (part["kind"] != "").to_numpy()
    of_known = part[known]
    labels = labels_in(codes, of_known["kind"])
    decided = labels_in(codes, of_known["decided"])
    probs = part[prob_columns(codes)].to_numpy(np.float64)

    def compute(rows: NDArray[np.float64]) -> scores.Values:
        values = _danger(answers, part, probs, rows)
        if known.any():
            kinds = scores.probability_metrics(labels, probs[known], codes, rows[:, known])
            decisions = scores.decision_metrics(labels, decided, codes, rows[:, known])
            values["balanced_accuracy"] = decisions["balanced_accuracy"]
            values |= {name: kinds[name] for name in ("macro_auc", "ece")}
        return values

    return estimates(*over_lesions(compute, weights), shares_of=_shares_of(part))


def _shares_of(part: pd.DataFrame) -> dict[str, int]:
    """How many groups each figure is a share of that is one."""
    melanoma, malignant = (part[name].to_numpy(np.bool_) for name in ("melanoma", "malignant"))
    parts = {
        "melanoma_sensitivity": melanoma,
        "melanoma_specificity": ~melanoma,
        "malignant_sensitivity": malignant,
        "malignant_specificity": ~malignant,
        "refused": np.ones(len(part), np.bool_),
        "false_reassurance": malignant,
        "melanoma_false_reassurance": melanoma,
    }
    return dict(zip(parts, groups_in(part["group_id"], *parts.values()), strict=True))


def _danger(
    answers: Answers, part: pd.DataFrame, probs: NDArray[np.float64], rows: NDArray[np.float64]
) -> scores.Values:
    truth: dict[Target, NDArray[np.bool_]] = {
        "melanoma": part["melanoma"].to_numpy(np.bool_),
        "malignant": part["malignant"].to_numpy(np.bool_),
    }
    values: scores.Values = {}
    for target, columns in positives(answers.classes, answers.classes.codes).items():
        score, positive = target_scores(probs, columns), truth[target]
        values[f"{target}_auc"] = scores.auc(positive, score, rows)
        threshold = None if answers.thresholds is None else getattr(answers.thresholds, target)
        if threshold is not None:
            above = f"above_{target}"  # thresholds may be of the kind of picture
            if above in part:
                score, threshold = part[above].to_numpy(np.float64), 0.5
            measured = threshold_metrics(positive, score, threshold, rows)
            values |= {f"{target}_{name}": value for name, value in measured.items()}
    if "refused" in part and part["refused"].notna().all():
        everybody = np.ones(len(part), np.bool_)
        values["refused"] = scores.share(part["refused"].to_numpy(np.bool_), everybody, rows)
    if (
        "seen_as" in part
        and (part["seen_as"].notna() & part["seen_as"].ne("") & part["picture"].ne("")).all()
    ):
        everybody = np.ones(len(part), np.bool_)
        right = (part["seen_as"] == part["picture"]).to_numpy(np.bool_)
        values["picture_recognised"] = scores.share(right, everybody, rows)
    if "told" in part:
        values |= told_metrics(part["told"].to_numpy(), truth["malignant"], truth["melanoma"], rows)
    return values


def unknown_kinds(answers: Iterable[Answers]) -> pd.DataFrame:
    """Kinds of lesion that a model does not know: a row for each model, source and kind.

    Columns: model, source, kind (the source's code), name, malignant (`yes` also for precursors), images,
    groups; then the shares of images assessed as `see_doctor` (referred) and as `no_sign`, NaN without
    assessments.
    """
    rows = []
    for one in answers:
        for kind, part in one.unknown().groupby("diagnosis", sort=True):
            told = part.get("told")
            rows.append(
                {
                    "model": one.model,
                    "source": one.source,
                    "kind": kind,
                    "malignant": "yes" if part["malignant"].all() else "no",
                    "images": len(part),
                    "groups": part["group_id"].nunique(),
                    "referred": np.nan if told is None else float((told == "see_doctor").mean()),
                    "no_sign": np.nan if told is None else float((told == "no_sign").mean()),
                }
            )
    columns = ["model", "source", "kind", "malignant", "images", "groups", "referred", "no_sign"]
    return pd.DataFrame(rows, columns=columns)


def main_rows(board: pd.DataFrame) -> pd.DataFrame:
    """Each source as a whole and by kind of picture: what is compared first."""
    return board[board["attribute"].isin([WHOLE, "picture"])]
