"""From an answer and its bundle to what `assessment.assess` decides by: the finding and the thresholds."""

from dermdistill.bundle import BundleSpec
from dermdistill.inference.assessment import Finding, Thresholds
from dermdistill.inference.prediction import Prediction

# The operating point of those who have chosen none.
SENSITIVITY = 0.95
# The set that is shown: the one for more coverage often holds half of all classes.
COVERAGE = 0.90


def thresholds_of(spec: BundleSpec, sensitivity: float = SENSITIVITY) -> Thresholds | None:
    """The thresholds of a bundle's operating point, the cautious ones where it has them.

    None where the bundle has no operating point of this sensitivity, 0 to 1.
    """
    found = {
        point.target: (point.cautious or point).threshold
        for point in spec.operating_points
        if abs(point.sensitivity - sensitivity) < 1e-6
    }
    if not found:
        return None
    return Thresholds(sensitivity, malignant=found.get("malignant"), melanoma=found.get("melanoma"))


def finding_of(prediction: Prediction, spec: BundleSpec) -> Finding:
    """What a bundle found in a picture, as `assess` wants it."""
    nearest = sorted(prediction.conformal or (), key=lambda one: abs(one.coverage - COVERAGE))
    verdict = prediction.out_of_distribution
    return Finding(
        probs=prediction.probs,
        decided=prediction.diagnosis,
        dangerous=spec.table.malignant,
        melanoma=spec.melanoma,
        conformal=nearest[0].codes if nearest else None,
        unlike_known_lesions=None if verdict is None else verdict.refused,
        quality=[warning.code for warning in prediction.quality or ()],
    )
