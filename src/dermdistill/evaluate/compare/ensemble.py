"""An ensemble of predictions files: the mean of the models' probabilities, taken at even class priors.

A model trained on shares pi answers p(c|x) proportional to pi(c) p(x|c). Divided by pi and brought to sum 1
it says q(c|x), what it would answer if all classes were equally frequent. The ensemble's q is the mean of its
models' q. It is written times pi, brought to sum 1: probabilities that follow the data again. So an
ensemble's predictions are read, calibrated and decided upon like any model's, and `argmax_p_over_prior`
decides by the mean q. A plain mean of p would let the frequent classes' certainty outvote a model that sees a
rare one.
"""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dermdistill.classes import ClassTable
from dermdistill.errors import DataError
from dermdistill.evaluate.compare.compare import align
from dermdistill.files import write_atomically
from dermdistill.metrics.decisions import priors_as_vector
from dermdistill.metrics.predictions import codes_of, probs_of, with_probs, write_classes, write_predictions
from dermdistill.runs import CONFIG


def ensemble(frames: Sequence[pd.DataFrame], class_priors: Mapping[str, float]) -> pd.DataFrame:
    """Predictions of the ensemble for the images of `frames`, in the order of the first.

    Args:
        frames: predictions frames of the same images, each in any order.
        class_priors: class shares of the training images, by code.

    Raises:
        DataError: the frames hold different images, or a prior is missing.
    """
    priors = priors_as_vector(class_priors, codes_of(frames[0]))
    return with_probs(frames[0], _normalized(_at_even_priors(frames, priors).mean(axis=0) * priors))


def write_ensemble(
    folder: Path,
    members: Mapping[str, pd.DataFrame],
    class_priors: Mapping[str, float],
    classes: ClassTable,
) -> pd.DataFrame:
    """Write `predictions.csv` of an ensemble, and `ensemble.json` with its members and weights, to `folder`.

    Args:
        folder: made if need be.
        members: predictions frame by the path of its file. All must hold the same images of their common
            splits; rows of other splits are left out. A model that has learned from the val split has no val
            rows.
        class_priors: class shares of the training images, by code.
        classes: the members' class table.

    Raises:
        DataError: the members do not fit together, have no split in common, or one
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
    predictions = ensemble(frames, class_priors)
    facts = {
        "members": list(members),
        "splits": shared,
        "class_priors": dict(class_priors),
    }
    folder.mkdir(parents=True, exist_ok=True)
    write_predictions(predictions, folder / "predictions.csv")
    write_classes(folder / "predictions.csv", classes)
    write_atomically(folder / "ensemble.json", (json.dumps(facts, indent=1) + "\n").encode())
    return predictions


def _at_even_priors(frames: Sequence[pd.DataFrame], priors: NDArray[np.float64]) -> NDArray[np.float64]:
    """The q of each frame's images, `[frames, images, classes]`, in the order of the first frame."""
    even = np.where(priors > 0, priors, np.inf)  # nobody has learned of a class without training images
    return np.stack([_normalized(probs_of(align(frames[0], frame)) / even) for frame in frames])


def _normalized(values: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(values / values.sum(axis=-1, keepdims=True))
