"""Every epoch's figures as TensorBoard's scalars, in `tensorboard/` of the run; without TensorFlow."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tensorboard.compat.proto.event_pb2 import Event
from tensorboard.compat.proto.summary_pb2 import Summary
from tensorboard.summary.writer.event_file_writer import EventFileWriter

from dermdistill.distill.recipe import Recipe
from dermdistill.distill.tracking.contract import OnEpoch

FOLDER = "tensorboard"


@contextmanager
def to_tensorboard(_: Recipe, run_dir: Path) -> Iterator[OnEpoch]:
    """Write event files; a training that goes on adds one to those that are there."""
    writer = EventFileWriter(str(run_dir / FOLDER))

    def tell(epoch: int, figures: dict[str, float]) -> None:
        values = [Summary.Value(tag=name, simple_value=value) for name, value in figures.items()]
        writer.add_event(Event(step=epoch, summary=Summary(value=values)))
        writer.flush()

    try:
        yield tell
    finally:
        writer.close()
