"""The same figures by age, sex, body site and source: where a model does better or worse, as the data tell.

A slice's figures rest on its lesions alone, with intervals over these. Kinds of lesion are mixed differently
in every slice: children have moles, old faces actinic keratoses. So accuracy differs even for a model that
treats all alike. The melanoma AUC and the sensitivity of a class compare better. No table has skin tone.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dermdistill.data.prepare.words import read_age, read_sex, read_site
from dermdistill.data.sources.columns import NAMES, find_column, read_rows
from dermdistill.errors import DataError
from dermdistill.metrics.bootstrap import Estimate, decision_estimates, probability_estimates
from dermdistill.metrics.decisions import DecisionRule
from dermdistill.tables import read_table

# Fewer lesions than this give an interval that says nothing.
LEAST_LESIONS = 30
_AGES = {"under 40": (-np.inf, 40), "40 to 59": (40, 60), "60 and over": (60, np.inf)}
# In the words of HAM10000, the ISIC archive, MILK10k and PAD-UFES-20.
_SITES = {
    "head and neck": ("face", "neck", "scalp", "ear", "nose", "lip", "head/neck", "head neck face"),
    "trunk": (
        *("trunk", "back", "abdomen", "chest", "genital", "torso"),
        *("anterior torso", "posterior torso", "lateral torso"),
    ),
    "arm": ("upper extremity", "arm", "forearm"),
    "leg": ("lower extremity", "thigh", "leg"),
    "hand and foot": ("hand", "foot", "acral", "palms/soles"),
}


def read_metadata(*paths: Path) -> pd.DataFrame:
    """Age, sex and site of images, in slices, by `image_id`; "unknown" where the table has no word.

    Where there are several, `source` is that of each image, with the kind of picture where one has both.
    Of several tables, an image that two of them name is `source:image_id`, as in a split of several sources.

    Args:
        paths: prepared data sets' index.csv, or a metadata table with usual column names.

    Raises:
        DataError: a file is no such table, or names an image twice.
    """
    rows = _rows(paths)
    age = _ages(rows)
    slices = pd.DataFrame({"age": "unknown", "sex": "unknown", "site": "unknown"}, index=rows.index)
    for name, (low, high) in _AGES.items():
        slices.loc[(age >= low) & (age < high), "age"] = name
    sex = rows["sex"].map(read_sex)
    slices["sex"] = sex.where(sex.isin(["female", "male"]), "unknown")
    for name, sites in _SITES.items():
        slices.loc[rows["site"].map(read_site).isin(sites), "site"] = name
    source = _sources(rows)
    if source.nunique() > 1:
        slices["source"] = source
    return slices.set_index(pd.Index(rows["image_id"], name="image_id"))


def read_ages(*paths: Path) -> "pd.Series[float]":
    """Age in years by image id, NaN where unknown, of tables as `read_metadata` takes.

    Raises:
        DataError: a file is no such table, or names an image twice.
    """
    rows = _rows(paths)
    return _ages(rows).set_axis(pd.Index(rows["image_id"]))


def slice_figures(melanoma: str | None) -> tuple[str, ...]:
    """What is reported of a slice; those about melanoma where a class of that code is melanoma."""
    about = () if melanoma is None else (f"sensitivity_{melanoma}", f"specificity_{melanoma}")
    return (
        *("accuracy", "balanced_accuracy", *about, "macro_auc"),
        *(() if melanoma is None else ("melanoma_auc",)),
    )


def slice_frame(
    frame: pd.DataFrame,
    metadata: pd.DataFrame,
    melanoma: str | None,
    rule: DecisionRule,
    priors: NDArray[np.float64],
    *,
    resamples: int,
    seed: int,
) -> pd.DataFrame:
    """A row for each slice and figure: its images, lesions, melanoma lesions, the value and its interval.

    Slices with fewer than `LEAST_LESIONS` lesions have counts and no figures.

    Args:
        frame: predictions of one split.
        metadata: as `read_metadata` gives it; an image without a row is in the slices "unknown".
        melanoma: code of the class that is melanoma; None where none is.
        rule: how a class is chosen.
        priors: class shares `[classes]` for that rule.
        resamples: bootstrap resamples.
        seed: of the resampling.
    """
    slices = metadata.reindex(frame["image_id"]).fillna("unknown")
    figures = slice_figures(melanoma)
    rows = []
    for attribute in slices.columns:
        of_image = slices[attribute].to_numpy()
        for name in _in_order(attribute, of_image):
            part = frame[of_image == name].reset_index(drop=True)
            counts = {
                "attribute": attribute,
                "slice": name,
                "images": len(part),
                "lesions": part["lesion_id"].nunique(),
                "melanomas": part.loc[part["diagnosis"] == melanoma, "lesion_id"].nunique(),
            }
            if counts["lesions"] < LEAST_LESIONS:
                rows += [counts | {"figure": figure} for figure in figures]
                continue
            found = decision_estimates(part, rule, priors, resamples=resamples, seed=seed)
            found |= probability_estimates(part, melanoma=melanoma, resamples=resamples, seed=seed)
            rows += [
                counts
                | {
                    "figure": figure,
                    "value": found[figure].value,
                    "low": found[figure].low,
                    "high": found[figure].high,
                }
                for figure in figures
            ]
    columns = ["attribute", "slice", "images", "lesions", "melanomas", "figure", "value", "low", "high"]
    return pd.DataFrame(rows, columns=columns)


def slice_table(slices: pd.DataFrame) -> pd.DataFrame:
    """The same to read: a row a slice, a column a figure."""
    keys = ["attribute", "slice", "images", "lesions", "melanomas"]
    rows = []
    for counts, part in slices.groupby(keys, sort=False):
        estimates = part[["value", "low", "high"]].to_numpy(np.float64)
        shown = {
            figure: "not given" if np.isnan(value) else str(Estimate(value, low, high))
            for figure, (value, low, high) in zip(part["figure"], estimates, strict=True)
        }
        rows.append(dict(zip(keys, counts, strict=True)) | shown)
    return pd.DataFrame(rows)


def _in_order(attribute: str, of_image: NDArray[np.object_]) -> list[str]:
    fixed = {"age": list(_AGES), "sex": ["female", "male"], "site": list(_SITES)}
    known = fixed.get(attribute) or sorted(set(of_image.tolist()) - {"unknown"})
    return [name for name in [*known, "unknown"] if (of_image == name).any()]


def _rows(paths: Sequence[Path]) -> pd.DataFrame:
    """The rows of all tables, numbered from 0, the ids of images told apart."""
    rows = pd.concat([_read_rows(path) for path in paths], ignore_index=True)
    repeated = rows["image_id"].duplicated(keep=False)
    return rows.assign(image_id=rows["image_id"].mask(repeated, rows["source"] + ":" + rows["image_id"]))


def _read_rows(path: Path) -> pd.DataFrame:
    table = read_table(path)
    if not find_column(table, NAMES["image_id"]):
        raise DataError(f"{path} has no column image_id; give a table of image_id, age, sex and site.")
    rows = read_rows(table, path, required=("image_id",))
    if rows["image_id"].duplicated().any():
        raise DataError(f"{path} names an image twice; give a table with one row an image.")
    return rows.assign(source=table.get("source", ""), picture=table.get("picture", ""))


def _sources(rows: pd.DataFrame) -> "pd.Series[str]":
    kinds = rows.groupby("source")["picture"].transform("nunique")
    return rows["source"].mask(kinds > 1, rows["source"] + ", " + rows["picture"])


def _ages(rows: pd.DataFrame) -> "pd.Series[float]":
    return pd.Series([read_age(word) for word in rows["age"]], rows.index, dtype=float)
