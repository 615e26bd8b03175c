"""A batch whose table appears whole at the end, however often it was stopped on the way."""

import sqlite3
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from dermdistill.errors import DataError
from dermdistill.inference.batch.files import Row, nothing_found, predict_files, walk_images
from dermdistill.inference.batch.journal import Journal, unwritable
from dermdistill.inference.batch.made_with import made_with
from dermdistill.inference.batch.tables import behind_link, check_table_path, write_table
from dermdistill.inference.engine import Engine

_SECONDS_AT_RISK = 1.0  # of work that a kill may undo
_ROWS_AT_RISK = 500
_RESULT = "result"

OnRows = Callable[[Iterator[Row], int], Iterator[Row]]


@dataclass(frozen=True, slots=True)
class Outcome:
    """How many images the table has, how many of them with an error, how many answered by an earlier run."""

    images: int
    failed: int
    before: int

    def sentence(self, out: str) -> str:
        """Say what lies in `out`."""
        earlier = f" {self.before} were answered by an earlier run." if self.before else ""
        return f"{self.images} images answered in {out}, {self.failed} of them with an error.{earlier}"


def check_out(out: Path, *, overwrite: bool) -> None:
    """Refuse an unusable output path before any work is done.

    A finished table is never replaced unless `overwrite` is set: not by other answers, nor by the same.

    Raises:
        DataError: see `check_table_path`; or `out` exists.
    """
    check_table_path(out)
    if out.exists() and not overwrite and not partial_path(out).exists():
        raise _exists(out)


def predict_to_table(
    engine: Engine,
    paths: Sequence[Path],
    out: Path,
    *,
    quality: bool = True,
    overwrite: bool = False,
    watch: OnRows,
) -> Outcome:
    """Answer files and the images in folders, to a table; memory does not grow with their number.

    Work in progress lies beside `out` in `partial_path(out)`. The same call goes on from there after any end,
    also `kill -9`, and tries again what could not be read. One with more files goes on too; one that would
    drop answers, as with another bundle or `quality`, is refused. The table is moved to `out`, or to what
    `out` is a link to, when the last image is answered.

    Args:
        engine: answers.
        paths: images, and folders searched for images.
        out: the table, its format told by its suffix.
        quality: look at the photographs too, see `Engine.stream`.
        overwrite: replace what `out` holds, and drop earlier answers that are not to this question.
        watch: passes on the new rows, of which there are as many as its second argument says.

    Raises:
        DataError: see `check_out`; there are no images, earlier answers are to another question, another run
            is at work on `out`, or the disk is full.
    """
    check_out(out, overwrite=overwrite)
    journal = Journal(partial_path(out), engine.spec.codes)
    try:
        finished = out.exists() and journal.note(_RESULT) == _identity(out)
        if out.exists() and not overwrite and not finished:
            raise _exists(out)
        asked = made_with(engine, quality=quality)
        if not all(path.is_absolute() for path in paths):
            asked["working directory"] = str(Path.cwd())
        differences = journal.agree(asked, anew=overwrite)
        if differences:
            raise DataError(
                f"The earlier answers for {out} were made with another {', another '.join(differences)}; "
                "go on as before, give another --out, or --overwrite to start again."
            )
        if overwrite or not finished:
            journal.list_files(map(walk_images, paths), forget=overwrite)
        images, before = journal.count(), journal.count("answered")
        if not images:
            raise nothing_found(paths)
        answers = predict_files(engine, journal.unanswered(), quality=quality)
        for rows in _portions(watch(answers, images - before)):
            journal.record(rows)
        if overwrite or not finished:
            _move_into_place(journal, out)
        outcome = Outcome(images, journal.count("error IS NOT NULL"), before)
        journal.remove()
    except sqlite3.Error as error:
        raise unwritable(journal.path, error) from error
    finally:
        journal.close()
    return outcome


def partial_path(out: Path) -> Path:
    """Where the work towards `out` lies until it is finished."""
    target = behind_link(out)
    return target.with_name(f".{target.name}.partial")


def _move_into_place(journal: Journal, out: Path) -> None:
    """Write the table under a temporary name and move it.

    What it will look like is noted before: a run killed between the move and its end is then known to be
    finished.
    """
    target = behind_link(out)
    temporary = target.with_name(f".{target.name}.table")
    try:
        write_table(temporary, journal.rows(), journal.codes, suffix=out.suffix)
        journal.add_note(_RESULT, _identity(temporary))
        temporary.replace(target)
    except OSError as error:
        raise DataError(f"{out} cannot be written ({error.strerror}).") from error
    finally:
        temporary.unlink(missing_ok=True)


def _identity(path: Path) -> str:
    status = path.stat()
    return f"{status.st_ino} {status.st_size} {status.st_mtime_ns}"


def _exists(out: Path) -> DataError:
    return DataError(f"{out} exists already; give another name, or --overwrite to replace it.")


def _portions(rows: Iterable[Row]) -> Iterator[list[Row]]:
    """Gather the rows of about a second."""
    portion: list[Row] = []
    since = time.monotonic()
    for row in rows:
        portion.append(row)
        if time.monotonic() - since > _SECONDS_AT_RISK or len(portion) == _ROWS_AT_RISK:
            yield portion
            portion, since = [], time.monotonic()
    if portion:
        yield portion
