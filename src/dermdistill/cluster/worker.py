"""What runs on every core of the cluster: one engine, and the shards that it is given."""

import os
import pickle
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict
from functools import cached_property
from socket import gethostname
from typing import Any

from dermdistill.bundle import OpenBundle
from dermdistill.cluster.parts import Tally, write_part
from dermdistill.cluster.reading import Picture, pictures_of
from dermdistill.cluster.shards import Shard
from dermdistill.cluster.store import Folder
from dermdistill.errors import DataError, ImageError, UnreadableError
from dermdistill.files import printable
from dermdistill.inference.batch.files import Cells, Row
from dermdistill.inference.batch.made_with import made_with
from dermdistill.inference.engine import Engine
from dermdistill.parallel import made_ahead

_READERS = 4  # pictures read at once: a store answers slowly, but many at a time


class Answerer:
    """Answers shards into parts; one of these is an actor of Ray on one core.

    Args:
        bundle: in memory, so that no other machine needs to have it.
        sensitivity: the operating point, see `Engine`.
        quality: look at the photographs too, see `Engine.stream`.
        agreed: what the answers of all workers must be made with.
        out: folder of the parts.
        working_dir: where relative paths begin.
    """

    def __init__(
        self,
        bundle: OpenBundle,
        sensitivity: float | None,
        agreed: Mapping[str, str],
        out: str,
        working_dir: str,
        *,
        quality: bool,
    ):
        self.bundle, self.sensitivity, self.quality = bundle, sensitivity, quality
        self.agreed, self.out, self.working_dir = agreed, out, working_dir

    @cached_property
    def engine(self) -> Engine:
        """Opened with the first shard, for a fault is told by an answer rather than by a start that fails."""
        with suppress(OSError):
            os.chdir(self.working_dir)
        # Apart: a picture that ends its decoder would end this actor, and be tried again for ever.
        engine = Engine(self.bundle, threads=1, apart=True, sensitivity=self.sensitivity)
        mine = made_with(engine, quality=self.quality)
        for what, wanted in self.agreed.items():
            if mine.get(what, wanted) != wanted:
                raise DataError(
                    f"The machine {gethostname()} has another {what}; install the same packages everywhere."
                )
        return engine

    def __call__(self, row: dict[str, Any]) -> dict[str, Any]:
        """Answer a pickled shard and write its part; says who did, how many pictures, and in how long."""
        started, shard = time.monotonic(), pickle.loads(row["shard"])  # noqa: S301 - our own, from the driver
        folder, codes = Folder(self.out), self.engine.spec.codes
        rows, tally = self.answer(shard, codes)
        write_part(folder, row["part"], shard, rows, tally=tally, codes=codes)
        return {
            "part": row["part"],
            "worker": f"{gethostname()}:{os.getpid()}",
            "seconds": time.monotonic() - started,
            **asdict(tally),
        }

    def answer(self, shard: Shard, codes: tuple[str, ...]) -> tuple[list[Cells], Tally]:
        """The rows of a shard, by `columns(codes)`, and their tally."""
        cells: list[Cells] = []
        tally = Tally()
        read = made_ahead(_read, pictures_of(shard), workers=_READERS, ahead=2 * _READERS)
        for picture, data in read:
            row = self._row(picture, data)
            cells.append(row.cells(codes))
            if picture.image_id is not None:
                cells[-1]["image_id"] = printable(picture.image_id)
            tally += Tally(1, row.error is not None, row.passing)
        return cells, tally

    def _row(self, picture: Picture, data: bytes | ImageError) -> Row:
        try:
            if isinstance(data, ImageError):
                raise data
            prediction = self.engine.predict_one(data, name=picture.name, quality=self.quality)
        except ImageError as error:
            return Row(picture.name, None, str(error), passing=isinstance(error, UnreadableError))
        return Row(picture.name, prediction, None)


def _read(picture: Picture) -> tuple[Picture, bytes | ImageError]:
    try:
        return picture, picture.read()
    except ImageError as error:
        return picture, error
