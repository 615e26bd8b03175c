"""The data sets behind a training: its own, and those of its start, its teachers, and theirs.

A run keeps them in `lineage.json`; files of whole networks' weights and of teachers' logits carry them, too.
"""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np

from dermdistill.data.lineage.generated import KEY, lineage_of_generated
from dermdistill.data.lineage.learned_from import (
    UNTOLD,
    LearnedFrom,
    Lineage,
    from_json,
    inherited,
    to_json,
    union,
)
from dermdistill.data.prepared import read_report
from dermdistill.errors import DataError
from dermdistill.files import write_atomically
from dermdistill.runs import data_dirs_of, read_config

LINEAGE = "lineage.json"
# The entry of an .npz that holds the lineage, and those that only what was trained here has.
ENTRY = "learned_from"
_TRAINED_HERE = {"training_images", "views_key"}


def lineage_of_recipe(recipe: Mapping[str, Any]) -> Lineage:
    """The data sets of a training.

    A start that is no run and no network of ours, such as weights of ImageNet, is named by its file only.

    Args:
        recipe: as config.json keeps it.

    Raises:
        DataError, ModelError: a start or teacher is there and cannot be read.
    """
    distill = recipe.get("distill") or {}
    parents = [*distill.get("teachers", ()), *distill.get("teacher_logits", ())]
    start = str(recipe["model"].get("init", "none"))
    of_parents = [_lineage_of_parent(Path(path)) for path in [start, *map(str, parents)]]
    return union(lineage_of_data(data_dirs_of(recipe["data"])), *map(inherited, of_parents))


def lineage_of_run(run_dir: Path) -> Lineage:
    """The data sets that a run has learned from, as its folder keeps them; else found by its recipe.

    Raises:
        DataError, ModelError: the folder is no run, or a file of it is damaged.
    """
    path = run_dir / LINEAGE
    if path.is_file():
        try:
            return from_json(path.read_text("utf-8"))
        except (OSError, ValueError, TypeError) as error:
            raise DataError(f"{path} cannot be read ({error}); restore it or train again.") from error
    config = read_config(run_dir)
    # Its recipe names the images that it was reopened beside, not those that it learned from.
    return UNTOLD if "reopened_from" in config.get("made_with", {}) else lineage_of_recipe(config["recipe"])


def lineage_of_data(data_dirs: Iterable[Path]) -> Lineage:
    """The data sets in prepared folders, as their preparation knew them."""
    reports = [read_report(directory) or {} for directory in data_dirs]
    return union(*(lineage_of_generated(report) if report.get(KEY) else _taken(report) for report in reports))


def _taken(report: Mapping[str, Any]) -> Lineage:
    """A data set of photographs."""
    return (
        LearnedFrom(
            str(report.get("source") or ""),
            tuple(report.get("licences") or ()),
            str(report.get("citation") or ""),
            report.get("fingerprint"),
        ),
    )


def write_lineage(run_dir: Path, lineage: Lineage) -> None:
    """Keep the data sets that a run has learned from in its folder."""
    write_atomically(run_dir / LINEAGE, (to_json(lineage, indent=2) + "\n").encode())


def _lineage_of_parent(path: Path) -> Lineage:
    """Of a run, or of a file of weights or logits; what is gone does not say. Other files are not ours."""
    if str(path) in ("none", "imagenet") or path.suffix == ".h5":
        return ()
    if path.is_dir():
        return lineage_of_run(path)
    if path.suffix != ".npz" or not path.is_file():
        return UNTOLD
    try:
        with np.load(path, allow_pickle=False) as stored:
            if ENTRY in stored.files:
                return from_json(str(stored[ENTRY]))
            return UNTOLD if _TRAINED_HERE.intersection(stored.files) else ()
    except (OSError, ValueError, TypeError, BadZipFile) as error:
        raise DataError(f"{path} cannot be read ({error}); check the path.") from error
