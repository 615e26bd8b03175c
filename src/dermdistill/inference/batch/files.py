"""Many image files: find them, answer them in order, one flat row each."""

import os
import stat
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import tee
from pathlib import Path

from dermdistill.errors import DataError, UnreadableError
from dermdistill.files import printable
from dermdistill.imaging.read import why_unreadable
from dermdistill.imaging.suffixes import IMAGE_SUFFIXES
from dermdistill.inference.engine import Engine
from dermdistill.inference.prediction import Prediction

Cells = dict[str, str | float | None]
# What a person is told, why, and at which sensitivity it was decided.
ASSESSMENT_COLUMNS = ("assessment", "reasons", "operating_point")


def probability_columns(codes: Iterable[str]) -> tuple[str, ...]:
    """Names of the columns that hold probabilities, for a bundle's class codes."""
    return ("malignant_probability", *(f"p_{code}" for code in codes))


def columns(codes: Iterable[str]) -> tuple[str, ...]:
    """Names of a table's columns, for a bundle's class codes."""
    numbers = probability_columns(codes)
    return (
        "path",
        "image_id",
        *ASSESSMENT_COLUMNS,
        "diagnosis",
        *numbers,
        "picture",
        "refused",
        "quality",
        "error",
    )


@dataclass(frozen=True, slots=True)
class Row:
    """One file's answer, or the reason why it has none; a `passing` one may be gone the next time."""

    path: Path | str
    prediction: Prediction | None
    error: str | None
    passing: bool = False

    def cells(self, codes: Sequence[str]) -> Cells:
        """Return the row by `columns(codes)`; None where there is nothing to say.

        `assessment`: the level of what a person is told; `reasons`: codes, see `inference.assessment`;
        `operating_point`: its sensitivity. Probabilities have 9 significant digits. `picture`: `dermoscopic`,
        `clinical` or `neither`, where the bundle tells. `refused`: `yes` when the
        detector says that the picture is unlike known lesions, `no` otherwise. `quality`: the codes of the
        warnings, `good` when there are none.
        """
        path = printable(self.path)
        answer = self.prediction
        return {
            "path": path,
            "image_id": Path(path).stem,
            **dict(zip(ASSESSMENT_COLUMNS, _assessed(answer), strict=True)),
            "diagnosis": answer.diagnosis if answer else None,
            **dict(zip(probability_columns(codes), _probabilities(answer, codes), strict=True)),
            "picture": answer.picture.kind if answer and answer.picture else None,
            "refused": _refused(answer),
            "quality": _quality(answer),
            "error": self.error and printable(self.error),
        }


def _probabilities(answer: Prediction | None, codes: Sequence[str]) -> list[float | None]:
    if answer is None:
        return [None] * (1 + len(codes))
    values = [answer.malignant_probability, *(answer.probs[code] for code in codes)]
    return [float(f"{value:.9g}") for value in values]


def _assessed(answer: Prediction | None) -> tuple[str | None, str | None, float | None]:
    if answer is None:
        return None, None, None
    assessment = answer.assessment
    return assessment.level, " ".join(assessment.reasons), assessment.sensitivity


def _refused(answer: Prediction | None) -> str | None:
    if answer is None or answer.out_of_distribution is None:
        return None
    return "yes" if answer.out_of_distribution.refused else "no"


def _quality(answer: Prediction | None) -> str | None:
    if answer is None or answer.quality is None:
        return None
    return " ".join(warning.code for warning in answer.quality) or "good"


def find_images(paths: Iterable[Path]) -> list[Path]:
    """Return the files named, and those that `walk_images` finds under folders, sorted within a folder.

    Raises:
        DataError: a path does not exist or cannot be read, or nothing was found.
    """
    paths = list(paths)
    found = [file for path in paths for file in sorted(walk_images(path))]
    if not found:
        raise nothing_found(paths)
    return found


def walk_images(path: Path) -> Iterator[Path]:
    """Yield a file itself, or what is named like an image under a folder, in no order, holding none of it.

    Hidden files and folders are left out: file managers leave things there that only look like images. Links
    to files count as files; links to folders are not followed, only a folder that is named itself may be one.
    What turns out to be unusable (a broken link, a pipe, a subfolder that cannot be read) is yielded all the
    same. Reading it will give the reason.

    Raises:
        DataError: the path itself does not exist or cannot be read.
    """
    try:
        if stat.S_ISDIR(path.stat().st_mode):
            yield from _images_in(path)
        else:
            yield path
    except (OSError, ValueError) as error:
        raise DataError(why_unreadable(path, error)) from error


def _images_in(folder: Path) -> Iterator[Path]:
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.name.startswith("."):
                continue
            path = folder / entry.name
            if entry.is_dir(follow_symlinks=False):
                try:
                    yield from _images_in(path)
                except OSError:
                    yield path
            elif path.suffix.lower() in IMAGE_SUFFIXES and not _is_link_to_folder(entry):
                yield path


def _is_link_to_folder(entry: "os.DirEntry[str]") -> bool:
    try:
        return entry.is_symlink() and entry.is_dir()
    except OSError:  # it leads in a circle, or where one may not look
        return False


def nothing_found(paths: Iterable[Path]) -> DataError:
    """Make the error that says where images were looked for in vain."""
    searched = ", ".join(map(str, paths))
    return DataError(f"No image found in {searched}; looked for {' '.join(sorted(IMAGE_SUFFIXES))}.")


def predict_files(engine: Engine, paths: Iterable[Path], *, quality: bool) -> Iterator[Row]:
    """Answer files in order with flat memory; one that cannot be used gives a row with its error."""
    named, asked = tee(paths)
    for path, answer in zip(named, engine.stream(asked, quality=quality), strict=True):
        if isinstance(answer, Prediction):
            yield Row(path, answer, None)
        else:
            yield Row(path, None, str(answer), passing=isinstance(answer, UnreadableError))
