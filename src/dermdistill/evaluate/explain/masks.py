"""Does the heat lie on the lesion? Two scores of a heat map and a lesion mask, beside a baseline and chance.

- `heat_inside`: the share of the heat inside the mask, the energy-based pointing game (Wang et al. 2020,
  Score-CAM, arXiv:1910.01279).
- `peak_inside`: whether the hottest place is inside, the pointing game (Zhang et al. 2016, arXiv:1608.00507),
  without the paper's tolerance of 15 pixels.

For heat spread evenly, and for a place drawn at random, both are the mask's share of the image: chance. In
dermatoscopy the lesion is mostly in the middle, so the baseline is a blob in the middle, as wide as the heat.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path

import cv2
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dermdistill.errors import DataError, ImageError
from dermdistill.evaluate.explain.explanation import ExplainedFile
from dermdistill.evaluate.explain.mask_files import MASK_SUFFIX, read_mask
from dermdistill.files import write_atomically
from dermdistill.imaging import IMAGE_SIZE
from dermdistill.metrics.bootstrap import RESAMPLES, SEED, estimates, lesion_weights, over_lesions
from dermdistill.metrics.scores import Values

Heat = NDArray[np.float32]
_SIGMAS = np.geomspace(0.03, 10, 120)
SCHEMA_VERSION = 1
_FROM_SPLITS = ("image_id", "lesion_id", "diagnosis")
_KEYS = (*_FROM_SPLITS, "answer", "explained_class", "probability")
_COUNTED = ("heat_inside", "heat_peak_inside", "blob_inside", "blob_peak_inside", "lesion_area")


@dataclass(frozen=True)
class HeatReport:
    """What `score_heat` found.

    Attributes:
        images: a row an image: its answer, its figures, or its error.
        figures: columns group (`all`, then each diagnosis), images, lesions, figure, value, low, high.
        blob_sigma: width of the baseline's blob as a share of a side.
        images_without_heat: images where nothing spoke for the class; they count in no figure.
    """

    images: pd.DataFrame
    figures: pd.DataFrame
    blob_sigma: float
    images_without_heat: int


def images_to_score(paths: list[Path], lesions: pd.DataFrame | None) -> list[Path]:
    """The files whose name without its suffix is an image id of `lesions`; all of them without it.

    Raises:
        DataError: none is, or two files show one image.
    """
    if lesions is not None:
        wanted = set(lesions["image_id"])
        chosen = [path for path in paths if path.stem in wanted]
        if not chosen:
            raise DataError(
                f"None of the {len(paths)} images is among the {len(wanted)} of that split (first: "
                f"{paths[0].name}); give the images that the splits were made of."
            )
        paths = chosen
    ids = pd.Series([path.stem for path in paths])
    if ids.duplicated().any():
        first = ids[ids.duplicated()].iloc[0]
        raise DataError(f"Two files show the image {first}; give each image once.")
    return paths


def score_heat(
    files: Iterable[ExplainedFile],
    masks_dir: Path,
    lesions: pd.DataFrame | None,
    *,
    resamples: int = RESAMPLES,
    seed: int = SEED,
) -> HeatReport:
    """Score explained images on the masks `<image_id>_segmentation.png` of a folder.

    Args:
        files: explained images; the file's name without its suffix is the image id.
        masks_dir: folder of the masks.
        lesions: image_id, lesion_id and diagnosis; without it each image counts as a lesion of its own.
        resamples: of the bootstrap.
        seed: of the bootstrap.

    Raises:
        DataError: no image could be scored.
    """
    rows, heats = _explained(files)
    there = [heat for heat in heats if heat is not None and heat.max() > 0]
    if not there:
        raise DataError(
            f"None of the {len(rows)} images has any heat to score; give other images or a class."
        )
    blob, sigma = blob_as_wide_as(there)
    for row, heat in zip(rows, heats, strict=True):
        if heat is not None:
            row.update(_scores(heat, blob, masks_dir / f"{row['image_id']}{MASK_SUFFIX}"))
    frame = pd.DataFrame(rows).reindex(columns=[*_KEYS, *_COUNTED, "error"])
    if lesions is not None:
        known = lesions[["image_id", "lesion_id", "diagnosis"]]
        frame = frame[["image_id"]].merge(known, how="left").join(frame.drop(columns=list(_FROM_SPLITS)))
    scored = frame[frame["lesion_area"].notna()]
    counted = scored[scored["heat_inside"].notna()]
    if counted.empty:
        raise DataError(f"No image could be scored on a mask of {masks_dir} (first: {_first_error(frame)}).")
    figures = summarise(counted, resamples=resamples, seed=seed)
    return HeatReport(frame, figures, sigma, len(scored) - len(counted))


def _first_error(frame: pd.DataFrame) -> str:
    errors = frame["error"].dropna()
    return str(errors.iloc[0]).rstrip(".") if len(errors) else "no heat"


def _explained(files: Iterable[ExplainedFile]) -> tuple[list[dict[str, object]], list[Heat | None]]:
    """The rows of the table before they are scored, and the heat of each image that has one."""
    rows: list[dict[str, object]] = []
    heats: list[Heat | None] = []
    for file in files:
        row: dict[str, object] = {"image_id": file.path.stem, "lesion_id": file.path.stem, "diagnosis": ""}
        if (answer := file.explanation) is None:
            row["error"] = file.error
        else:
            row |= {
                "answer": answer.diagnosis,
                "explained_class": answer.explained,
                "probability": answer.probability,
            }
        rows.append(row)
        heats.append(answer.heat if answer else None)
    return rows, heats


def _scores(heat: Heat, blob: Heat, mask_path: Path) -> dict[str, object]:
    try:
        mask = read_mask(mask_path)
    except ImageError as error:
        return {"error": str(error)}
    return {
        "heat_inside": heat_inside(heat, mask),
        "heat_peak_inside": peak_inside(heat, mask),
        "blob_inside": heat_inside(blob, mask),
        "blob_peak_inside": peak_inside(blob, mask),
        "lesion_area": float(mask.mean()),
    }


def summarise(counted: pd.DataFrame, *, resamples: int = RESAMPLES, seed: int = SEED) -> pd.DataFrame:
    """Means over images with 95 % intervals over lesions, of all and of each diagnosis that there is.

    Besides the scores, the paired gain of the heat over blob and chance: an interval above 0 is a gain.
    """
    groups = [("all", counted)]
    groups += [(str(code), part) for code, part in counted.groupby("diagnosis") if code]
    found: list[dict[str, object]] = []
    for group, part in groups:
        values = {name: part[name].to_numpy(np.float64) for name in _COUNTED}
        for measure in ("inside", "peak_inside"):
            heat = values[f"heat_{measure}"]
            values[f"{measure}_gain_over_blob"] = heat - values[f"blob_{measure}"]
            values[f"{measure}_gain_over_chance"] = heat - values["lesion_area"]
        weights = lesion_weights(part["lesion_id"], resamples=resamples, seed=seed)
        point, spread = over_lesions(partial(_means, values), weights)
        size = {"group": group, "images": len(part), "lesions": part["lesion_id"].nunique()}
        for name, estimate in estimates(point, spread).items():
            figure = {key: value for key, value in asdict(estimate).items() if key != "undefined"}
            found.append(size | {"figure": name} | figure)
    return pd.DataFrame(found)


def _means(values: Values, weights: NDArray[np.float64]) -> Values:
    return {name: weights @ column / weights.sum(axis=1) for name, column in values.items()}


def write_heat_report(report: HeatReport, out_dir: Path, source: Mapping[str, object]) -> None:
    """Write heat_scores.json (means, intervals, and `source`: what was scored) and heat_scores.csv (images).

    Raises:
        DataError: `out_dir` cannot be written to.
    """
    content = {
        "schema_version": SCHEMA_VERSION,
        "source": source,
        "scored_at_pixels": IMAGE_SIZE,
        "images_without_heat": report.images_without_heat,
        "images_with_error": int(report.images["error"].notna().sum()),
        "blob_sigma_of_side": float(f"{report.blob_sigma:.6g}"),
        "figures": json.loads(report.figures.to_json(orient="records", double_precision=6)),
    }
    table = report.images.to_csv(index=False, float_format="%.6g", lineterminator="\n")
    try:
        write_atomically(out_dir / "heat_scores.csv", table.encode(errors="backslashreplace"))
        write_atomically(out_dir / "heat_scores.json", (json.dumps(content, indent=1) + "\n").encode())
    except OSError as error:
        raise DataError(f"{out_dir} cannot be written to ({error.strerror}); give another folder.") from error


def heat_inside(heat: Heat, mask: NDArray[np.bool_]) -> float:
    """Share of the heat that lies inside the mask, 0-1; NaN where there is no heat.

    Args:
        heat: `[rows, columns]`, 0 or more; stretched bilinearly to the mask, as it is when drawn.
        mask: `[height, width]`, true on the lesion.
    """
    height, width = mask.shape
    stretched = cv2.resize(heat.astype(np.float64), (width, height), interpolation=cv2.INTER_LINEAR)
    total = stretched.sum()
    return float(stretched[mask].sum() / total) if total > 0 else float("nan")


def peak_inside(heat: Heat, mask: NDArray[np.bool_]) -> float:
    """1 if the hottest place is inside the mask, else 0; NaN where there is no heat.

    Stretched bilinearly, a map has its maximum at the centre of its hottest cell, so that is the place that
    counts. Of several hottest cells, as quantised maps have, the share inside counts.
    """
    if heat.max() <= 0:
        return float("nan")
    cells = np.argwhere(heat == heat.max())
    places = ((cells + 0.5) * (np.array(mask.shape) / heat.shape)).astype(np.intp)
    return float(mask[places[:, 0], places[:, 1]].mean())


def centred_blob(shape: tuple[int, int], sigma: float) -> Heat:
    """A Gaussian in the middle, `shape` cells, maximum 1 or less; `sigma` as a share of a side."""
    rows, columns = ((np.arange(side) + 0.5) / side - 0.5 for side in shape)
    squares = rows[:, None] ** 2 + columns[None, :] ** 2
    return np.asarray(np.exp((squares.min() - squares) / (2 * sigma**2)), np.float32)


def effective_area(heat: Heat) -> float:
    """Share of the cells that the heat would fill if it were even on them and nothing elsewhere, 0-1.

    `(sum h)^2 / (n sum h^2)`, the inverse participation ratio; NaN where there is no heat.
    """
    values = heat.astype(np.float64)
    squares = (values**2).sum()
    return float(values.sum() ** 2 / (values.size * squares)) if squares > 0 else float("nan")


def blob_as_wide_as(heats: Sequence[Heat]) -> tuple[Heat, float]:
    """The centred blob with the median effective area of some heat maps of one shape, and its sigma.

    As wide as the heat, it differs only in where it lies. A narrower blob would always have more of its heat
    inside a central lesion, a wider one less. NaN heat maps are not counted; at least one must have heat.
    """
    shape = heats[0].shape
    wanted = np.nanmedian([effective_area(heat) for heat in heats])
    areas = [effective_area(centred_blob((shape[0], shape[1]), sigma)) for sigma in _SIGMAS]
    sigma = float(np.interp(wanted, areas, _SIGMAS))
    return centred_blob((shape[0], shape[1]), sigma), sigma
