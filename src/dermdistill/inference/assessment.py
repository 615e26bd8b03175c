"""What a person is told about one picture, decided here and nowhere else.

Four levels, the first that applies:

1. `see_doctor`: an alarm. The probability of a malignant or precursor class, or of a melanoma, reaches the
   threshold of the operating point. Or such a class is decided for or is the most probable one. Nothing takes
   an alarm back: not the out-of-distribution detector, not the picture's quality.
2. `cannot_judge`: the picture is unlike the lesions that the network knows, or too poor to be judged.
3. `unclear`: the decision rule and the plain probabilities name different classes, or the conformal set is
   empty or holds a dangerous class.
4. `no_sign`: no sign of danger was found. In how many of 100 melanomas that is wrong belongs to it, always.

`client/src/assessment/assess.ts` is the same in TypeScript. Both pass `tests/golden/assessment.json`.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

Level = Literal["see_doctor", "cannot_judge", "unclear", "no_sign"]
Reason = Literal[
    "malignant_above_threshold",
    "melanoma_above_threshold",
    "dangerous_class_decided",
    "dangerous_class_most_probable",
    "unlike_known_lesions",
    "poor_picture",
    "classes_differ",
    "no_class_fits",
    "danger_not_excluded",
    "hair",
]
# What keeps a network from seeing the lesion. Hair over it is told, and does not stop an answer.
DISABLING_QUALITY = frozenset({"too_small", "blurred", "too_dark", "too_bright", "out_of_frame"})


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Alarm when a probability is at least its threshold, 0 to 1; None where the bundle has none.

    Attributes:
        sensitivity: what they were set for, 0 to 1: the operating point.
        malignant: of the summed probability of the malignant and precursor classes.
        melanoma: of the probability of a melanoma.
    """

    sensitivity: float
    malignant: float | None
    melanoma: float | None


@dataclass(frozen=True, slots=True)
class Finding:
    """What the network found in one picture.

    Attributes:
        probs: calibrated probability by class code, summing to 1.
        decided: class code by the bundle's decision rule.
        dangerous: codes of the malignant and precursor classes.
        melanoma: code of the melanoma class; None where the class table has none.
        conformal: codes in the conformal set; None without one.
        unlike_known_lesions: what the out-of-distribution detector says; None without one.
        quality: codes of what is wrong with the picture.
    """

    probs: Mapping[str, float]
    decided: str
    dangerous: Collection[str]
    melanoma: str | None = None
    conformal: Sequence[str] | None = None
    unlike_known_lesions: bool | None = None
    quality: Collection[str] = ()


@dataclass(frozen=True, slots=True)
class Assessment:
    """What a person is told.

    Attributes:
        level: see the module.
        reasons: why this level, and what else a person must know; in a fixed order.
        classes: the codes to name, a dangerous one first: the most probable class and the one decided for.
            Empty where the picture cannot be judged.
        sensitivity: the operating point that it was decided at, 0 to 1; None without thresholds.
    """

    level: Level
    reasons: tuple[Reason, ...]
    classes: tuple[str, ...]
    sensitivity: float | None


_NONE = Thresholds(sensitivity=1.0, malignant=None, melanoma=None)


def assess(finding: Finding, thresholds: Thresholds | None) -> Assessment:
    """Decide what a person is told about a picture."""
    most_probable = max(finding.probs, key=lambda code: finding.probs[code])
    alarms = _alarms(finding, thresholds or _NONE, most_probable)
    obstacles = _obstacles(finding)
    doubts = _doubts(finding, most_probable)
    level: Level = (
        "see_doctor" if alarms else "cannot_judge" if obstacles else "unclear" if doubts else "no_sign"
    )
    hair: list[Reason] = ["hair"] if "hair" in finding.quality else []
    named = dict.fromkeys((most_probable, finding.decided))
    return Assessment(
        level=level,
        reasons=(*alarms, *obstacles, *doubts, *hair),
        # `sorted` is stable: the most probable class leads where both are dangerous, or neither is.
        classes=()
        if level == "cannot_judge"
        else tuple(sorted(named, key=lambda code: code not in finding.dangerous)),
        sensitivity=None if thresholds is None else thresholds.sensitivity,
    )


def _alarms(finding: Finding, thresholds: Thresholds, most_probable: str) -> list[Reason]:
    malignant = sum(finding.probs[code] for code in finding.dangerous)
    melanoma = finding.probs[finding.melanoma] if finding.melanoma else 0.0
    checks: dict[Reason, bool] = {
        "malignant_above_threshold": _reaches(malignant, thresholds.malignant),
        "melanoma_above_threshold": _reaches(melanoma, thresholds.melanoma),
        "dangerous_class_decided": finding.decided in finding.dangerous,
        "dangerous_class_most_probable": most_probable in finding.dangerous,
    }
    return [reason for reason, holds in checks.items() if holds]


def _obstacles(finding: Finding) -> list[Reason]:
    checks: dict[Reason, bool] = {
        "unlike_known_lesions": bool(finding.unlike_known_lesions),
        "poor_picture": not DISABLING_QUALITY.isdisjoint(finding.quality),
    }
    return [reason for reason, holds in checks.items() if holds]


def _doubts(finding: Finding, most_probable: str) -> list[Reason]:
    conformal = finding.conformal
    checks: dict[Reason, bool] = {
        "classes_differ": finding.decided != most_probable,
        "no_class_fits": conformal is not None and not conformal,
        "danger_not_excluded": conformal is not None and not set(conformal).isdisjoint(finding.dangerous),
    }
    return [reason for reason, holds in checks.items() if holds]


def _reaches(probability: float, threshold: float | None) -> bool:
    """Whether a probability reaches a threshold; one that is not a number does, too."""
    return threshold is not None and not probability < threshold
