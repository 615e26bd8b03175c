"""A Prediction as JSON. The names are those of the `predict` command's table where both have a field."""

from typing import Annotated, Literal

import numpy as np
from pydantic import Field

from dermdistill.bundle import BundleSpec, MissedMelanomas
from dermdistill.bundle.fields import Part, Probability
from dermdistill.classes import RESEARCH_USE, Risk
from dermdistill.constants import CONSTANTS
from dermdistill.inference import Prediction
from dermdistill.inference.assessment import Level, Reason
from dermdistill.inference.pictures.kind import SeenKind
from dermdistill.inference.quality.check import QualityCode
from dermdistill.web.api.forms import HeatMap
from dermdistill.web.guards.problems import Problem

_PROBABILITY_DIGITS: int = CONSTANTS["answer"]["probability_digits"]
_HEAT_DIGITS: int = CONSTANTS["answer"]["heat_digits"]


class Bundle(Part):
    """Which student answered."""

    name: str
    version: str


class Quality(Part):
    """What about the photograph may make the answer wrong: a code for programs, a sentence for people."""

    code: QualityCode
    message: str


class ConformalAnswer(Part):
    """The classes that may be the true one, made to hold it in a `coverage` share of cases.

    What share of each class they really held on test images is in `GET /api/v1/model`: less for some.
    """

    coverage: Probability
    codes: list[str]


class OutOfDistributionAnswer(Part):
    """Whether the picture looks like no lesion at all."""

    score: Annotated[float, Field(description="Distance from known lesions; above 1 is too far.")]
    refused: bool


class PictureAnswer(Part):
    """Which kind of picture the network saw: through a dermatoscope, a clinical close-up, or neither."""

    kind: SeenKind
    dermoscopic_probability: Annotated[
        Probability, Field(description="That it is dermoscopic and not clinical.")
    ]


class AssessmentAnswer(Part):
    """What a person is told. It alone says whether there is an alarm, and nothing takes one back.

    `see_doctor`: show the lesion to a doctor within two weeks. `cannot_judge`: take another picture.
    `unclear`: ask a doctor. `no_sign`: no sign of danger was found. In the measurement this was wrong for
        `missed_melanomas.per_100` of 100 melanomas. Whoever shows `no_sign` must show that figure beside it.
    """

    level: Level
    reasons: Annotated[list[Reason], Field(description="Why, and what else must be known.")]
    classes: Annotated[list[str], Field(description="Codes of the classes to name, a dangerous one first.")]
    sensitivity: Annotated[
        Probability | None, Field(description="The operating point that it was decided at.")
    ]
    missed_melanomas: Annotated[
        MissedMelanomas | None, Field(description="With `no_sign` only; null where nobody measured.")
    ]


class ImageAnswer(Part):
    """One picture's answer. Research use; never a diagnosis."""

    assessment: AssessmentAnswer
    diagnosis: Annotated[str, Field(description="Class code by the bundle's decision rule.")]
    name: str
    plain: Annotated[str, Field(description="What the class is, in plain words.")]
    risk: Risk
    key: Annotated[
        str, Field(description="What translations of name and plain words are kept under; may be empty.")
    ]
    probabilities: Annotated[
        dict[str, Probability], Field(description="Calibrated, one for each class code, summing to 1.")
    ]
    malignant_probability: Probability
    heat_map: Annotated[
        list[list[Probability]] | None,
        Field(description="Rows that cover the whole picture: where it speaks for `diagnosis`."),
    ]
    quality: list[Quality]
    conformal: list[ConformalAnswer] | None
    out_of_distribution: OutOfDistributionAnswer | None
    picture: Annotated[
        PictureAnswer | None, Field(description="Null where the bundle knows no kinds of pictures.")
    ]


class ImageFailure(Part):
    """In the place of a picture that cannot be used."""

    error: Problem


class About(Part):
    """Who answers."""

    bundle: Bundle
    notice: str = RESEARCH_USE


class PredictAnswer(About):
    """The answers, in the order of the pictures."""

    predictions: list[ImageAnswer | ImageFailure]


class Health(About):
    """The engine is there; it is only after checksums and self-test have passed."""

    status: Literal["ok"] = "ok"


def bundle_name(spec: BundleSpec) -> Bundle:
    """Return the name and version that go with every answer."""
    return Bundle(name=spec.name, version=spec.version)


def answer(prediction: Prediction, *, heat_map: HeatMap = "values") -> ImageAnswer:
    """Return one prediction as JSON values; probabilities to 6 digits, heat to 4.

    Args:
        prediction: the engine's answer.
        heat_map: `values` for rows of numbers 0-1 that cover the whole image, `none` for null.
    """
    detector, sets, picture = prediction.out_of_distribution, prediction.conformal, prediction.picture
    heat = (
        np.round(prediction.heat_map.astype(float), _HEAT_DIGITS).tolist() if heat_map == "values" else None
    )
    return ImageAnswer(
        assessment=_assessed(prediction),
        diagnosis=prediction.diagnosis,
        name=prediction.name,
        plain=prediction.plain,
        risk=prediction.risk,
        key=prediction.key,
        probabilities={code: round(p, _PROBABILITY_DIGITS) for code, p in prediction.probs.items()},
        malignant_probability=round(prediction.malignant_probability, _PROBABILITY_DIGITS),
        heat_map=heat,
        quality=[Quality(code=warning.code, message=warning.message) for warning in prediction.quality or ()],
        conformal=sets and [ConformalAnswer(coverage=s.coverage, codes=list(s.codes)) for s in sets],
        out_of_distribution=detector
        and OutOfDistributionAnswer(score=detector.score, refused=detector.refused),
        picture=picture
        and PictureAnswer(
            kind=picture.kind,
            dermoscopic_probability=round(picture.dermoscopic_probability, _PROBABILITY_DIGITS),
        ),
    )


def _assessed(prediction: Prediction) -> AssessmentAnswer:
    told = prediction.assessment
    return AssessmentAnswer(
        level=told.level,
        reasons=list(told.reasons),
        classes=list(told.classes),
        sensitivity=told.sensitivity,
        missed_melanomas=prediction.missed_melanomas if told.level == "no_sign" else None,
    )
