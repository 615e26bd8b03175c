"""Two atlases: Derm7pt, where a row is a case with two pictures, and PH2, whose table is drawn with bars."""

from pathlib import Path

import pandas as pd

from dermdistill.data.sources.columns import find_column, has_columns, read_rows
from dermdistill.data.sources.images import images_in, images_under, named_by_path
from dermdistill.data.sources.source import ROW_COLUMNS, About, Source
from dermdistill.errors import DataError
from dermdistill.tables import read_table, tables_under

DERM7PT = About(
    "derm7pt",
    "Research only (not verified with its publisher)",
    "Kawahara et al., IEEE JBHI 23, 538 (2019), doi:10.1109/JBHI.2018.2824327",
)
PH2 = About(
    "ph2",
    "Research and benchmarking only (not verified with its publisher)",
    "Mendonca et al., EMBC 2013, doi:10.1109/EMBC.2013.6610779",
    "dermoscopic",
)
_PICTURES = {"derm": "dermoscopic", "clinic": "clinical"}
_OF_PH2 = {"0": "common nevus", "1": "atypical nevus", "2": "melanoma"}


def is_derm7pt(table: pd.DataFrame) -> bool:
    """Whether a table is Derm7pt's meta.csv."""
    return has_columns(table, "case_num", "diagnosis", *_PICTURES)


def find_derm7pt(root: Path) -> Source | None:
    """Read Derm7pt's `meta.csv`, in `root` or in a folder in it; None if there is none."""
    for path in tables_under(root):
        if is_derm7pt(table := read_table(path)):
            return read_derm7pt(root, path, table)
    return None


def read_derm7pt(root: Path, path: Path, table: pd.DataFrame) -> Source:
    """Read both pictures of each case: the case is the lesion."""
    parts = []
    for column, picture in _PICTURES.items():
        rows = read_rows(table, path, {"image_id": column, "lesion_id": "case_num"})
        rows["image_id"] = table[find_column(table, [column]) or column]
        rows["picture"] = picture
        parts.append(rows[rows["image_id"] != ""])
    rows = pd.concat(parts, ignore_index=True)
    rows["lesion_id"] = rows["lesion_id"].map(lambda case: f"derm7pt_{case}" if case else "")
    rows["image_id"], images = named_by_path(rows["image_id"].tolist(), images_under(root))
    return Source("derm7pt", root, rows, images, DERM7PT)


def find_ph2(root: Path) -> Source | None:
    """Read PH2's `PH2_dataset.txt` and the pictures of its `..._Dermoscopic_Image` folders; None without it.

    Raises:
        DataError: the table has no line that can be read.
    """
    path = next((found for found in sorted(root.glob("*.txt")) if found.stem.lower() == "ph2_dataset"), None)
    if path is None:
        return None
    rows = pd.DataFrame(_lines(path), columns=["image_id", "diagnosis"])
    if rows.empty:
        raise DataError(f"{path} has no line || name || ... || that can be read; fetch it again.")
    rows = rows.reindex(columns=list(ROW_COLUMNS), fill_value="")
    rows["lesion_id"] = rows["image_id"]  # each picture is of another lesion
    images = [
        image
        for image in images_in(root, root)
        if not Path(image.source_path).parent.name.lower().endswith(("_lesion", "_roi"))
    ]
    return Source("ph2", root, rows, images, PH2)


def _lines(path: Path) -> list[tuple[str, str]]:
    """Name and clinical diagnosis, the third cell, of each line: `|| IMD003 ||   ||  0  || ...`."""
    found = []
    for line in path.read_text("utf-8", errors="replace").splitlines():
        cells = [cell.strip() for cell in line.split("||")]
        if len(cells) > 4 and cells[1].upper().startswith("IMD"):
            found.append((cells[1], _OF_PH2.get(cells[3], cells[3].lower())))
    return found
