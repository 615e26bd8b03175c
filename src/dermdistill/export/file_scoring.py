"""Answers of the file that ships, given by the engine that will run it."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import softmax

from dermdistill.data.cache import Prepared
from dermdistill.evaluate.predictions import PROB_COLUMNS
from dermdistill.evaluate.scoring import rows_of
from dermdistill.inference import Engine


@dataclass(frozen=True)
class Scored:
    """Images with a model's outputs: `rows` (a part of splits.csv), logits `[n, 7]`, embeddings `[n, f]`."""

    rows: pd.DataFrame
    logits: NDArray[np.float32]
    embeddings: NDArray[np.float32]

    def of_split(self, split: str) -> "Scored":
        """Only the rows of one split."""
        chosen = (self.rows["split"] == split).to_numpy()
        return Scored(self.rows[chosen].reset_index(drop=True), self.logits[chosen], self.embeddings[chosen])

    def with_answers_of(self, other: "Scored", split: str) -> "Scored":
        """The same rows; those of `split` as another model answers them, which scored them in this order."""
        chosen = (self.rows["split"] == split).to_numpy()
        logits = self.logits.copy()
        logits[chosen] = other.logits
        return replace(self, logits=logits)

    def predictions(self) -> pd.DataFrame:
        """The rows as predictions, uncalibrated."""
        probs = pd.DataFrame(softmax(self.logits.astype(np.float64), axis=1), columns=list(PROB_COLUMNS))
        keys = self.rows[["image_id", "lesion_id", "diagnosis", "split"]].reset_index(drop=True)
        return pd.concat([keys, probs], axis=1)


def score_with_engine(
    engine: Engine,
    prepared: Prepared,
    rows: pd.DataFrame,
    *,
    advance: Callable[[int], None] = lambda _: None,
) -> Scored:
    """Run a bundle's model file over cached images, on all the engine's threads.

    Raises:
        DataError: an image of `rows` is not in the cache.
    """
    positions = rows_of(prepared, rows)

    def outputs(position: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        answer = engine.outputs(np.asarray(prepared.images[position]))
        advance(1)
        return answer.logits, answer.embedding

    with ThreadPoolExecutor(engine.threads) as workers:
        answers = list(workers.map(outputs, positions))
    logits, embeddings = zip(*answers, strict=True)
    return Scored(rows.reset_index(drop=True), np.stack(logits), np.stack(embeddings))
