"""The gate that refuses what is no lesion: a distance in the embedding and the energy of the logits.

The distance is that of Mahalanobis to the nearest class, with one covariance for all classes (Lee et al.
2018, arXiv:1807.03888), shrunk after Ledoit and Wolf 2004 and kept in its `dims` leading directions so that
it fits into a bundle. The energy is that of Liu et al. 2020, arXiv:2010.03759. Fitted on embeddings of train
images; thresholds on val: together the two refuse at most `MAX_REFUSED` of its lesions.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import logsumexp
from sklearn.covariance import ledoit_wolf
from sklearn.metrics import roc_auc_score

from dermdistill.bundle import ArrayFile, Energy, OutOfDistribution
from dermdistill.errors import DataError

MAX_REFUSED = 0.02
DIMS = 96
_FILES = {"mean": "gate_mean.f32", "whitening": "gate_whitening.f32", "class_means": "gate_class_means.f32"}


@dataclass(frozen=True)
class Gate:
    """`z = (embedding - mean) @ whitening`; distance to the nearest of `class_means` `[k, d]`, squared."""

    mean: NDArray[np.float32]
    whitening: NDArray[np.float32]
    class_means: NDArray[np.float32]
    distance_threshold: float = np.inf
    energy_threshold: float = np.inf

    def distances(self, embeddings: NDArray[np.floating]) -> NDArray[np.float64]:
        """Squared distance `[n]` of embeddings `[n, f]` to the nearest class."""
        whitened = (embeddings - self.mean) @ self.whitening
        gaps = whitened[:, None, :] - self.class_means
        return np.asarray(np.square(gaps).sum(axis=2).min(axis=1), np.float64)

    def refused(self, embeddings: NDArray[np.floating], logits: NDArray[np.floating]) -> NDArray[np.bool_]:
        """Which images `[n]` the gate refuses, by either score."""
        far = self.distances(embeddings) > self.distance_threshold
        return np.asarray(far | (energies(logits) > self.energy_threshold), np.bool_)


def energies(logits: NDArray[np.floating]) -> NDArray[np.float64]:
    """Energy `-log(sum(exp(logits)))` `[n]` of logits `[n, 7]`; high for what no class claims."""
    return np.asarray(-logsumexp(logits.astype(np.float64), axis=1), np.float64)


def fit_distance(embeddings: NDArray[np.floating], labels: NDArray[np.intp], *, dims: int = DIMS) -> Gate:
    """Fit class means and the shared whitening on train embeddings `[n, f]`; thresholds stay infinite.

    Raises:
        DataError: there are fewer than two images.
    """
    if len(embeddings) < 2:
        raise DataError("the out-of-distribution gate needs train images; check the splits.")
    present = np.unique(labels)
    centres = np.stack([embeddings[labels == k].mean(axis=0) for k in present]).astype(np.float64)
    within = embeddings - centres[np.searchsorted(present, labels)]
    covariance, _ = ledoit_wolf(within, assume_centered=True)
    variances, directions = np.linalg.eigh(covariance)
    kept = np.argsort(variances)[::-1][:dims]
    mean = embeddings.mean(axis=0, dtype=np.float64)
    whitening = directions[:, kept] / np.sqrt(np.maximum(variances[kept], 1e-12))
    class_means = (centres - mean) @ whitening
    return Gate(
        np.asarray(mean, np.float32), np.asarray(whitening, np.float32), np.asarray(class_means, np.float32)
    )


def fit_thresholds(
    gate: Gate,
    embeddings: NDArray[np.floating],
    logits: NDArray[np.floating],
    lesion_ids: pd.Series,
    *,
    max_refused: float = MAX_REFUSED,
) -> Gate:
    """The same gate with thresholds such that at most `max_refused` of the lesions have a refused image.

    Both thresholds lie at the same quantile of their score, the lowest one that keeps the promise.
    """
    distance, energy = gate.distances(embeddings), energies(logits)
    by_lesion = pd.DataFrame({"distance": distance, "energy": energy}).groupby(lesion_ids.to_numpy()).max()
    for quantile in np.linspace(1 - max_refused, 1, 41):
        limits = by_lesion.quantile(quantile, interpolation="higher")
        if (by_lesion > limits).any(axis=1).mean() <= max_refused:
            break
    return Gate(
        gate.mean, gate.whitening, gate.class_means, float(limits["distance"]), float(limits["energy"])
    )


def accepted_share(
    gate: Gate, embeddings: NDArray[np.floating], logits: NDArray[np.floating], lesion_ids: pd.Series
) -> float:
    """Share of lesions none of whose images is refused."""
    refused = pd.Series(gate.refused(embeddings, logits)).groupby(lesion_ids.to_numpy()).any()
    return float(1 - refused.mean())


def gate_auroc(gate: Gate, lesions: NDArray[np.floating], negatives: NDArray[np.floating]) -> float:
    """How well the distance tells embeddings of negatives from those of lesions: area under the ROC curve."""
    scores = np.concatenate([gate.distances(lesions), gate.distances(negatives)])
    is_negative = np.arange(len(scores)) >= len(lesions)
    return float(roc_auc_score(is_negative, scores))


def gate_files(gate: Gate) -> dict[str, bytes]:
    """The gate's arrays as files of a bundle."""
    return {name: getattr(gate, field).astype("<f4").tobytes() for field, name in _FILES.items()}


def gate_part(gate: Gate, *, split: str, accepted: float, auroc: float) -> OutOfDistribution:
    """The gate as a part of bundle.json; the figures are those of `split`."""
    arrays = {
        field: ArrayFile(file=name, shape=list(getattr(gate, field).shape)) for field, name in _FILES.items()
    }
    return OutOfDistribution(
        **arrays,
        distance_threshold=gate.distance_threshold,
        energy=Energy(threshold=gate.energy_threshold),
        split=split,
        accepted_share=round(accepted, 6),
        auroc=round(auroc, 6),
    )
