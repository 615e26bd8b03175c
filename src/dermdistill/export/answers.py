"""Answers of the file that ships, given by the engine that will run it."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import softmax

from dermdistill.data.study import Study
from dermdistill.errors import BundleError
from dermdistill.evaluate.scoring import BATCH
from dermdistill.inference import Engine
from dermdistill.metrics.decisions import is_collapsed
from dermdistill.metrics.predictions import prob_columns


@dataclass(frozen=True)
class Scored:
    """Images with a model's outputs: `rows` of splits.csv, logits `[n, classes]`, embeddings `[n, f]`.

    `codes` are those of the classes, in the order of the logits.
    """

    rows: pd.DataFrame
    codes: tuple[str, ...]
    logits: NDArray[np.float32]
    embeddings: NDArray[np.float32]

    def of_split(self, split: str) -> "Scored":
        """Only the rows of one split."""
        chosen = (self.rows["split"] == split).to_numpy()
        return replace(
            self,
            rows=self.rows[chosen].reset_index(drop=True),
            logits=self.logits[chosen],
            embeddings=self.embeddings[chosen],
        )

    def with_answers_of(self, other: "Scored", split: str) -> "Scored":
        """The same rows; those of `split` as another model answers them, which scored them in this order."""
        chosen = (self.rows["split"] == split).to_numpy()
        logits = self.logits.copy()
        logits[chosen] = other.logits
        return replace(self, logits=logits)

    def predictions(self) -> pd.DataFrame:
        """The rows as predictions, uncalibrated."""
        probs = pd.DataFrame(
            softmax(self.logits.astype(np.float64), axis=1), columns=prob_columns(self.codes)
        )
        keys = self.rows[["image_id", "lesion_id", "diagnosis", "split"]].reset_index(drop=True)
        return pd.concat([keys, probs], axis=1)


def score_with_engine(
    engine: Engine,
    study: Study,
    rows: pd.DataFrame,
    *,
    advance: Callable[[int], None] = lambda _: None,
) -> Scored:
    """Run a bundle's model file over cached images, on all the engine's threads."""
    positions = study.positions(rows)

    def outputs(position: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        answer = engine.outputs(study.pixels(np.array([position]))[0])
        advance(1)
        return answer.logits, answer.embedding

    with ThreadPoolExecutor(engine.threads) as workers:
        answers = list(workers.map(outputs, positions))
    logits, embeddings = zip(*answers, strict=True)
    return Scored(rows.reset_index(drop=True), engine.spec.codes, np.stack(logits), np.stack(embeddings))


OnProgress = Callable[[str, int, int], None]


def keras_logits_of(
    model: Any,
    study: Study,
    rows: pd.DataFrame,
    on_progress: OnProgress,
    stage: str = "Running Keras",
) -> NDArray[np.float32]:
    """Logits `[n, classes]` of a model that keeps the contract, for the images of `rows`."""
    positions = study.positions(rows)
    on_progress(stage, len(rows), 0)
    parts = []
    for start in range(0, len(positions), BATCH):
        batch = study.pixels(positions[start : start + BATCH])
        parts.append(np.asarray(model.predict_on_batch(batch)["logits"], np.float32))
        on_progress(stage, len(rows), len(batch))
    return np.concatenate(parts)


def refuse_collapsed(logits: NDArray[np.float32]) -> None:
    """Raise if logits `[n, classes]` are those of a student that answers every image alike.

    Raises:
        BundleError: they are.
    """
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    if is_collapsed(powers / powers.sum(axis=1, keepdims=True)):
        raise BundleError(
            "the student answers every validation image alike: it learned nothing beyond the class shares, "
            "so it is not exported; train it again."
        )
