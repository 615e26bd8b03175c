"""Many image files: find them, answer them in order, one flat row each."""

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from dermdistill.errors import DataError
from dermdistill.inference.engine import Engine
from dermdistill.inference.prediction import Prediction
from dermdistill.taxonomy import CLASSES

IMAGE_SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".webp", ".bmp", ".tif", ".tiff"})
COLUMNS = ("path", "image_id", "diagnosis", *(f"p_{code}" for code in CLASSES), "error")


@dataclass(frozen=True, slots=True)
class Row:
    """One file's answer, or the reason why it has none."""

    path: Path
    prediction: Prediction | None
    error: str | None

    def cells(self) -> dict[str, str | float | None]:
        """Return the row by `COLUMNS`: probabilities with 9 significant digits, None where there is none."""
        # A file name need not be valid Unicode; what is not is written as an escape.
        path = os.fspath(self.path).encode(errors="backslashreplace").decode()
        answer = self.prediction
        return {
            "path": path,
            "image_id": Path(path).stem,
            "diagnosis": answer.diagnosis if answer else None,
            **{f"p_{code}": float(f"{answer.probs[code]:.9g}") if answer else None for code in CLASSES},
            "error": self.error,
        }


def find_images(paths: Iterable[Path]) -> list[Path]:
    """Return the files named, and those under folders named with an image suffix, sorted within a folder.

    Hidden files and folders are left out: file managers leave things there that only look like images.

    Raises:
        DataError: a path does not exist, or nothing was found.
    """
    found: list[Path] = []
    searched = []
    for path in paths:
        if path.is_dir():
            searched.append(str(path))
            found += sorted(file for file in path.rglob("*") if _is_image(file, path))
        elif path.exists():
            found.append(path)
        else:
            raise DataError(f"{path} does not exist; give image files or folders of them.")
    if not found:
        raise DataError(
            f"No image found in {', '.join(searched)}; looked for {' '.join(sorted(IMAGE_SUFFIXES))}."
        )
    return found


def _is_image(file: Path, folder: Path) -> bool:
    visible = not any(part.startswith(".") for part in file.relative_to(folder).parts)
    return visible and file.suffix.lower() in IMAGE_SUFFIXES and file.is_file()


def predict_files(engine: Engine, paths: Sequence[Path]) -> Iterator[Row]:
    """Answer files in order with flat memory; one that cannot be used gives a row with its error."""
    for path, answer in zip(paths, engine.stream(paths), strict=True):
        if isinstance(answer, Prediction):
            yield Row(path, answer, None)
        else:
            yield Row(path, None, str(answer))
