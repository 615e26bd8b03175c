"""What tables call their columns, and the rows of a table in the project's names."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd

from dermdistill.data.sources.images import strip_suffix
from dermdistill.data.sources.source import PATH_SIGN, REQUIRED_COLUMNS, ROW_COLUMNS
from dermdistill.errors import DataError
from dermdistill.tables import known

# The project's own name first. Case and what stands between words do not matter: `Lesion ID`, `lesion.id`.
NAMES: Mapping[str, Sequence[str]] = {
    "image_id": ("image_id", "isic_id", "image", "image_name", "img_id", "filename", "file_name"),
    "lesion_id": ("lesion_id", "lesion"),
    "patient_id": ("patient_id", "patient", "group_id"),
    "linked_lesion": ("linked_lesion", "ham_lesion_id"),
    "diagnosis": ("diagnosis", "dx", "diagnostic", "label", "class"),
    "picture": ("picture", "image_type", "dermoscopic_type"),
    "age": ("age", "age_approx", "age_approximate"),
    "sex": ("sex", "gender"),
    "site": (
        *("site", "localization", "anatom_site_general", "anatom_site_general_challenge"),
        *("region", "location", "anatomical_site"),
    ),
    "skin_tone": (
        *("skin_tone", "fitzpatrick", "fitspatrick", "fitzpatrick_skin_type", "skin_type"),
        "skin_tone_class",
    ),
    "licence": ("licence", "license", "copyright_license"),
    "confirmed_by": ("confirmed_by", "dx_type", "diagnosis_confirm_type", "confirm", "biopsed"),
}
# The ISIC archive tells a diagnosis at up to five levels, its challenge of 2020 at two.
_LEVELS = ("benign_malignant", *(f"diagnosis_{level}" for level in range(1, 6)))
_SCALES = {"skintone": "", "skintoneclass": "milk10k "}


def find_column(table: pd.DataFrame, names: Sequence[str]) -> str | None:
    """The table's own spelling of the first of some names that it has."""
    spelt = {_plain(str(column)): str(column) for column in reversed(table.columns)}
    return next((spelt[_plain(name)] for name in names if _plain(name) in spelt), None)


def has_columns(table: pd.DataFrame, *names: str) -> bool:
    """Whether a table has all of some columns."""
    return all(find_column(table, [name]) for name in names)


def read_rows(
    table: pd.DataFrame,
    path: Path,
    columns: Mapping[str, str] | None = None,
    *,
    required: Sequence[str] = REQUIRED_COLUMNS,
) -> pd.DataFrame:
    """Bring a table's rows into the project's columns.

    Args:
        table: as `read_table` gives it.
        path: its file, for messages.
        columns: the project's column name to the table's, or to its number from 1. A column that is not named
        is looked for under `NAMES`. Where it is absent it stays empty, unless it is required.
        required: the project's names of the columns that must be there.

    Returns:
        Strings in `ROW_COLUMNS`, empty where the table has a word for "missing". Image ids have no file
        suffix. Diagnoses are in lower case, their levels separated by `PATH_SIGN`. A skin tone has its scale,
        such as `fitzpatrick 3`.

    Raises:
        DataError: a column is absent.
    """
    chosen = _choose(table, path, columns or {})
    levels = [] if "diagnosis" in (columns or {}) else _levels(table, chosen)
    there = {*chosen, *(["diagnosis"] if levels else [])}
    if absent := [NAMES[name][0] for name in required if name not in there]:
        free = [name for name in table.columns if name not in chosen.values()] or list(table.columns)
        raise DataError(
            f"{path} lacks the column(s) {', '.join(absent)} (it has {', '.join(_described(table))}); name "
            f"them with --column, for example --column {absent[-1]}={free[0]}."
        )
    rows = pd.DataFrame("", index=table.index, columns=list(ROW_COLUMNS))
    for name, theirs in chosen.items():
        rows[name] = known(table[theirs])
    if levels:
        told = zip(*(known(table[level]) for level in levels), strict=True)
        rows["diagnosis"] = [PATH_SIGN.join(filter(None, words)) for words in told]
    if "skin_tone" in chosen:
        scale = _SCALES.get(_plain(chosen["skin_tone"]), "fitzpatrick ")
        rows["skin_tone"] = rows["skin_tone"].map(lambda tone: f"{scale}{tone}" if tone else "")
    rows["image_id"] = rows["image_id"].map(strip_suffix)
    rows["diagnosis"] = rows["diagnosis"].str.lower()
    return rows


def _described(table: pd.DataFrame) -> list[str]:
    """The names of a table's columns; where these are numbers, with their first cells."""
    if len(table) and all(name.isdecimal() for name in table.columns):
        return [f"{name} as in {table[name].iloc[0]!r}" for name in table.columns]
    return list(table.columns)


def blank_columns(table: pd.DataFrame, path: Path, columns: Mapping[str, str]) -> list[str]:
    """A sentence for each column that was asked for or is known by name and holds nothing."""
    return [
        f"{path.name} has nothing in its column {theirs}, so {name} is not known of any image."
        for name, theirs in _choose(table, path, columns).items()
        if len(table) and (known(table[theirs]) == "").all()
    ]


def _choose(table: pd.DataFrame, path: Path, columns: Mapping[str, str]) -> dict[str, str]:
    """The project's name to the table's, of the columns that are there.

    A column that was named for one thing is not taken for another by its usual name: where `picture` holds
    the images' names, it does not say which kind of picture each is. What every table must have is the
    exception.
    """
    given: dict[str, str] = {}
    for name, asked in columns.items():
        theirs = find_column(table, [asked]) or _by_number(table, asked)
        if theirs is None:
            raise DataError(f"{path} has no column {asked!r}; it has {', '.join(table.columns)}.")
        given[name] = theirs
    free = table[[column for column in table.columns if column not in given.values()]]
    found = {
        name: find_column(table if name in ("image_id", "diagnosis") else free, names)
        for name, names in NAMES.items()
        if name not in given
    }
    chosen = given | {name: theirs for name, theirs in found.items() if theirs}
    return {name: chosen[name] for name in NAMES if name in chosen}


def _by_number(table: pd.DataFrame, number: str) -> str | None:
    place = int(number) if number.isdecimal() else 0
    return str(table.columns[place - 1]) if 1 <= place <= len(table.columns) else None


def _levels(table: pd.DataFrame, chosen: Mapping[str, str]) -> list[str]:
    """The columns of a diagnosis that is told at several levels, the most general first; else none."""
    if "diagnosis" in chosen:
        general = find_column(table, _LEVELS[:1])
        return [general, chosen["diagnosis"]] if general else []
    return [found for level in _LEVELS if (found := find_column(table, [level]))]


def _plain(name: str) -> str:
    return re.sub(r"[\W_]+", "", name.casefold())
