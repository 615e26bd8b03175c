"""What the Keras student itself answers: what its files are compared with."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dermdistill.data.cache import Prepared
from dermdistill.errors import BundleError
from dermdistill.evaluate.decisions import is_collapsed
from dermdistill.evaluate.scoring import BATCH, rows_of

# Called with the stage's name, its number of images and how many more are done.
OnProgress = Callable[[str, int, int], None]


def keras_logits_of(
    model: Any,
    prepared: Prepared,
    rows: pd.DataFrame,
    on_progress: OnProgress,
    stage: str = "Running Keras",
) -> NDArray[np.float32]:
    """Logits `[n, 7]` of a model that keeps the contract, for the images of `rows`.

    Raises:
        DataError: an image is not in the prepared data.
    """
    positions = rows_of(prepared, rows)
    on_progress(stage, len(rows), 0)
    parts = []
    for start in range(0, len(positions), BATCH):
        batch = np.asarray(prepared.images[positions[start : start + BATCH]])
        parts.append(np.asarray(model.predict_on_batch(batch)["logits"], np.float32))
        on_progress(stage, len(rows), len(batch))
    return np.concatenate(parts)


def refuse_collapsed(logits: NDArray[np.float32]) -> None:
    """Raise if logits `[n, 7]` are those of a student that answers every image alike.

    Raises:
        BundleError: they are.
    """
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    if is_collapsed(powers / powers.sum(axis=1, keepdims=True)):
        raise BundleError(
            "the student answers every validation image alike: it learned nothing beyond the class shares, "
            "so it is not exported; train it again."
        )
