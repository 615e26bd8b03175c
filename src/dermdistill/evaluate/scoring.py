"""A run's model over the val and test images: the only evaluation step that needs a model."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import softmax

from dermdistill.data.cache import Prepared, load_prepared, read_report
from dermdistill.data.files import write_atomically
from dermdistill.data.splits import read_splits
from dermdistill.errors import DataError
from dermdistill.evaluate.predictions import PROB_COLUMNS, read_predictions, write_predictions
from dermdistill.evaluate.runs import Run, check_as_trained, file_sha256
from dermdistill.imaging import resize_square
from dermdistill.run_files import images_seen

SCORED_SPLITS = ("val", "test")
BATCH = 32
# From uint8 images [b, s, s, 3] to logits [b, 7].
Logits = Callable[[NDArray[np.uint8]], NDArray[np.floating]]


def predictions_path(run: Run, *, tta: bool, image_size: int | None = None) -> Path:
    """Where a run's predictions are kept."""
    size = f"_{image_size}px" if image_size else ""
    return run.run_dir / f"predictions{'_tta' if tta else ''}{size}.csv"


def read_current(run: Run, *, tta: bool, image_size: int | None = None) -> pd.DataFrame | None:
    """A run's predictions if its present weights made them of its present data and splits, else None.

    Raises:
        DataError: the predictions or the weights cannot be used.
    """
    path = predictions_path(run, tta=tta, image_size=image_size)
    if not path.exists():
        return None
    if not run.weights_path.exists():
        return read_predictions(path)
    try:
        made_by = json.loads(path.with_suffix(".json").read_text())
    except (OSError, ValueError):
        return None
    return read_predictions(path) if made_by == provenance(run, path, tta=tta) else None


def provenance(run: Run, path: Path, *, tta: bool) -> dict[str, Any]:
    """What the predictions in `path` depend on, and what they are.

    Kept beside them, so that newer weights are never reported by older rows, nor by rows of another model.
    """
    return {
        "weights_sha256": file_sha256(run.weights_path),
        "splits_sha256": file_sha256(run.splits_path),
        "data_fingerprint": (read_report(run.data_dir) or {}).get("fingerprint"),
        "predictions_sha256": file_sha256(path),
        "test_time_augmentation": tta,
    }


def score_run(
    run: Run,
    logits_of: Logits,
    *,
    tta: bool = False,
    image_size: int | None = None,
    advance: Callable[[int], None] = lambda _: None,
) -> pd.DataFrame:
    """Score a run's val and test images and write its predictions file.

    Images that it has learned from (val, with `data.with_val`) are left out: their figures would flatter.

    Args:
        run: where the data, splits and weights are.
        logits_of: the run's model.
        tta: average the probabilities over the eight turns and flips of each image.
        image_size: pixels that the model sees; those of the prepared images if None.
        advance: told how many images were scored since the last call.

    Raises:
        DataError: data or splits are missing, do not fit together, or are not those of the run's training.
    """
    prepared, splits = load_prepared(run.data_dir), rows_to_score(run)
    check_as_trained(run, prepared.fingerprint)

    def sized_logits(images: NDArray[np.uint8]) -> NDArray[np.floating]:
        if image_size is None:
            return logits_of(images)
        return logits_of(np.stack([resize_square(image, image_size) for image in images]))

    frame = score_images(prepared, splits, sized_logits, tta=tta, advance=advance)
    path = predictions_path(run, tta=tta, image_size=image_size)
    path.with_suffix(".json").unlink(missing_ok=True)
    write_predictions(frame, path)
    write_atomically(
        path.with_suffix(".json"), (json.dumps(provenance(run, path, tta=tta), indent=1) + "\n").encode()
    )
    return read_predictions(path)


def rows_to_score(run: Run) -> pd.DataFrame:
    """Rows of its splits.csv that a run may be measured by: val and test, but for what it has learned from.

    Raises:
        DataError: the file is missing or breaks its rules.
    """
    splits = read_splits(run.splits_path)
    unseen = ~splits["image_id"].isin(images_seen(run.run_dir))
    return splits[splits["split"].isin(SCORED_SPLITS) & unseen].reset_index(drop=True)


def score_images(
    prepared: Prepared,
    splits: pd.DataFrame,
    logits_of: Logits,
    *,
    tta: bool = False,
    advance: Callable[[int], None] = lambda _: None,
) -> pd.DataFrame:
    """Predictions of the val and test images of `splits`, as `predictions` wants them.

    Raises:
        DataError: an image of the splits is not in the prepared data.
    """
    rows = splits[splits["split"].isin(SCORED_SPLITS)].reset_index(drop=True)
    positions = rows_of(prepared, rows)
    probs = np.empty((len(rows), len(PROB_COLUMNS)))
    for start in range(0, len(rows), BATCH):
        batch = np.asarray(prepared.images[positions[start : start + BATCH]])
        probs[start : start + len(batch)] = _mean_probs(logits_of, batch, tta=tta)
        advance(len(batch))
    return pd.concat(
        [rows[["image_id", "lesion_id", "diagnosis", "split"]], pd.DataFrame(probs, columns=PROB_COLUMNS)],
        axis=1,
    )


def rows_of(prepared: Prepared, splits: pd.DataFrame) -> NDArray[np.intp]:
    """Position in the pixel cache of each row of a splits table, by image id.

    Raises:
        DataError: an image is not in the cache.
    """
    positions = pd.Index(prepared.index["image_id"]).get_indexer(pd.Index(splits["image_id"]))
    if (positions < 0).any():
        first = splits["image_id"].iloc[int((positions < 0).argmax())]
        raise DataError(
            f"{int((positions < 0).sum())} images of the splits are not in the prepared data "
            f"(first: {first}); make the split from this data set."
        )
    return np.asarray(positions, np.intp)


def dihedral(images: NDArray[np.uint8]) -> Iterator[NDArray[np.uint8]]:
    """The eight turns and flips of square images `[b, s, s, 3]`; the first is the images themselves."""
    for flipped in (images, images[:, :, ::-1]):
        for turns in range(4):
            yield np.ascontiguousarray(np.rot90(flipped, turns, axes=(1, 2)))


def _mean_probs(logits_of: Logits, batch: NDArray[np.uint8], *, tta: bool) -> NDArray[np.float64]:
    views = list(dihedral(batch)) if tta else [batch]
    return np.asarray(
        np.mean([softmax(np.asarray(logits_of(view), np.float64), axis=1) for view in views], axis=0)
    )
