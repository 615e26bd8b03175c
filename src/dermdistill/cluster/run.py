"""A batch on Ray: shards in, a part of a table out for each, whoever dies on the way."""

import pickle
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

from dermdistill.cluster.connection import connected
from dermdistill.cluster.parts import Tally, claim, finished_parts
from dermdistill.cluster.shards import Shard, find_shards
from dermdistill.cluster.store import Folder, is_address
from dermdistill.cluster.worker import Answerer
from dermdistill.errors import DataError, DermDistillError
from dermdistill.files import only_writer
from dermdistill.inference.batch.made_with import made_with
from dermdistill.inference.batch.resumable import Outcome
from dermdistill.inference.engine import Engine

Tell = Callable[[Mapping[str, Any], int], None]
"""Told of each part that is done (`part`, `worker`, `images`, `failed`, `seconds`), and of how many parts."""


def predict_on_ray(
    engine: Engine,
    names: Sequence[str],
    out: str,
    *,
    address: str,
    sensitivity: float | None = None,
    quality: bool = True,
    overwrite: bool = False,
    images_per_part: int = 1000,
    tell: Tell,
    on_lost: Callable[[str], None],
) -> Outcome:
    """Answer pictures on a cluster, to a folder of parquet files with the rows that one machine would write.

    A part appears whole, when its shard is answered; a shard whose worker dies is answered by another. The
    same call goes on after any end, with the parts that are missing and with those that hold a picture that
    could not be read.

    Args:
        engine: of the bundle; each worker opens its own from the same files.
        names: see `find_shards`.
        out: the folder, a path or an address, that every worker can write to.
        address: see `connected`.
        sensitivity: the operating point of `engine`.
        quality: look at the photographs too, see `Engine.stream`.
        overwrite: drop the answers to another question.
        images_per_part: files in a part.
        tell: told of each part.
        on_lost: see `connected`.

    Raises:
        DermDistillError: no cluster answers, a store may not be used, there are no pictures, `out` holds
            something else, or another run is at work on it.
    """
    folder = Folder(out)
    if folder.here is not None and folder.here.exists() and not folder.here.is_dir():
        raise DataError(f"{out} is a file; with --ray, --out is a folder for the parts of the table.")
    shards = find_shards(names, images_per_part)
    agreed = made_with(engine, quality=quality)
    relative = not all(is_address(name) or Path(name).is_absolute() for name in names)
    where = {"working directory": str(Path.cwd())} if relative else {}
    with nullcontext() if folder.here is None else only_writer(folder.here):
        claim(folder, shards, agreed | where, anew=overwrite)
        done = finished_parts(folder, shards)
        before = sum(done.values(), Tally())
        todo = [number for number in range(len(shards)) if number not in done]
        total = before
        if todo:
            worker = {
                "fn_constructor_args": (
                    engine.bundle,
                    sensitivity,
                    agreed,
                    _absolute(out),
                    str(Path.cwd()),
                ),
                "fn_constructor_kwargs": {"quality": quality},
            }
            with connected(address, on_lost) as ray, _alone(ray, folder):
                for line in _answered(ray, shards, todo, worker):
                    total += Tally(line["images"], line["failed"], line["passing"])
                    tell(line, len(todo))
    return Outcome(total.images, total.failed, before.images)


def _absolute(out: str) -> str:
    return out if is_address(out) else str(Path(out).absolute())


def _answered(
    ray: Any, shards: Sequence[Shard], todo: Sequence[int], worker: dict[str, Any]
) -> Iterator[dict[str, Any]]:
    """Yield a line for each part, in the order in which they are done.

    One engine an actor and one actor a core; Ray Data starts a new actor for one that died, and gives it the
    shard again.
    """
    rows = [{"part": number, "shard": pickle.dumps(shards[number])} for number in todo]
    cores = min(len(todo), max(1, int(ray.cluster_resources().get("CPU", 1))))
    data = ray.data.from_items(rows, override_num_blocks=len(rows)).map(
        Answerer,
        **worker,
        compute=ray.data.ActorPoolStrategy(size=cores, max_tasks_in_flight_per_actor=2),
        num_cpus=1,
    )
    try:
        yield from data.iter_rows()
    except Exception as error:
        raise _cause(error) from error


def _cause(error: BaseException) -> BaseException:
    """The error of ours that a worker met, behind those that Ray puts around it."""
    seen: BaseException | None = error
    while seen is not None:
        if isinstance(seen, DermDistillError):
            return DermDistillError(str(seen))
        seen = getattr(seen, "cause", None) or seen.__cause__
    said = str(error).strip().splitlines()
    return DermDistillError(
        f"Ray gave up ({said[-1] if said else type(error).__name__}); the same command goes on."
    )


@contextmanager
def _alone(ray: Any, folder: Folder) -> Iterator[None]:
    """Keep another run of this cluster out of a folder in a store, where no file can be locked.

    Raises:
        DermDistillError: another run writes there.
    """
    if folder.here is not None:  # its lock says so
        yield
        return
    name = f"writes {folder.name}"
    try:
        writer = ray.remote(_Writer).options(name=name, num_cpus=0).remote()
    except ValueError as error:
        raise DermDistillError(
            f"Another run is writing to {folder.name}; wait until it ends, or give another folder."
        ) from error
    yield
    ray.kill(writer)


class _Writer:
    """An actor that does nothing but have a name; it ends with its run."""
