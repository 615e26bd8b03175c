"""What a referral does for people: who is missed, who is sent on, and how many for one cancer found.

Like `scores`: for many weightings `[resamples, n]` of the same images at once.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from dermdistill.metrics.scores import Array, Values, share


def threshold_metrics(
    positive: NDArray[np.bool_], score: Array, threshold: float, weights: Array | None = None
) -> Values:
    """Sensitivity and specificity `[resamples]`, 0 to 1, of referring images `[n]` with `score >= threshold`.

    A score that is not a number refers, as it does for a person.
    """
    referred = ~(score < threshold)
    return {
        "sensitivity": share(positive & referred, positive, weights),
        "specificity": share(~positive & ~referred, ~positive, weights),
    }


def told_metrics(
    told: NDArray[Any],
    malignant: NDArray[np.bool_],
    melanoma: NDArray[np.bool_],
    weights: Array | None = None,
) -> Values:
    """How what people are told serves those who are ill.

    Args:
        told: the level of each image's assessment `[n]`: `see_doctor`, `cannot_judge`, `unclear`, `no_sign`.
        malignant: which images `[n]` show a malignant or precursor lesion.
        melanoma: which images `[n]` show a melanoma.
        weights: `[resamples, n]`.

    Returns:
        `[resamples]` each. `false_reassurance`: share of the malignant and precursor images that are told
        `no_sign`; `melanoma_false_reassurance`: the same of melanomas; `number_needed_to_biopsy`: images told
        `see_doctor` for each malignant or precursor one among them; it depends on how many there are.
    """
    reassured, referred = told == "no_sign", told == "see_doctor"
    with np.errstate(divide="ignore"):
        needed = 1 / share(referred & malignant, referred, weights)
    return {
        "false_reassurance": share(reassured & malignant, malignant, weights),
        "melanoma_false_reassurance": share(reassured & melanoma, melanoma, weights),
        "number_needed_to_biopsy": np.where(np.isfinite(needed), needed, np.nan),
    }
