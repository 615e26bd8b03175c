"""A model's answers on the bank of views of many images; stopped at any moment, it goes on where it was."""

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from dermdistill.data.ahead import made_ahead
from dermdistill.data.batches import BatchSource
from dermdistill.errors import ModelError

BATCH = 32
_LARGEST = float(np.finfo(np.float16).max)
Logits = Callable[[NDArray[np.uint8]], NDArray[np.floating]]
"""From RGB uint8 `[b, size, size, 3]` at the prepared size to `[b, classes]`."""
Tell = Callable[[int], None]
"""Told how many views have been answered, those of an earlier, interrupted call included."""


def answer_view_bank(
    logits_of: Logits,
    batches: BatchSource,
    rows: NDArray[np.int64],
    views: int,
    *,
    unfinished: Path,
    tell: Tell = lambda _: None,
) -> NDArray[np.float16]:
    """Logits of views 0 to `views` - 1 of each image in `rows`.

    Args:
        logits_of: the model.
        batches: images, their ids, and how their views are made.
        rows: int `[n]`, positions in the training set.
        views: views an image, 1 or more.
        unfinished: holds the answers so far; its name must be of this model, these rows and views, see
            `teacher_cache`. It stays when all is answered, for the caller to remove.
        tell: hears of progress.

    Returns:
        float16 `[n, views, classes]`.

    Raises:
        ModelError: an answer is no number that float16 can hold.
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
            if not (np.abs(logits) < _LARGEST).all():  # false for what is no number, too
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
