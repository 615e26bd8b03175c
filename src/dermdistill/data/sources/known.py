"""Data sets that are known by the columns of their one table: name, licence, citation, kind of picture."""

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from dermdistill.data.sources.columns import find_column, has_columns
from dermdistill.data.sources.source import About

HAM10000 = About(
    "ham10000",
    "CC BY-NC 4.0",
    "Tschandl, Rosendahl, Kittler, Scientific Data 5, 180161 (2018), doi:10.1038/sdata.2018.161",
    "dermoscopic",
)
MILK10K = About(
    "milk10k",
    "CC BY-NC 4.0",
    "MILK study team, MILK10k (2025), https://challenge.isic-archive.com/landing/milk10k",
)
PAD_UFES_20 = About(
    "pad_ufes",
    "CC BY 4.0",
    "Pacheco et al., Data in Brief 32, 106221 (2020), doi:10.17632/zr7vgbcyr2.1",
    "clinical",
)
ISIC_2020 = About(
    "isic2020",
    "CC BY-NC 4.0",
    "Rotemberg et al., Scientific Data 8, 34 (2021), doi:10.1038/s41597-021-00815-z",
    "dermoscopic",
)
ISIC_ARCHIVE = About(
    "isic_archive",
    citation="The ISIC archive, https://www.isic-archive.com, and whom each image's attribution names",
)


@dataclass(frozen=True)
class KnownTable:
    """A published table.

    Attributes:
        layout: what it is called.
        needs: the columns that tell it from others.
        about: the data set.
        lesions: how the ids of its lesions begin, where that tells it from tables of the same columns.
        per_patient: whether lesions are numbered and their patient belongs to the name.
    """

    layout: str
    needs: Sequence[str]
    about: About
    lesions: str = ""
    per_patient: bool = False


# The first that fits counts.
KNOWN = (
    KnownTable("isic2020", ("image_name", "patient_id", "benign_malignant", "target"), ISIC_2020),
    KnownTable("pad_ufes", ("img_id", "patient_id", "diagnostic"), PAD_UFES_20, per_patient=True),
    KnownTable("pad_ufes", ("image_id", "patient_id", "diagnosis", "region", "biopsed"), PAD_UFES_20),
    KnownTable("milk10k", ("image_id", "lesion_id", "ham_lesion_id", "image_type", "diagnosis"), MILK10K),
    KnownTable("isic_archive", ("isic_id", "diagnosis_1"), ISIC_ARCHIVE),
    KnownTable("isic_archive", ("isic_id", "benign_malignant"), ISIC_ARCHIVE),
    KnownTable("flat", ("image_id", "lesion_id", "dx"), HAM10000, lesions="HAM_"),
)


def known_table(table: pd.DataFrame) -> KnownTable | None:
    """The published table that a table is, by its columns; None if it is none of them."""
    for candidate in KNOWN:
        if has_columns(table, *candidate.needs) and _fits(table, candidate):
            return candidate
    return None


def _fits(table: pd.DataFrame, candidate: KnownTable) -> bool:
    column = find_column(table, ["lesion_id"])
    return not candidate.lesions or bool(column and table[column].str.startswith(candidate.lesions).all())
