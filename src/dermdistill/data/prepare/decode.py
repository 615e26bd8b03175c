"""Decode image files into one uint8 array on disk, on all cores; what is done stays done when interrupted."""

import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from threading import Lock
from typing import Any, TextIO

import cv2
import numpy as np
from numpy.typing import NDArray

from dermdistill.data.sources import ImageFile
from dermdistill.errors import ImageError
from dermdistill.imaging import decode_image, resize_square
from dermdistill.parallel import usable_cores

PIXELS, LOG = "decoded.npy", "decoded.jsonl"
_TASK = 16  # images a thread takes at once; at most this many a thread are done again after a kill

Pixels = np.memmap[Any, np.dtype[np.uint8]]
OnProgress = Callable[[int, int], None]


@dataclass(frozen=True)
class Decoded:
    """What became of one image: its original size in pixels and its cached pixels' SHA-256, or an error."""

    position: int
    width: int
    height: int
    sha256: str
    error: str


def decode_all(
    files: Sequence[ImageFile], directory: Path, *, size: int, on_progress: OnProgress
) -> tuple[Pixels, list[Decoded]]:
    """Decode and area-resize every file into `directory`, going on from what an interrupted run left there.

    Args:
        files: the images; the caller gives the same directory only for the same files.
        directory: holds the pixels and a log of the images done.
        size: side of the square images, in pixels.
        on_progress: called with (images done, images in all).

    Returns:
        The pixels, uint8 RGB `[n, size, size, 3]` (zeros where an image cannot be read), and one result
        per file, in the order of `files`.
    """
    directory.mkdir(parents=True, exist_ok=True)
    pixels = _open(directory / PIXELS, (len(files), size, size, 3))
    with (directory / LOG).open("a", encoding="utf-8") as log, _pool() as pool:
        done = {row.position: row for row in _still_valid(pool, pixels, _read_log(directory / LOG))}
        on_progress(len(done), len(files))
        todo = [position for position in range(len(files)) if position not in done]
        tasks = [todo[start : start + _TASK] for start in range(0, len(todo), _TASK)]
        work = partial(_decode_some, files, pixels, _Log(log))
        for future in as_completed([pool.submit(work, task) for task in tasks]):
            done.update({row.position: row for row in future.result()})
            on_progress(len(done), len(files))
    pixels.flush()
    return pixels, [done[position] for position in range(len(files))]


@contextmanager
def _pool() -> Iterator[ThreadPoolExecutor]:
    """One thread a core, OpenCV's own threads off meanwhile; at an interrupt waiting tasks are given up."""
    threads = cv2.getNumThreads()
    cv2.setNumThreads(1)
    pool = ThreadPoolExecutor(usable_cores())
    try:
        yield pool
    finally:
        pool.shutdown(cancel_futures=True)
        cv2.setNumThreads(threads)


def _open(path: Path, shape: tuple[int, ...]) -> Pixels:
    if path.exists():
        try:
            pixels = np.lib.format.open_memmap(path, mode="r+")
        except ValueError:  # killed before the file had its header and length
            pass
        else:
            if pixels.shape == shape and pixels.dtype == np.uint8:
                return pixels
    path.with_name(LOG).unlink(missing_ok=True)
    return np.lib.format.open_memmap(path, mode="w+", dtype=np.dtype(np.uint8), shape=shape)


def _read_log(path: Path) -> list[Decoded]:
    rows: list[Decoded] = []
    for line in path.read_text(encoding="utf-8").splitlines():
        try:
            rows += [Decoded(**row) for row in json.loads(line)]
        except ValueError:  # a line cut off by a kill: its images are done again
            continue
    return rows


def _still_valid(pool: ThreadPoolExecutor, pixels: Pixels, rows: Sequence[Decoded]) -> list[Decoded]:
    """Keep the rows whose pixels are on disk as logged: after a power cut the log may be ahead of them."""
    valid = pool.map(lambda row: row.error or _digest(pixels[row.position]) == row.sha256, rows)
    return [row for row, ok in zip(rows, valid, strict=True) if ok]


class _Log:
    """The log of the images done: a line a task, written by the thread that did it, so that none is lost."""

    def __init__(self, file: TextIO) -> None:
        self._file = file
        self._lock = Lock()

    def add(self, rows: Sequence[Decoded]) -> None:
        with self._lock:
            self._file.write(json.dumps([asdict(row) for row in rows]) + "\n")
            self._file.flush()


def _decode_some(
    files: Sequence[ImageFile], pixels: Pixels, log: _Log, positions: Sequence[int]
) -> list[Decoded]:
    rows = [_decode_one(files[position], position, pixels) for position in positions]
    log.add(rows)
    return rows


def _decode_one(file: ImageFile, position: int, pixels: Pixels) -> Decoded:
    try:
        data = file.read()
        image = decode_image(data, name=file.source_path)
    except (ImageError, OSError) as error:
        return Decoded(position, 0, 0, "", str(error))
    small = resize_square(image, pixels.shape[1])
    pixels[position] = small
    return Decoded(position, image.shape[1], image.shape[0], _digest(small), "")


def _digest(image: NDArray[np.uint8]) -> str:
    return hashlib.sha256(image.data).hexdigest()
