"""From logits to calibrated probabilities, the chosen class and the probability of malignancy."""

import numpy as np
from numpy.typing import NDArray

from dermdistill.bundle import BundleSpec


def calibrate(logits: NDArray[np.float32], temperature: float) -> NDArray[np.float64]:
    """Return `softmax(logits / temperature)` over the last axis (Guo et al. 2017, arXiv:1706.04599)."""
    scaled = logits.astype(np.float64) / temperature
    powers = np.exp(scaled - scaled.max(axis=-1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=-1, keepdims=True))


def decide(probs: NDArray[np.float64], spec: BundleSpec) -> int:
    """Return the index of the class to answer, by the bundle's decision rule; ties go to the first.

    `argmax_p_over_prior` maximises the expected balanced accuracy, `argmax_p` the expected accuracy.
    """
    if spec.decision == "argmax_p_over_prior":
        return int(np.argmax(probs / [spec.class_priors[code] for code in spec.codes]))
    return int(np.argmax(probs))


def malignant_probability(probs: NDArray[np.float64], spec: BundleSpec) -> float:
    """Return the summed probability of the malignant and precursor classes, 0-1."""
    chosen = [entry.risk != "benign" for entry in spec.classes]
    return float(min(probs[chosen].sum(), 1.0))
