"""Heat drawn over images, a drawing an image, and explain.csv, which says what each one shows."""

import csv
import io
import os
from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from dermdistill.errors import DataError
from dermdistill.evaluate.explain.explanation import ExplainedFile, Explanation
from dermdistill.files import printable, write_atomically
from dermdistill.inference import overlay_png, scale_heat

TABLE = "explain.csv"
COLUMNS = (
    "path",
    "image_id",
    "assessment",
    "diagnosis",
    "explained_class",
    "probability",
    "overlay",
    "error",
)


Draw = Callable[[NDArray[np.uint8], Explanation, Path, str], None]
"""Draws an image, RGB uint8, with its explanation into a folder, under a name that ends in .png."""


def write_overlay(image: NDArray[np.uint8], answer: Explanation, out_dir: Path, name: str) -> None:
    """Write the image with its heat as a PNG."""
    write_atomically(out_dir / name, overlay_png(image, scale_heat(answer.heat)))


def write_overlays(
    files: Iterable[ExplainedFile], out_dir: Path, draw: Draw = write_overlay
) -> list[dict[str, str]]:
    """Draw `<image_id>_<class>.png` for each file, then write explain.csv; returns its rows.

    A file that cannot be used has no overlay and its reason in the column `error`. Where two images have
    one name, the later gets a number behind it.

    Raises:
        DataError: `out_dir` cannot be written to.
    """
    rows: list[dict[str, str]] = []
    taken: set[str] = set()
    try:
        for file in files:
            row = dict.fromkeys(COLUMNS, "") | {
                "path": printable(file.path),
                "image_id": printable(file.path.stem),
                "error": printable(file.error or ""),
            }
            if file.explanation is not None and file.image is not None:
                answer = file.explanation
                name = _free_name(f"{_short(file.path.stem)}_{answer.explained}", taken)
                draw(file.image, answer, out_dir, name)
                row |= {
                    "assessment": answer.assessment or "",
                    "diagnosis": answer.diagnosis,
                    "explained_class": answer.explained,
                    "probability": f"{answer.probability:.9g}",
                    "overlay": printable(name),
                }
            rows.append(row)
        text = io.StringIO()
        writer = csv.DictWriter(text, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
        write_atomically(out_dir / TABLE, text.getvalue().encode())
    except OSError as error:
        raise DataError(f"{out_dir} cannot be written to ({error.strerror}); give another folder.") from error
    return rows


def _free_name(stem: str, taken: set[str]) -> str:
    """A PNG's name that no other has, even where upper and lower case are one."""
    name, number = f"{stem}.png", 1
    while name.casefold() in taken:
        number += 1
        name = f"{stem}_{number}.png"
    taken.add(name.casefold())
    return name


def _short(stem: str) -> str:
    """As much of a name as leaves room for what is put behind it; most file systems take 255 bytes."""
    return os.fsdecode(os.fsencode(stem)[:200])
