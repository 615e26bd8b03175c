"""What an assessment is decided at: the thresholds of one sensitivity, and what was measured there."""

from dermdistill.bundle import BundleSpec, MissedMelanomas, OperatingPoint
from dermdistill.constants import CONSTANTS
from dermdistill.errors import SensitivityError
from dermdistill.inference.assessment import Thresholds

DEFAULT_SENSITIVITY: float = CONSTANTS["assessment"]["sensitivity"]


def sensitivities(spec: BundleSpec) -> list[float]:
    """What the bundle's operating points were set for, 0 to 1, lowest first; empty without any."""
    return sorted({point.sensitivity for point in spec.operating_points})


def thresholds_at(spec: BundleSpec, sensitivity: float | None = None) -> Thresholds | None:
    """The cautious thresholds of a sensitivity; None where the bundle has no operating points.

    Args:
        spec: the bundle.
        sensitivity: one of the bundle's, 0 to 1; if None, 0.95, or its highest where it has no 0.95.

    Raises:
        SensitivityError: the bundle has no operating point for that sensitivity.
    """
    there = sensitivities(spec)
    if sensitivity is None:
        if not there:
            return None
        sensitivity = DEFAULT_SENSITIVITY if DEFAULT_SENSITIVITY in there else there[-1]
    if sensitivity not in there:
        choices = f"one of {', '.join(map(str, there))}" if there else "none: it has no operating points"
        raise SensitivityError(
            f"The bundle {spec.name} has no operating point of sensitivity {sensitivity}; give {choices}."
        )
    limits = {point.target: _threshold(point) for point in _points(spec, sensitivity)}
    return Thresholds(sensitivity, limits.get("malignant"), limits.get("melanoma"))


def missed_melanomas_at(spec: BundleSpec, sensitivity: float | None) -> MissedMelanomas | None:
    """How many melanomas the assessment at a sensitivity was measured to miss; None where nobody measured."""
    found = (point.missed_melanomas for point in _points(spec, sensitivity))
    return next((measured for measured in found if measured is not None), None)


def _points(spec: BundleSpec, sensitivity: float | None) -> list[OperatingPoint]:
    return [point for point in spec.operating_points if point.sensitivity == sensitivity]


def _threshold(point: OperatingPoint) -> float:
    return point.cautious.threshold if point.cautious else point.threshold
