"""The seven diagnoses of HAM10000: code, name, and whether they are malignant. Nothing else decides this.

Source: Tschandl, Rosendahl, Kittler, Scientific Data 5, 180161 (2018), doi:10.1038/sdata.2018.161.
"""

from dataclasses import dataclass
from typing import Literal

RESEARCH_USE = "Research use only. Not a medical device; never a diagnosis."

Risk = Literal["malignant", "precursor", "benign"]


@dataclass(frozen=True)
class Diagnosis:
    """One class: its code in data files, its clinical name, a plain description and its risk group."""

    code: str
    name: str
    plain: str
    risk: Risk

    @property
    def malignant(self) -> bool:
        """Whether the class counts as malignant or precursor: the positive side of a referral decision."""
        return self.risk != "benign"


DIAGNOSES = (
    Diagnosis(
        "akiec",
        "Actinic keratosis / intraepithelial carcinoma",
        "Sun-damaged skin that can turn into skin cancer, or a very early form of it.",
        "precursor",
    ),
    Diagnosis(
        "bcc",
        "Basal cell carcinoma",
        "The most common skin cancer. It grows slowly and rarely spreads, but it needs treatment.",
        "malignant",
    ),
    Diagnosis(
        "bkl",
        "Benign keratosis-like lesion",
        "A harmless thickening of the skin, such as a seborrhoeic keratosis or a sun spot.",
        "benign",
    ),
    Diagnosis(
        "df",
        "Dermatofibroma",
        "A harmless firm bump in the skin.",
        "benign",
    ),
    Diagnosis(
        "mel",
        "Melanoma",
        "A dangerous skin cancer. Found early it can be cured by removing it.",
        "malignant",
    ),
    Diagnosis(
        "nv",
        "Melanocytic naevus",
        "A common mole, harmless.",
        "benign",
    ),
    Diagnosis(
        "vasc",
        "Vascular lesion",
        "A harmless lesion of small blood vessels, such as an angioma.",
        "benign",
    ),
)
CLASSES = tuple(diagnosis.code for diagnosis in DIAGNOSES)
NUM_CLASSES = len(CLASSES)
BY_CODE = {diagnosis.code: diagnosis for diagnosis in DIAGNOSES}
MALIGNANT = tuple(diagnosis.code for diagnosis in DIAGNOSES if diagnosis.malignant)
