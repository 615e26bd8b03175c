"""From a source to a prepared data set: check every row, decode once, check every image, move into place."""

import hashlib
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import pandas as pd

from dermdistill.classes import ClassTable
from dermdistill.data.lineage.generated import KEY, citation_of, read_mark
from dermdistill.data.prepare.assemble import (
    check_space,
    make_report,
    move_into_place,
    remove_work,
    take_back,
    work_dir,
)
from dermdistill.data.prepare.checks import check_rows
from dermdistill.data.prepare.decode import Decoded, OnProgress, decode_all
from dermdistill.data.prepare.equal_pixels import check_pixels
from dermdistill.data.prepare.problems import KINDS
from dermdistill.data.prepared import COLUMNS, IMAGES, VERSION, read_report
from dermdistill.data.sources import ImageFile, Source
from dermdistill.errors import DataError
from dermdistill.imaging import IMAGE_SIZE


class ProblemsError(DataError):
    """The data set was refused; `problems` holds every problem as prepare.json would."""

    def __init__(self, message: str, problems: Sequence[dict[str, Any]]) -> None:
        super().__init__(message)
        self.problems = problems


@dataclass(frozen=True)
class Outcome:
    """What prepare did: the report (as in prepare.json) and whether it was there already."""

    report: dict[str, Any]
    already: bool


def prepare(
    source: Source,
    out: Path,
    *,
    classes: ClassTable,
    image_size: int = IMAGE_SIZE,
    strict: bool = False,
    overwrite: bool = False,
    on_progress: OnProgress,
) -> Outcome:
    """Write a prepared data set to `out`: images.npy, index.csv, prepare.json, all or nothing.

    Work in progress lies beside `out` under a name made of the inputs' fingerprint; the same inputs go on
    from there, others begin anew.

    Args:
        source: what to prepare.
        out: a new or empty folder, or one that holds an earlier prepared data set.
        classes: what its diagnoses become.
        image_size: side of the cached images, in pixels.
        strict: refuse the data set if it has any problem at all.
        overwrite: replace an earlier data set of other files or settings.
        on_progress: called with (images decoded, images in all).

    Raises:
        ProblemsError: no usable image is left, or there are problems and `strict` is set.
        DataError: `out` is the current folder, or holds something that is not to be replaced; or the disk is
            full.
    """
    out = out.resolve()  # work lies beside it and is moved to it, so it needs a name: `.` has none
    if Path.cwd().is_relative_to(out):
        raise DataError(f"{out} is the current folder or holds it; give a new folder.")
    mark = read_mark(source.root)
    inputs = _fingerprint_inputs(source, image_size, classes)
    earlier = read_report(out)
    if earlier is None and out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise DataError(f"{out} holds something that is not prepared data set; give a new folder.")
    if earlier is not None and earlier.get("inputs") == inputs and (out / IMAGES).is_file():
        _refuse_if(strict, earlier["problems"])
        remove_work(out)
        return Outcome(earlier, already=True)
    if earlier is not None and not overwrite:
        raise DataError(
            f"{out} holds a data set that was prepared {_difference(earlier, image_size, classes)}; give "
            "another folder, or --overwrite to replace it."
        )
    checked = check_rows(source, classes)
    row_problems = [problem.as_json() for problem in checked.problems]
    _refuse_unusable(source, checked.files, row_problems)
    work = work_dir(out, inputs)
    take_back(work)
    check_space(work, len(checked.rows) * image_size**2 * 3)
    pixels, decoded = decode_all(checked.files, work, size=image_size, on_progress=on_progress)
    rows, keep, pixel_problems = check_pixels(checked.rows, decoded)
    problems = row_problems + [problem.as_json() for problem in pixel_problems]
    _refuse_if(strict, problems)
    _refuse_unusable(source, keep, problems)
    index = _index(rows, checked.files, decoded, keep)
    report = make_report(source, index=index, decoded=[decoded[i] for i in keep], problems=problems)
    report |= {"image_size": image_size, "classes": classes.to_dict(), "inputs": inputs}
    if mark is not None:
        report |= {KEY: mark, "citation": report["citation"] or citation_of(mark)}
    move_into_place(work, out, pixels=pixels, keep=keep, index=index, report=report)
    return Outcome(report, already=False)


def _fingerprint_inputs(source: Source, image_size: int, classes: ClassTable) -> str:
    """Hash all that decides the result, the decoder's version included, without reading an image."""
    about = [source.about.name, source.about.licence, source.about.picture]
    settings = [VERSION, image_size, classes.to_dict(), source.layout, about, cv2.__version__]
    files = [(file.source_path, file.stamp) for file in source.images]
    text = json.dumps([settings, source.rows.to_csv(index=False), files])
    return hashlib.sha256(text.encode()).hexdigest()


def _difference(earlier: Mapping[str, Any], image_size: int, classes: ClassTable) -> str:
    if earlier.get("version") != VERSION:
        return "by another version"
    if earlier.get("image_size") != image_size:
        return f"at {earlier.get('image_size')} pixels, not {image_size}"
    if earlier.get("classes") != classes.to_dict():
        return "with other classes"
    return "from other files or settings"


def _refuse_if(strict: bool, problems: Sequence[dict[str, Any]]) -> None:
    if strict and problems:
        raise ProblemsError(
            f"The data set has {len(problems)} problem(s); mend them, or leave out --strict.", problems
        )


def _refuse_unusable(source: Source, usable: Sequence[object], problems: Sequence[dict[str, Any]]) -> None:
    if not usable:
        dropped = Counter(problem["kind"] for problem in problems if problem["action"] == "dropped")
        why = ", ".join(f"{KINDS[kind].title} ({times})" for kind, times in dropped.most_common())
        raise ProblemsError(
            f"{source.root} has {len(source.rows)} rows and {len(source.images)} images, and none that can "
            f"be used: {why or 'there is nothing in it'}.",
            problems,
        )


def _index(
    rows: pd.DataFrame, files: Sequence[ImageFile], decoded: Sequence[Decoded], keep: Sequence[int]
) -> pd.DataFrame:
    index = rows.assign(
        width=[result.width for result in decoded],
        height=[result.height for result in decoded],
        source_path=[file.source_path for file in files],
    )
    return index.iloc[list(keep)].loc[:, list(COLUMNS)]
