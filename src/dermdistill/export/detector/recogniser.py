"""Fit what tells dermoscopic from clinical pictures: a logistic regression on the embedding.

The embedding is the frozen student's, so that a bundle needs one vector more and no second network. Each kind
weighs alike, and in it each source (docs/decisions/0022-kind-of-picture.md).
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

KINDS = ("dermoscopic", "clinical")
FILE = "picture_weights.f32"
# Strength of the penalty on the weights of standardised features. Ten times less and more are in decision 22.
_PENALTY = 100.0


@dataclass(frozen=True)
class Recogniser:
    """`1 / (1 + exp(-(embedding @ weights + bias)))` is the probability that a picture is dermoscopic."""

    weights: NDArray[np.float32]
    bias: float

    def dermoscopic(self, embeddings: NDArray[np.floating]) -> NDArray[np.float64]:
        """The probability `[n]` for embeddings `[n, f]`."""
        z = embeddings.astype(np.float64) @ self.weights.astype(np.float64) + self.bias
        return np.asarray(0.5 * (1 + np.tanh(z / 2)), np.float64)  # the logistic function, without overflow

    def kinds(self, embeddings: NDArray[np.floating], sure_from: float) -> NDArray[np.object_]:
        """The kind `[n]` whose own numbers hold for embeddings `[n, f]`; None where it is not sure enough."""
        p = self.dermoscopic(embeddings)
        unsure = np.where(1 - p >= sure_from, np.array("clinical", object), np.array(None, object))
        return np.asarray(np.where(p >= sure_from, np.array("dermoscopic", object), unsure), object)


def fit_recogniser(embeddings: NDArray[np.floating], pictures: pd.DataFrame) -> Recogniser | None:
    """Fit on train embeddings `[n, f]`; None where their pictures are not of both kinds.

    Args:
        embeddings: of the file that ships.
        pictures: `picture` and `source` of each, n rows.
    """
    of_kind = pictures["picture"].to_numpy()
    known = np.isin(of_kind, KINDS)
    if len(set(of_kind[known])) < len(KINDS):
        return None
    given, rows = embeddings[known].astype(np.float64), pictures[known]
    mean, spread = given.mean(axis=0), np.maximum(given.std(axis=0), 1e-6)
    of_source = rows.groupby(["picture", "source"])["source"].transform("size").to_numpy(np.float64)
    sources = rows.groupby("picture")["source"].transform("nunique").to_numpy(np.float64)
    weights = len(rows) / (len(KINDS) * sources * of_source)
    fitted = LogisticRegression(C=1 / _PENALTY, max_iter=1000).fit(
        (given - mean) / spread, of_kind[known] == "dermoscopic", sample_weight=weights
    )
    vector = fitted.coef_[0] / spread
    return Recogniser(np.asarray(vector, np.float32), float(fitted.intercept_[0] - mean @ vector))
