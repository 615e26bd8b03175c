"""A run's model over the val and test images: the only evaluation step that needs a model."""

import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import softmax

from dermdistill.data.joined import fingerprint_of
from dermdistill.data.study import Study, open_study_of
from dermdistill.files import file_sha256, write_atomically
from dermdistill.metrics.predictions import GROUP, KEYS, prob_columns, read_predictions, write_predictions
from dermdistill.models import load_run_model
from dermdistill.runs import Run, images_seen

SCORED_SPLITS = ("val", "test")
BATCH = 32
# From uint8 images [b, s, s, 3] to logits [b, classes].
Logits = Callable[[NDArray[np.uint8]], NDArray[np.floating]]


def predictions_path(run: Run, *, tta: bool, image_size: int | None = None) -> Path:
    """Where a run's predictions are kept; those at its own image size have the plain name."""
    size = f"_{image_size}px" if image_size not in (None, run.image_size) else ""
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
        made_by = json.loads(path.with_suffix(".json").read_text("utf-8"))
    except (OSError, ValueError):
        return None
    present = {
        "data": fingerprint_of(run.data_dirs),
        "splits": file_sha256(run.splits_path),
    }
    current = provenance(run, present, path, tta=tta, image_size=image_size)
    return read_predictions(path) if made_by == current else None


def provenance(
    run: Run, fingerprints: Mapping[str, str | None], path: Path, *, tta: bool, image_size: int | None
) -> dict[str, Any]:
    """What the predictions in `path` depend on, and what they are.

    Kept beside them, so that newer weights are never reported by older rows, nor by rows of another model.
    """
    return {
        "weights_sha256": file_sha256(run.weights_path),
        "splits_sha256": fingerprints["splits"],
        "data_fingerprint": fingerprints["data"],
        "predictions_sha256": file_sha256(path),
        "test_time_augmentation": tta,
        "run": run.run_dir.resolve().name,
        "image_size": image_size or run.image_size,
        "classes": run.classes.to_dict(),
    }


def source_of(path: Path) -> dict[str, Any]:
    """What a report says of its predictions: file, checksum, and, if they are a run's, run and pixels."""
    source: dict[str, Any] = {"file": path.name, "sha256": file_sha256(path)}
    try:
        made_by = json.loads(path.with_suffix(".json").read_text("utf-8"))
    except (OSError, ValueError):
        return source
    if not isinstance(made_by, dict) or made_by.get("predictions_sha256") != source["sha256"]:
        return source
    told = ("run", "image_size", "test_time_augmentation")
    return source | {name: made_by[name] for name in told if made_by.get(name)}


def score_run(
    run: Run,
    study: Study,
    logits_of: Logits,
    *,
    tta: bool = False,
    image_size: int | None = None,
    advance: Callable[[int], None] = lambda _: None,
) -> pd.DataFrame:
    """Score a run's val and test images and write its predictions file.

    Images that it has learned from (val, with `data.with_val`) are left out: their figures would be too good.

    Args:
        run: where the weights are.
        study: its data and splits, see `open_study_of`.
        logits_of: the run's model.
        tta: average the probabilities over the eight turns and flips of each image.
        image_size: pixels that the model sees; those of the run's last phase if None.
        advance: told how many images were scored since the last call.
    """
    study = study.at(image_size or study.size)
    frame = score_images(study, rows_to_score(run, study), logits_of, tta=tta, advance=advance)
    path = predictions_path(run, tta=tta, image_size=image_size)
    path.with_suffix(".json").unlink(missing_ok=True)
    write_predictions(frame, path)
    made_by = provenance(run, study.fingerprints, path, tta=tta, image_size=image_size)
    write_atomically(path.with_suffix(".json"), (json.dumps(made_by, indent=1) + "\n").encode())
    return read_predictions(path)


def predictions_of(
    run: Run,
    *,
    tta: bool = False,
    image_size: int | None = None,
    on_progress: Callable[[int, int], None] = lambda done, total: None,
) -> pd.DataFrame:
    """A run's predictions: those it has if they are of its present weights and data, else new ones.

    Args:
        run: a trained run.
        tta: average the probabilities over the eight turns and flips of each image.
        image_size: pixels that the model sees; those of the run's last phase if None.
        on_progress: told how many images have been scored, and of how many.
    """
    if (current := read_current(run, tta=tta, image_size=image_size)) is not None:
        return current
    study = open_study_of(run)
    model = load_run_model(run.run_dir, image_size=image_size or study.image_size)
    total, done = len(rows_to_score(run, study)), 0

    def advance(images: int) -> None:
        nonlocal done
        done += images
        on_progress(done, total)

    return score_run(
        run,
        study,
        lambda batch: model.predict_on_batch(batch)["logits"],
        tta=tta,
        image_size=image_size,
        advance=advance,
    )


def rows_to_score(run: Run, study: Study) -> pd.DataFrame:
    """Rows that a run may be measured by: val and test, but for the images that it has learned from."""
    rows = study.rows(*SCORED_SPLITS)
    return rows[~rows["image_id"].isin(images_seen(run.run_dir))].reset_index(drop=True)


def score_images(
    study: Study,
    rows: pd.DataFrame,
    logits_of: Logits,
    *,
    tta: bool = False,
    advance: Callable[[int], None] = lambda _: None,
) -> pd.DataFrame:
    """Predictions of the images of `rows`, as `predictions` wants them."""
    positions, columns = study.positions(rows), prob_columns(study.classes.codes)
    probs = np.empty((len(rows), len(columns)))
    for start in range(0, len(rows), BATCH):
        batch = study.pixels(positions[start : start + BATCH])
        probs[start : start + len(batch)] = mean_probs(logits_of, batch, tta=tta)
        advance(len(batch))
    keys = rows[[name for name in (*KEYS, GROUP) if name in rows]].reset_index(drop=True)
    return pd.concat([keys, pd.DataFrame(probs, columns=columns)], axis=1)


def dihedral(images: NDArray[np.uint8]) -> Iterator[NDArray[np.uint8]]:
    """The eight turns and flips of square images `[b, s, s, 3]`; the first is the images themselves."""
    for flipped in (images, images[:, :, ::-1]):
        for turns in range(4):
            yield np.ascontiguousarray(np.rot90(flipped, turns, axes=(1, 2)))


def mean_probs(logits_of: Logits, batch: NDArray[np.uint8], *, tta: bool) -> NDArray[np.float64]:
    """Probabilities `[b, classes]` of images `[b, s, s, 3]`; with `tta` the mean over `dihedral` views."""
    views = list(dihedral(batch)) if tta else [batch]
    return np.asarray(
        np.mean([softmax(np.asarray(logits_of(view), np.float64), axis=1) for view in views], axis=0)
    )
