"""From a source to a prepared data set: check every row, decode once, check every image, move into place."""

import hashlib
import io
import json
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dermdistill.data.cache import IMAGES, INDEX, REPORT, VERSION, read_report
from dermdistill.data.decode import PIXELS, Decoded, OnProgress, decode_all
from dermdistill.data.files import write_atomically
from dermdistill.data.index import COLUMNS
from dermdistill.data.pixels import check_pixels
from dermdistill.data.problems import Problem, count_by_kind
from dermdistill.data.rows import CheckedRows, check_rows
from dermdistill.data.sources import Source
from dermdistill.errors import DataError
from dermdistill.imaging import IMAGE_SIZE


@dataclass(frozen=True)
class Outcome:
    """What prepare did: the report (as in prepare.json) and whether it was there already."""

    report: dict[str, Any]
    already: bool


def prepare(
    source: Source, out: Path, *, image_size: int = IMAGE_SIZE, strict: bool = False, on_progress: OnProgress
) -> Outcome:
    """Write a prepared data set to `out`: images.npy, index.csv, prepare.json, all or nothing.

    Work in progress lies beside `out` under a name made of the inputs' fingerprint; the same inputs go on
    from there, others begin anew.

    Args:
        source: what to prepare.
        out: a new or empty folder, or one that holds an earlier prepared data set, which is replaced.
        image_size: side of the cached images, in pixels.
        strict: refuse the data set if it has any problem at all.
        on_progress: called with (images decoded, images in all).

    Raises:
        DataError: nothing usable is in the source, `out` holds something else, the disk is too full, or
            (`ProblemsError`) there are problems and `strict` is set.
    """
    inputs = _fingerprint_inputs(source, image_size)
    earlier = read_report(out)
    if earlier is None and out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise DataError(f"{out} holds something that is no prepared data set; give a new folder.")
    if earlier is not None and earlier.get("inputs") == inputs and (out / IMAGES).is_file():
        _refuse_if(strict, earlier["problems"])
        _remove_work(out)
        return Outcome(earlier, already=True)
    checked = check_rows(source)
    if checked.rows.empty:
        seen = ", ".join(f"{n} x {kind}" for kind, n in count_by_kind(checked.problems).items())
        raise DataError(f"{source.root} has no usable image ({seen or 'it is empty'}); see --help for layouts.")
    _refuse_if(strict, [problem.as_json() for problem in checked.problems])
    work = _work_dir(out, inputs)
    _check_space(work, len(checked.rows) * image_size**2 * 3)
    _take_back(work)
    pixels, decoded = decode_all(checked.files, work, size=image_size, on_progress=on_progress)
    keep, pixel_problems = check_pixels(checked.rows, decoded)
    problems = [problem.as_json() for problem in [*checked.problems, *pixel_problems]]
    _refuse_if(strict, problems)
    if not keep:
        raise DataError(f"{source.root} has no image that can be decoded; see the files with an image viewer.")
    index = _index(checked, decoded, keep)
    report = _report(source, inputs, image_size, index, [decoded[i] for i in keep], problems)
    _finish(work, out, pixels, keep, index, report)
    return Outcome(report, already=False)


class ProblemsError(DataError):
    """A strict prepare found problems; `problems` holds them as prepare.json would."""

    def __init__(self, problems: Sequence[dict[str, Any]]) -> None:
        super().__init__(f"The data set has {len(problems)} problem(s); mend them, or leave out --strict.")
        self.problems = problems


def _refuse_if(strict: bool, problems: Sequence[dict[str, Any]]) -> None:
    if strict and problems:
        raise ProblemsError(problems)


def _fingerprint_inputs(source: Source, image_size: int) -> str:
    settings = [VERSION, image_size, source.layout, cv2.__version__]
    files = [(file.source_path, file.stamp) for file in source.images]
    text = json.dumps([settings, source.rows.to_csv(index=False), files])
    return hashlib.sha256(text.encode()).hexdigest()


def _work_dir(out: Path, inputs: str) -> Path:
    return out.parent / f".{out.name}.{inputs[:16]}.partial"


def _remove_work(out: Path) -> None:
    for left in out.parent.glob(f".{out.name}.*.partial"):
        shutil.rmtree(left)


def _check_space(work: Path, needed: int) -> None:
    if work.exists():
        return
    home = next(parent for parent in work.resolve().parents if parent.exists())
    free = shutil.disk_usage(home).free
    if free < needed:
        raise DataError(f"{home} has {free / 1e9:.1f} GB free and {needed / 1e9:.1f} GB are needed; make room.")


def _take_back(work: Path) -> None:
    """Undo the last-but-one step of a run that was killed between its two last steps."""
    ready = work / "ready" / IMAGES
    if ready.exists() and not (work / PIXELS).exists():
        ready.replace(work / PIXELS)


def _index(checked: CheckedRows, decoded: Sequence[Decoded], keep: Sequence[int]) -> pd.DataFrame:
    index = checked.rows.assign(
        width=[result.width for result in decoded],
        height=[result.height for result in decoded],
        source_path=[file.source_path for file in checked.files],
    )
    return index.iloc[list(keep)].loc[:, list(COLUMNS)]


def _report(
    source: Source,
    inputs: str,
    image_size: int,
    index: pd.DataFrame,
    decoded: Sequence[Decoded],
    problems: Sequence[dict[str, Any]],
) -> dict[str, Any]:
    digest = hashlib.sha256(_csv(index))
    for result in decoded:
        digest.update(bytes.fromhex(result.sha256))
    return {
        "version": VERSION,
        "layout": source.layout,
        "image_size": image_size,
        "rows_found": len(source.rows),
        "images_found": len(source.images),
        "images": len(index),
        "lesions": index["lesion_id"].nunique(),
        "images_per_class": index["diagnosis"].value_counts().sort_index().to_dict(),
        "lesions_per_class": index.groupby("diagnosis")["lesion_id"].nunique().to_dict(),
        "inputs": inputs,
        "fingerprint": digest.hexdigest(),
        "problems": list(problems),
    }


def _csv(index: pd.DataFrame) -> bytes:
    text = io.StringIO()
    index.to_csv(text, index=False, lineterminator="\n")
    return text.getvalue().encode()


def _finish(
    work: Path,
    out: Path,
    pixels: NDArray[np.uint8],
    keep: Sequence[int],
    index: pd.DataFrame,
    report: dict[str, Any],
) -> None:
    """Make the folder complete under a temporary name, then move it to its place."""
    ready = work / "ready"
    write_atomically(ready / INDEX, _csv(index))
    write_atomically(ready / REPORT, (json.dumps(report, indent=2) + "\n").encode())
    if len(keep) == len(pixels):
        (work / PIXELS).replace(ready / IMAGES)
    else:
        kept = np.lib.format.open_memmap(
            ready / IMAGES, mode="w+", dtype=np.uint8, shape=(len(keep), *pixels.shape[1:])
        )
        for row, position in enumerate(keep):
            kept[row] = pixels[position]
        kept.flush()
    if out.exists():
        out.replace(work / "replaced") if any(out.iterdir()) else out.rmdir()
    ready.replace(out)
    _remove_work(out)
