"""Anybody's table of probabilities as answers: a row an image, a column a class, whatever its name."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dermdistill.classes import PRESETS, ClassTable, load_classes
from dermdistill.data.sources.columns import NAMES, find_column
from dermdistill.data.sources.images import strip_suffix
from dermdistill.errors import DataError
from dermdistill.evaluate.external.answers import ABOUT, TRUTH, Answers
from dermdistill.evaluate.external.rows import External, with_truth
from dermdistill.metrics.predictions import prob_columns, rounding_tolerance
from dermdistill.tables import numbers, read_table


def read_given(path: Path, classes: ClassTable | None = None) -> tuple[ClassTable, pd.DataFrame]:
    """Read image_id and a probability for each class, in columns `p_<code>` or called by code, name, alias.

    Args:
        path: the table; any usual encoding and separator, image ids with or without a file suffix.
        classes: what its classes are of; None finds the preset that has a word for the most of its columns.

    Returns:
        The classes that the table has, and `p_<code>` in their order, by image id, each row summing to 1.

    Raises:
        DataError: the file is no such table; the message says why.
    """
    table = read_table(path)
    images = find_column(table, NAMES["image_id"])
    if images is None:
        raise DataError(f"{path} has no column image_id; it has {', '.join(table.columns)}.")
    columns = _class_columns([name for name in table.columns if name != images])
    classes, found = _best_table(path, columns, classes)
    probs = pd.DataFrame({code: numbers(table[column]) for code, column in found.items()}, dtype=float)
    ids = table[images].map(strip_suffix)
    _check(path, ids, probs.to_numpy(), left_out=[name for name in columns if name not in found.values()])
    probs = probs.div(probs.sum(axis=1), axis=0)
    probs.columns = prob_columns(classes.codes)
    return classes, probs.set_index(pd.Index(ids, name="image_id"))


def answer_with_given(model: str, given: tuple[ClassTable, pd.DataFrame], external: External) -> Answers:
    """A table's probabilities for the images of a source; the argmax class is decided for.

    Raises:
        DataError: it has none of the images.
    """
    classes, probs = given
    there = external.rows["image_id"].isin(probs.index)
    if not there.any():
        raise DataError(
            f"{model} has no row of an image of {external.name}; its ids must be those of image_id."
        )
    missing = int((~there).sum())
    if missing:
        external = external.warned(
            f"{external.name}: {model} has no row for {missing} images; they are left out."
        )
    truth = with_truth(external, classes)[[*TRUTH, *ABOUT]][there].reset_index(drop=True)
    of_image = probs.loc[truth["image_id"]].reset_index(drop=True)
    frame = pd.concat([truth, of_image], axis=1)
    frame["decided"] = np.array(classes.codes)[of_image.to_numpy().argmax(axis=1)]
    return Answers(model, external.name, external.split, classes, frame, warnings=external.warnings)


def _class_columns(columns: Sequence[str]) -> dict[str, str]:
    """The columns that may be classes, each with its word; only `p_<word>` where there are such."""
    marked = {name: name[2:] for name in columns if _is_marked(name)}
    return marked or {name: name for name in columns}


def _is_marked(column: str) -> bool:
    return column.casefold().startswith("p_")


def _best_table(
    path: Path, columns: dict[str, str], classes: ClassTable | None
) -> tuple[ClassTable, dict[str, str]]:
    """The table with only the classes that there are columns of, and the column of each, in its order."""
    tables = [classes] if classes else [load_classes(name) for name in PRESETS]
    best: tuple[ClassTable, dict[str, str]] | None = None
    for table in tables:
        found: dict[str, str] = {}
        for column, word in columns.items():
            if code := table.lookup(word):
                if code in found:
                    break  # two columns of one class: this is another table's division
                found[code] = column
        else:
            if len(found) > 1 and (best is None or len(found) > len(best[1])):
                best = table, found
    if best is None:
        raise DataError(
            f"{path} has no column for each class (it has {', '.join(columns)}); call them p_<code>, or name "
            "their class table with --classes."
        )
    table, found = best
    nobodys = [name for name in columns if name not in found.values()]
    if nobodys and all(map(_is_marked, columns)):
        raise DataError(
            f"{path} has probabilities of {', '.join(nobodys)}, which {table.name} has no class for; name "
            "the class table with --classes."
        )
    kept = table.keep(found)
    return kept, {code: found[code] for code in kept.codes}


def _check(path: Path, ids: "pd.Series[str]", probs: NDArray[np.float64], *, left_out: list[str]) -> None:
    finite = np.isfinite(probs).all(axis=1)
    rules = {
        "repeat an image_id": ids.duplicated().to_numpy(),
        "have a probability that is not a number from 0 to 1": ~finite
        | (probs < 0).any(axis=1)
        | (probs > 1).any(axis=1),
        "do not sum to 1": finite & (np.abs(probs.sum(axis=1) - 1) > rounding_tolerance(probs[finite])),
    }
    for text, broken in rules.items():
        if broken.any():
            columns = f"; {', '.join(left_out)} were taken for no class" if left_out else ""
            raise DataError(
                f"{path}: {int(broken.sum())} rows {text} (first: {ids[int(broken.argmax())]}){columns}."
            )
