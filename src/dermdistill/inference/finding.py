"""What was found in a picture, as the assessment takes it: from a bundle's numbers and what detectors say."""

from collections.abc import Collection, Mapping

from dermdistill.bundle import BundleSpec
from dermdistill.constants import CONSTANTS
from dermdistill.inference.assessment import Finding
from dermdistill.inference.conformal import conformal_sets

_COVERAGE: float = CONSTANTS["assessment"]["coverage"]


def finding_of(
    spec: BundleSpec,
    probs: Mapping[str, float],
    decided: str,
    *,
    unlike_known_lesions: bool | None = None,
    quality: Collection[str] = (),
) -> Finding:
    """Gather what the assessment is decided from.

    Args:
        spec: the bundle that answered.
        probs: calibrated probability by class code.
        decided: class code by the bundle's decision rule.
        unlike_known_lesions: what the out-of-distribution detector says; None without one.
        quality: codes of what is wrong with the picture.
    """
    sets = conformal_sets(dict(probs), spec.conformal)
    # The smaller of the sets that are usual: the larger one often holds half of all classes.
    nearest = min(sets or (), key=lambda one: abs(one.coverage - _COVERAGE), default=None)
    return Finding(
        probs=probs,
        decided=decided,
        dangerous=[entry.code for entry in spec.classes if entry.risk != "benign"],
        melanoma=spec.melanoma,
        conformal=None if nearest is None else nearest.codes,
        unlike_known_lesions=unlike_known_lesions,
        quality=quality,
    )
