"""The out-of-distribution detector: how much of an embedding lies outside the space that lesions fill.

The leading principal components of train embeddings span that space, each class of each source and kind of
picture weighing alike, so that it is not the space of moles, or of one clinic, alone. The distance is the
squared length of what they leave of an embedding (the residual of Wang et al. 2022, arXiv:2203.10807), or
that divided by the embedding's length, see `forms`. The threshold is set on val so that with 90 % confidence
at most `MAX_REFUSED` of new lesions have a refused image. It is fitted on lesions alone, a few of them
degraded (decisions 7, 11, 13, 14, 23 in docs/decisions).
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.metrics import roc_auc_score

from dermdistill.bundle import ArrayFile, OutOfDistribution
from dermdistill.errors import DataError
from dermdistill.metrics.thresholds import cautious_threshold

Distance = Literal["residual_per_length", "residual"]
MAX_REFUSED = 0.03
DIMS = 192
_FILES = {"mean": "detector_mean.f32", "basis": "detector_basis.f32"}


@dataclass(frozen=True)
class Detector:
    """Distance `|x|^2 - |x @ basis|^2`, `x = embedding - mean`, basis `[f, d]`; per length divided by `|x|`.

    What is far is refused. `confidence` is how sure `MAX_REFUSED` is to hold for new lesions.
    """

    mean: NDArray[np.float32]
    basis: NDArray[np.float32]
    distance_threshold: float = np.inf
    confidence: float = 0.0
    distance: Distance = "residual_per_length"

    def of_form(self, distance: Distance, dims: int) -> "Detector":
        """The same space with its first `dims` components, and another distance; without a threshold."""
        return Detector(self.mean, np.ascontiguousarray(self.basis[:, :dims]), distance=distance)

    def distances(self, embeddings: NDArray[np.floating]) -> NDArray[np.float64]:
        """Distance `[n]` of embeddings `[n, f]` to the space of lesions, 0 or more."""
        centred = embeddings.astype(np.float64) - self.mean
        squared = np.square(centred).sum(axis=1)
        left = np.maximum(squared - np.square(centred @ self.basis).sum(axis=1), 0)
        if self.distance == "residual":
            return np.asarray(left, np.float64)
        return np.asarray(left / np.sqrt(np.where(squared > 0, squared, 1)), np.float64)

    def refused(self, embeddings: NDArray[np.floating]) -> NDArray[np.bool_]:
        """Which images `[n]` the detector refuses."""
        return np.asarray(self.distances(embeddings) > self.distance_threshold, np.bool_)


def fit_space(embeddings: NDArray[np.floating], rows: pd.DataFrame, *, dims: int = DIMS) -> Detector:
    """Fit the space on train embeddings `[n, f]`, at most half of its `f` dimensions; no threshold yet.

    `rows` `[n]` have `source`, `picture` and `diagnosis`. Each source's pictures of a kind weigh as much as
    any other's, and among them each class.

    Raises:
        DataError: there are fewer than two images.
    """
    if len(embeddings) < 2:
        raise DataError("the out-of-distribution detector needs train images; check the splits.")
    weights = balanced_weights(rows)
    mean = np.average(embeddings, axis=0, weights=weights)
    _, directions = np.linalg.eigh(np.cov(embeddings, rowvar=False, aweights=weights))
    kept = min(dims, embeddings.shape[1] // 2)
    basis = directions[:, ::-1][:, :kept]
    return Detector(np.asarray(mean, np.float32), np.asarray(basis, np.float32, order="C"))


def balanced_weights(rows: pd.DataFrame) -> NDArray[np.float64]:
    """Weights `[n]`: each source's pictures of a kind sum to the same, and in them each class."""
    group = rows["source"] + " " + rows["picture"]
    cell = group + " " + rows["diagnosis"]
    weights = 1 / cell.map(cell.value_counts()).to_numpy(np.float64)
    return np.asarray(weights / pd.Series(weights).groupby(group.to_numpy()).transform("sum"), np.float64)


def fit_threshold(detector: Detector, embeddings: NDArray[np.floating], lesion_ids: pd.Series) -> Detector:
    """The same detector with a threshold that refuses few lesions like these, with a stated confidence."""
    everything = np.ones(len(embeddings), np.bool_)
    kept = cautious_threshold(everything, -detector.distances(embeddings), lesion_ids, 1 - MAX_REFUSED)
    return replace(detector, distance_threshold=-kept.threshold, confidence=kept.confidence)


def accepted_share(
    detector: Detector, embeddings: NDArray[np.floating], rows: pd.DataFrame
) -> tuple[float, dict[str, float]]:
    """Share of lesions none of whose images is refused, of all and of each `diagnosis` of `rows`."""
    lesions = rows.assign(refused=detector.refused(embeddings)).groupby("lesion_id")
    accepted = ~lesions["refused"].any()
    by_class = accepted.groupby(lesions["diagnosis"].first()).mean()
    return float(accepted.mean()), {str(code): round(float(share), 6) for code, share in by_class.items()}


def detector_auroc(
    detector: Detector, lesions: NDArray[np.floating], negatives: NDArray[np.floating]
) -> float:
    """How well the distance tells embeddings of negatives from those of lesions: area under the ROC curve."""
    scores = np.concatenate([detector.distances(lesions), detector.distances(negatives)])
    is_negative = np.arange(len(scores)) >= len(lesions)
    return float(roc_auc_score(is_negative, scores))


def detector_files(detector: Detector) -> dict[str, bytes]:
    """The detector's arrays as files of a bundle."""
    return {name: getattr(detector, field).astype("<f4").tobytes() for field, name in _FILES.items()}


def detector_part(
    detector: Detector,
    *,
    split: str,
    lesions: NDArray[np.floating],
    rows: pd.DataFrame,
    negatives: Mapping[str, NDArray[np.floating]],
) -> OutOfDistribution:
    """The detector for bundle.json, with its figures for embeddings of `split` and of other pictures.

    `rows`, one for each embedding of `lesions`, have `lesion_id` and `diagnosis`.
    """
    arrays = {
        field: ArrayFile(file=name, shape=list(getattr(detector, field).shape))
        for field, name in _FILES.items()
    }
    accepted, by_class = accepted_share(detector, lesions, rows)
    together = np.concatenate(list(negatives.values()))
    by_kind = {kind: round(detector_auroc(detector, lesions, found), 6) for kind, found in negatives.items()}
    refused = {kind: round(float(detector.refused(found).mean()), 6) for kind, found in negatives.items()}
    return OutOfDistribution(
        distance=detector.distance,
        **arrays,
        distance_threshold=detector.distance_threshold,
        split=split,
        accepted_share=round(accepted, 6),
        confidence=round(detector.confidence, 6),
        auroc=round(detector_auroc(detector, lesions, together), 6),
        auroc_by_kind=by_kind,
        refused_by_kind=refused,
        accepted_by_class=by_class,
    )
