"""The score of the ISIC challenges, by their organisers' own code (`isic-challenge-scoring`, Apache-2.0)."""

from collections.abc import Iterable, Mapping
from importlib import import_module
from types import ModuleType

import numpy as np
import pandas as pd

from dermdistill.errors import DataError
from dermdistill.evaluate.external.answers import Answers
from dermdistill.metrics.predictions import codes_of, labels_of, probs_of


def official_frame(answers: Iterable[Answers]) -> pd.DataFrame:
    """The official score of each model on each source, of the kinds that it knows; see `official_score`."""
    rows = [
        {"model": one.model, "source": one.source, **official_score(one.known())}
        for one in answers
        if (one.frame["kind"] != "").any()
    ]
    return pd.DataFrame(rows)


def official_score(predictions: pd.DataFrame) -> dict[str, float]:
    """Score predictions as a submission of their probabilities would be scored, each image counting once.

    The class of the highest probability is the answer, whatever a bundle decides by; a tie counts as wrong.
    Means run over the classes that the images are of.

    Args:
        predictions: a predictions frame.

    Returns:
        images; balanced_accuracy, the goal of ISIC 2018 and 2019; macro_auc; macro_average_precision; and
        macro_auc_above_80_sensitivity, the area under the ROC curve where it is at least .8.

    Raises:
        DataError: the package is not installed.
    """
    metrics = _package()
    codes, labels = codes_of(predictions), labels_of(predictions)
    index = pd.Index(predictions["image_id"])
    truth = pd.DataFrame(np.eye(len(codes))[labels], index, list(codes))
    given = pd.DataFrame(probs_of(predictions), index, list(codes))
    weights = pd.Series(1.0, index)
    there = [code for code in codes if 0 < truth[code].sum() < len(truth)]
    means: Mapping[str, list[float]] = {
        "macro_auc": [metrics.auc(truth[code], given[code], weights) for code in there],
        "macro_average_precision": [
            metrics.average_precision(truth[code], given[code], weights) for code in there
        ],
        "macro_auc_above_80_sensitivity": [
            metrics.auc_above_sensitivity(truth[code], given[code], weights, 0.8) for code in there
        ],
    }
    return {
        "images": len(predictions),
        "balanced_accuracy": float(metrics.balanced_multiclass_accuracy(truth, given, weights)),
        **{name: float(np.mean(values)) if values else float("nan") for name, values in means.items()},
    }


def _package() -> ModuleType:
    try:
        return import_module("isic_challenge_scoring.metrics")
    except ModuleNotFoundError as error:
        raise DataError(
            "--official needs isic-challenge-scoring; pip install 'dermdistill[official]'."
        ) from error
