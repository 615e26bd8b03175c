"""An ensemble of predictions files: the mean of the models' probabilities, taken at even class priors.

A model trained on shares pi answers p(c|x) proportional to pi(c) p(x|c). Divided by pi and brought to sum 1
it says q(c|x), what it would answer if all classes were equally frequent. The ensemble's q is the weighted
mean of its models' q; times pi and brought to sum 1 it is written as probabilities that follow the data
again, so that an ensemble's predictions are read, calibrated and decided upon like any model's, and
`argmax_p_over_prior` decides by the mean q. A plain mean of p would let the frequent classes' certainty
outvote a model that sees a rare one.
"""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dermdistill.data.files import write_atomically
from dermdistill.errors import DataError
from dermdistill.evaluate.compare import align
from dermdistill.evaluate.decisions import priors_as_vector
from dermdistill.evaluate.predictions import labels_of, probs_of, select_split, with_probs, write_predictions
from dermdistill.evaluate.report import FIT_SPLIT
from dermdistill.run_files import CONFIG

_LEAST = float(np.finfo(np.float32).tiny)


def ensemble(
    frames: Sequence[pd.DataFrame],
    class_priors: Mapping[str, float],
    weights: Sequence[float] | NDArray[np.float64] | None = None,
) -> pd.DataFrame:
    """Predictions of the ensemble for the images of `frames`, in the order of the first.

    Args:
        frames: predictions frames of the same images, each in any order.
        class_priors: class shares of the training images, by code.
        weights: one a frame, 0 or more; evenly without.

    Raises:
        DataError: the frames hold different images, or weights or priors do not fit.
    """
    shares = np.ones(len(frames)) if weights is None else np.asarray(weights, np.float64)
    if len(shares) != len(frames) or not (shares >= 0).all() or not shares.sum() > 0:
        raise DataError(f"an ensemble of {len(frames)} takes as many weights, 0 or more and not all 0.")
    priors = priors_as_vector(class_priors)
    at_even_priors = np.tensordot(shares / shares.sum(), _at_even_priors(frames, priors), axes=1)
    return with_probs(frames[0], _normalized(at_even_priors * priors))


def fit_weights(frames: Sequence[pd.DataFrame], class_priors: Mapping[str, float]) -> NDArray[np.float64]:
    """Weights `[frames]`, summing to 1, under which the ensemble makes the frames' labels likeliest.

    Maximises the mean over classes of the mean log q(label) of each class's images, so that rare classes
    count as much as frequent ones. The problem is concave; expectation maximisation for mixture weights
    (Dempster, Laird, Rubin 1977) climbs to its one top. Fit on validation, report on test.

    Raises:
        DataError: the frames hold different images, or a prior is missing.
    """
    labels = labels_of(frames[0])
    at_even_priors = _at_even_priors(frames, priors_as_vector(class_priors))
    of_label = np.maximum(at_even_priors[:, np.arange(len(labels)), labels], _LEAST)
    counts = np.bincount(labels)[labels]
    importance = (1 / counts) / (1 / counts).sum()
    weights = np.full(len(frames), 1 / len(frames))
    for _ in range(10_000):
        credit = weights[:, None] * of_label
        updated = (credit / credit.sum(axis=0)) @ importance
        if np.abs(updated - weights).max() < 1e-9:
            break
        weights = updated
    return np.asarray(weights / weights.sum())


def write_ensemble(
    folder: Path, members: Mapping[str, pd.DataFrame], class_priors: Mapping[str, float], *, fit: bool
) -> pd.DataFrame:
    """Write `predictions.csv` of an ensemble, and `ensemble.json` with its members and weights, to `folder`.

    Args:
        folder: made if need be.
        members: predictions frame by the path of its file, of the same images of every split that all
            of them hold; rows of other splits are left out. A model that has learned from the val part has
            no val rows.
        class_priors: class shares of the training images, by code.
        fit: fit the weights on the val rows; otherwise they are even.

    Raises:
        DataError: the members do not fit together, have no split or no val rows to fit on in common, or one
            of them, or a run, has its own predictions in `folder`.
    """
    taken = [name for name in members if Path(name).resolve() == (folder / "predictions.csv").resolve()]
    if taken or (folder / CONFIG).exists():
        raise DataError(
            f"{folder} holds another model's predictions.csv; give the ensemble a folder of its own."
        )
    shared = sorted(set.intersection(*(set(frame["split"]) for frame in members.values())))
    if not shared:
        raise DataError("the models of this ensemble have no split in common; score them on the same one.")
    frames = [frame[frame["split"].isin(shared)].reset_index(drop=True) for frame in members.values()]
    weights = np.full(len(frames), 1 / len(frames))
    if fit:
        weights = fit_weights([select_split(frame, FIT_SPLIT) for frame in frames], class_priors)
    predictions = ensemble(frames, class_priors, weights)
    facts = {
        "members": dict(zip(members, np.round(weights, 6).tolist(), strict=True)),
        "weights": f"fitted on {FIT_SPLIT}" if fit else "even",
        "splits": shared,
        "class_priors": dict(class_priors),
    }
    folder.mkdir(parents=True, exist_ok=True)
    write_predictions(predictions, folder / "predictions.csv")
    write_atomically(folder / "ensemble.json", (json.dumps(facts, indent=1) + "\n").encode())
    return predictions


def _at_even_priors(frames: Sequence[pd.DataFrame], priors: NDArray[np.float64]) -> NDArray[np.float64]:
    """The q of each frame's images, `[frames, images, classes]`, in the order of the first frame."""
    return np.stack([_normalized(probs_of(align(frames[0], frame)) / priors) for frame in frames])


def _normalized(values: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(values / values.sum(axis=-1, keepdims=True))
