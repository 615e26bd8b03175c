"""Writing the file of cached logits that a student's recipe names in `distill.teacher_logits`."""

import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.special import softmax

from dermdistill.data.batches import BatchSource
from dermdistill.data.lineage.learned_from import union
from dermdistill.data.lineage.trace import lineage_of_run
from dermdistill.distill.cached.logits import (
    TeacherLogits,
    load_teacher_logits,
    save_teacher_logits,
    views_key,
)
from dermdistill.distill.held_out import check_has_not_seen
from dermdistill.distill.training_set import TrainingSet
from dermdistill.distill.validate import predict_logits
from dermdistill.errors import DataError, ModelError
from dermdistill.models import load_run_model
from dermdistill.parallel import made_ahead
from dermdistill.runs import BEST, read_run

BATCH = 32
_LARGEST = float(np.finfo(np.float16).max)
_Logits = Callable[[NDArray[np.uint8]], NDArray[np.floating]]
"""From RGB uint8 `[b, size, size, 3]` at the prepared size to `[b, classes]`."""

Tell = Callable[[int, int], None]
"""Told how many views have been answered, and of how many."""


@dataclass(frozen=True)
class TeacherRun:
    """A trained run as a teacher.

    Attributes:
        run_dir: its folder.
        weights_sha256: of the weights it answers with.
        fold: the fold of the training images that it has not seen, or None.
        image_size: pixels at which it sees the views.
    """

    run_dir: Path
    weights_sha256: str
    fold: int | None
    image_size: int = 224

    def describe(self) -> dict[str, str | int | None]:
        """What tells these answers from others, wherever the folder lies."""
        return {
            "weights_sha256": self.weights_sha256,
            "fold": self.fold,
            "run": self.run_dir.name,
            "image_size": self.image_size,
        }


Part = tuple[TeacherRun, NDArray[np.int64]]
"""A teacher and the rows, int `[m]`, of the training set that it answers."""


def read_teacher_run(run_dir: Path, data: TrainingSet, image_size: int | None = None) -> TeacherRun:
    """Look at a run and check that it may teach on this data.

    Args:
        run_dir: its folder.
        data: the student's training set.
        image_size: pixels at which it sees the views; by default those of its last phase.

    Raises:
        ModelError: the folder holds no trained run.
        DataError: it may have seen the student's val and test images, see `check_has_not_seen`.
    """
    config = check_has_not_seen(run_dir, data, "teacher")
    weights_path = run_dir / BEST
    if not weights_path.is_file():
        raise ModelError(f"{run_dir} is not a trained run: {BEST} is missing; train it first.")
    fold = config["recipe"]["data"]["fold"]
    if fold is not None and config["fingerprints"]["splits"] != data.fingerprints["splits"]:
        raise DataError(
            f"The teacher {run_dir} left out fold {fold} of another split. So it may have seen images that "
            "it answers for; train it on the same splits.csv."
        )
    with weights_path.open("rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    size = image_size or read_run(run_dir).image_size or TeacherRun.image_size
    return TeacherRun(run_dir, sha256, fold, size)


def cache_teacher_logits(
    path: Path,
    teachers: Sequence[Part],
    batches: BatchSource,
    views: int,
    *,
    tell: Tell = lambda done, total: None,
) -> TeacherLogits:
    """Compute and write the logits of the views of all images that teachers look at.

    It goes on with an interrupted call.

    Args:
        path: the .npz to write.
        teachers: one and all rows, or cross-fitted ones and a fold each; together they answer every row of
            `batches.rows_looked_at` once.
        batches: the student's training set.
        views: views an image; the student's `batches.view_bank`, or more.
        tell: hears of progress.

    Raises:
        ModelError, DataError: a teacher's weights cannot be used.
    """
    answered = np.concatenate([rows for _, rows in teachers])
    wanted = batches.rows_looked_at
    if not np.array_equal(np.sort(answered), wanted):
        raise DataError(f"The teachers of {path.name} do not answer every training image exactly once.")
    image_ids = tuple(batches.image_ids[row] for row in wanted)
    made_by = json.dumps([teacher.describe() for teacher, _ in teachers])
    key = views_key(batches)
    learned_from = union(*(lineage_of_run(teacher.run_dir) for teacher, _ in teachers))
    if path.exists():
        earlier = load_teacher_logits(path)
        same = (earlier.image_ids, earlier.views_key, earlier.codes, earlier.made_by) == (
            image_ids,
            key,
            batches.codes,
            made_by,
        )
        if same and earlier.logits.shape[1] == views:
            tell(len(answered) * views, len(answered) * views)
            if earlier.learned_from != learned_from:
                earlier = replace(earlier, learned_from=learned_from)
                save_teacher_logits(path, earlier)
            return earlier
    logits = np.empty((len(answered), views, batches.num_classes), np.float16)
    unfinished, before = [], 0
    for teacher, rows in teachers:
        identity = [teacher.describe(), key, views, [batches.image_ids[row] for row in rows]]
        digest = hashlib.sha256(json.dumps(identity).encode()).hexdigest()
        unfinished.append(path.with_name(f"{path.name}.{digest[:12]}.part"))

        def tell_all(done: int, before: int = before) -> None:
            tell(before + done, len(answered) * views)

        logits[np.searchsorted(wanted, rows)] = answer_view_bank(
            _logits_of(teacher), batches, rows, views, unfinished=unfinished[-1], tell=tell_all
        )
        before += len(rows) * views
    cached = TeacherLogits(image_ids, logits, key, batches.codes, made_by, learned_from)
    save_teacher_logits(path, cached)
    for part in unfinished:
        part.unlink()
    return cached


def average_teacher_logits(
    teachers: Sequence[TeacherLogits],
    weights: Sequence[float] | None = None,
    log_prior: NDArray[np.float64] | None = None,
) -> TeacherLogits:
    """One teacher whose probabilities are the weighted mean of several, as log-probabilities.

    With `log_prior`, float `[classes]`, the mean is taken over prior-corrected probabilities, as if all
    classes were equally frequent. The class shares are then applied to the mean again; see
    `Objective.log_prior`.

    Raises:
        DataError: they answer other images, views or classes, or the weights do not fit.
    """
    first = teachers[0]
    for teacher in teachers:
        if (teacher.image_ids, teacher.views_key, teacher.codes, teacher.logits.shape) != (
            *(first.image_ids, first.views_key, first.codes),
            first.logits.shape,
        ):
            raise DataError(
                "The teachers to average answer other images, views or classes; cache them again alike."
            )
    shares = np.array(weights or [1.0] * len(teachers), np.float64)
    if len(shares) != len(teachers) or shares.min() < 0 or not shares.sum():
        raise DataError(f"Give {len(teachers)} weights of 0 or more, one a teacher and not all 0.")
    offset = np.zeros(first.logits.shape[-1]) if log_prior is None else log_prior
    mean = sum(
        share * softmax(teacher.logits.astype(np.float64) - offset, axis=-1)
        for share, teacher in zip(shares / shares.sum(), teachers, strict=True)
    )
    log_probs = np.log(np.maximum(mean, 1e-30)) + offset
    log_probs -= log_probs.max(axis=-1, keepdims=True)  # the argmax class at 0, where float16 is finest
    made_by = json.dumps(
        {
            "mean_of": [json.loads(teacher.made_by or "null") for teacher in teachers],
            "weights": shares.tolist(),
            "prior": "data" if log_prior is None else "uniform",
        }
    )
    return replace(
        first,
        logits=log_probs.astype(np.float16),
        made_by=made_by,
        learned_from=union(*(teacher.learned_from for teacher in teachers)),
    )


def _logits_of(teacher: TeacherRun) -> Callable[[NDArray[np.uint8]], NDArray[np.float32]]:
    """The teacher's model, loaded when it is first asked: a finished part needs none."""
    loaded: list[object] = []

    def logits_of(images: NDArray[np.uint8]) -> NDArray[np.float32]:
        if not loaded:
            loaded.append(load_run_model(teacher.run_dir, image_size=teacher.image_size))
        return predict_logits(loaded[0], images, image_size=teacher.image_size, batch_size=BATCH)

    return logits_of


def answer_view_bank(
    logits_of: _Logits,
    batches: BatchSource,
    rows: NDArray[np.int64],
    views: int,
    *,
    unfinished: Path,
    tell: Callable[[int], None] = lambda _: None,
) -> NDArray[np.float16]:
    """Logits of views 0 to `views` - 1 of each image in `rows`.

    Args:
        logits_of: the model.
        batches: images, their ids, and how their views are made.
        rows: int `[n]`, positions in the training set.
        views: views an image, 1 or more.
        unfinished: holds the answers so far; its name must be of this model, these rows and views, see
            `cache_teacher_logits`. It stays when all is answered, for the caller to remove.
        tell: hears of progress.

    Returns:
        float16 `[n, views, classes]`.

    Raises:
        ModelError: an answer is not a number that float16 can hold.
    """
    width = batches.num_classes
    row_bytes = width * np.dtype(np.float16).itemsize
    pairs = np.stack([np.repeat(rows, views), np.tile(np.arange(views), len(rows))], axis=1)
    unfinished.parent.mkdir(parents=True, exist_ok=True)
    with unfinished.open("ab") as file:
        done = min(file.tell() // row_bytes, len(pairs))
        file.truncate(done * row_bytes)  # a kill may have cut the last answer short
        tell(done)
        for images in _views_ahead(batches, pairs[done:]):
            logits = np.asarray(logits_of(images), np.float32)
            if not (np.abs(logits) < _LARGEST).all():  # false for what is not a number, too
                raise ModelError("The teacher answers logits that are not finite; look at its training.")
            file.write(logits.astype(np.float16).tobytes())
            file.flush()
            done += len(images)
            tell(done)
    return np.fromfile(unfinished, np.float16).reshape(len(rows), views, width)


def _views_ahead(
    batches: BatchSource, pairs: NDArray[np.int64], workers: int = 2
) -> Iterator[NDArray[np.uint8]]:
    """Batches of views, a few made ahead of need."""

    def make(chunk: NDArray[np.int64]) -> NDArray[np.uint8]:
        return np.stack([batches.view(int(row), int(view)) for row, view in chunk])

    chunks = (pairs[start : start + BATCH] for start in range(0, len(pairs), BATCH))
    yield from made_ahead(make, chunks, workers=workers, ahead=workers)
