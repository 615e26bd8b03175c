"""Put a prepared data set together under a temporary name and move it to its place in one step."""

import glob
import hashlib
import io
import json
import math
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from dermdistill.data.prepare.decode import PIXELS, Decoded, Pixels
from dermdistill.data.prepared import IMAGES, INDEX, REPORT, VERSION
from dermdistill.data.sources import Source
from dermdistill.errors import DataError
from dermdistill.files import write_atomically

READY = "ready"


def work_dir(out: Path, inputs: str) -> Path:
    """Where work in progress lies: beside `out`, named by what it is made from."""
    return out.parent / f".{out.name}.{inputs[:16]}.partial"


def remove_work(out: Path) -> None:
    """Remove all work in progress towards `out`, also that from other inputs, but nobody else's."""
    for left in out.parent.glob(f".{glob.escape(out.name)}.{'[0-9a-f]' * 16}.partial"):
        shutil.rmtree(left)


def check_space(work: Path, needed: int) -> None:
    """Refuse early: a memory-mapped file on a full disk ends the process with a signal.

    Args:
        work: the folder of the work in progress; what its pixels' file takes already is not needed again.
        needed: bytes.

    Raises:
        DataError: there is not as much room.
    """
    file = work / PIXELS
    there = getattr(file.stat(), "st_blocks", 0) * 512 if file.exists() else 0  # Windows does not tell
    home = next(parent for parent in work.resolve().parents if parent.exists())
    free = shutil.disk_usage(home).free
    missing = needed - there
    if free < missing:
        raise DataError(
            f"{home} has {free / 1e6:,.0f} MB free where {missing / 1e6:,.0f} MB are needed; make room."
        )


def take_back(work: Path) -> None:
    """Undo the last move but one of a run that was killed just before its last."""
    ready = work / READY / IMAGES
    if ready.exists() and not (work / PIXELS).exists():
        ready.replace(work / PIXELS)


def make_report(
    source: Source, *, index: pd.DataFrame, decoded: Sequence[Decoded], problems: Sequence[dict[str, Any]]
) -> dict[str, Any]:
    """Make the content of prepare.json, less what was asked for.

    Args:
        source: what was found.
        index: the rows kept.
        decoded: their images, in the same order.
        problems: each problem with what was done about it.
    """
    digest = hashlib.sha256(_csv(index))
    for result in decoded:
        digest.update(bytes.fromhex(result.sha256))
    return {
        "version": VERSION,
        "layout": source.layout,
        "source": source.about.name,
        "citation": source.about.citation,
        "licences": sorted(set(index["licence"])),
        "notes": list(source.notes),
        "rows_found": len(source.rows),
        "images_found": len(source.images),
        "images": len(index),
        "lesions": index["lesion_id"].nunique(),
        "groups": index["group_id"].nunique(),
        "pictures": index["picture"].value_counts().sort_index().to_dict(),
        "images_per_class": index["diagnosis"].value_counts().sort_index().to_dict(),
        "lesions_per_class": index.groupby("diagnosis")["lesion_id"].nunique().to_dict(),
        "fingerprint": digest.hexdigest(),
        "problems": list(problems),
    }


def move_into_place(
    work: Path, out: Path, *, pixels: Pixels, keep: Sequence[int], index: pd.DataFrame, report: dict[str, Any]
) -> None:
    """Write the folder's three files under a temporary name, then move it to `out`, replacing what is there.

    Args:
        work: the folder of the work in progress, which holds the pixels' file.
        out: the prepared data set's place.
        pixels: every decoded image.
        keep: the positions of those that belong to it, ascending.
        index: their rows.
        report: the content of prepare.json.
    """
    ready = work / READY
    write_atomically(ready / INDEX, _csv(index))
    write_atomically(ready / REPORT, (json.dumps(report, indent=2) + "\n").encode())
    if len(keep) == len(pixels):
        (work / PIXELS).replace(ready / IMAGES)
    else:
        shape = (len(keep), *pixels.shape[1:])
        (ready / IMAGES).unlink(missing_ok=True)
        check_space(ready, math.prod(shape))
        kept = np.lib.format.open_memmap(ready / IMAGES, mode="w+", dtype=pixels.dtype, shape=shape)
        for row, position in enumerate(keep):
            kept[row] = pixels[position]
        kept.flush()
    if out.exists():
        out.replace(work / "replaced")
    ready.replace(out)
    remove_work(out)


def _csv(index: pd.DataFrame) -> bytes:
    text = io.StringIO()
    index.to_csv(text, index=False, lineterminator="\n")
    return text.getvalue().encode()
