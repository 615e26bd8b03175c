"""What the engine answers about one image."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dermdistill.bundle import MissedMelanomas
from dermdistill.classes import Risk
from dermdistill.inference.assessment import Assessment
from dermdistill.inference.conformal import ConformalSet
from dermdistill.inference.out_of_distribution import OutOfDistributionVerdict
from dermdistill.inference.pictures.kind import SeenPicture
from dermdistill.inference.quality.check import QualityWarning


@dataclass(frozen=True, slots=True)
class BundleName:
    """Which student answered."""

    name: str
    version: str


@dataclass(frozen=True, slots=True, eq=False)
class Prediction:
    """One image's answer: the class a model finds most likely. Research use; never a diagnosis.

    Attributes:
        probs: calibrated probability of each class code, in the bundle's order, summing to 1.
        diagnosis: class code chosen by the bundle's decision rule; not always the highest probability.
        name: the class's clinical name.
        plain: what the class is, in plain words.
        risk: `malignant`, `precursor` or `benign`: what the class is.
        key: what translations of its name and plain words are kept under; empty where there are none.
        malignant_probability: probability that the lesion is malignant or a precursor, 0-1.
        heat_map: `[height, width]` float, 0-1: where the whole image speaks for `diagnosis`.
        quality: what about the photograph may make the answer wrong; empty when nothing was found, None when
            nobody looked.
        conformal: sets of classes, one a coverage level; None until the bundle carries quantiles.
        out_of_distribution: whether the image looks like no lesion; None until the bundle carries a detector.
        picture: whether it is a dermoscopic or a clinical picture, or neither; None until the bundle tells.
        assessment: what a person is told; it alone says whether there is an alarm.
        missed_melanomas: in how many of 100 melanomas `no_sign` was wrong at this operating point, with its
            interval; None where nobody measured.
        bundle: name and version of the bundle.
        logits: `[classes]` the model's raw outputs.
    """

    probs: dict[str, float]
    diagnosis: str
    name: str
    plain: str
    risk: Risk
    key: str
    malignant_probability: float
    heat_map: NDArray[np.float32]
    quality: tuple[QualityWarning, ...] | None
    conformal: tuple[ConformalSet, ...] | None
    out_of_distribution: OutOfDistributionVerdict | None
    picture: SeenPicture | None
    assessment: Assessment
    missed_melanomas: MissedMelanomas | None
    bundle: BundleName
    logits: NDArray[np.float32]
