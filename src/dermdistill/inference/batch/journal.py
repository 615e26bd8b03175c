"""The partial result of a long batch: every file found and every answer so far, in one SQLite file.

SQLite because a transaction survives `kill -9`, because it sorts on disk, and because every Python has it.
A file is known by its path; one that has changed since, or could not be read, is answered anew.
"""

import json
import os
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from dermdistill.errors import DataError
from dermdistill.inference.batch.files import Cells, Row, columns

_HEADER_BYTES = 100
_APPLICATION = 0x44445442  # SQLite keeps it in the file's header, for programs to know their own by
_MADE_WITH = "made with"
_PAGE = 500  # rows read at once
_SEPARATOR = os.sep.encode()


class Journal:
    """A batch's files in order, and what was answered of them.

    Args:
        path: the SQLite file; made if missing.
        codes: class codes of the bundle that answers.

    Raises:
        DataError: it is somebody else's file, another process is at work on it, or it cannot be written.
    """

    def __init__(self, path: Path, codes: Sequence[str]):
        self.path, self.codes = path, tuple(codes)
        self._answer = columns(codes)[2:]  # path and image_id follow from the key
        self._db = _connect(path)
        try:
            self._claim()
        except sqlite3.Error as error:
            self._db.close()
            raise unwritable(path, error) from error
        except DataError:
            self._db.close()
            raise

    def _claim(self) -> None:
        # Exclusive: whoever came first keeps the file until it ends.
        self._db.execute("PRAGMA locking_mode = EXCLUSIVE")
        [application] = self._db.execute("PRAGMA application_id").fetchone()
        if application != _APPLICATION and self._db.execute("SELECT 1 FROM sqlite_master").fetchone():
            raise _foreign(self.path)
        # A commit then waits for no disk: a power cut may undo the last ones, but harms none before them.
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = NORMAL")
        self._db.execute("BEGIN IMMEDIATE")
        self._db.execute(f"PRAGMA application_id = {_APPLICATION}")
        self._db.execute("CREATE TABLE IF NOT EXISTS notes (name TEXT PRIMARY KEY, value TEXT)")
        self._make_images()
        self._db.execute("COMMIT")

    def _make_images(self) -> None:
        self._db.execute(
            # answered: 0 no, 1 yes, 2 by an error that the next run may not meet again
            "CREATE TABLE IF NOT EXISTS images (path BLOB PRIMARY KEY, place INTEGER, stamp TEXT, "
            f"listing INTEGER, answered INTEGER, {', '.join(self._answer)}) WITHOUT ROWID"
        )
        self._db.execute("CREATE INDEX IF NOT EXISTS in_order ON images (place, path)")

    def agree(self, made_with: Mapping[str, str], *, anew: bool) -> list[str]:
        """Note what the answers depend on besides the files, and return in what those here differ.

        If they differ, nothing is changed, unless `anew`: then they are dropped. What either side does not
        name is no difference: no answer came of a package that was not installed.
        """
        before = json.loads(self.note(_MADE_WITH) or "{}")
        differences = [name for name, value in made_with.items() if before.get(name, value) != value]
        if differences and not anew and self.count("answered"):
            return differences
        self._db.execute("BEGIN")
        if differences:
            before = {}
            self._db.execute("DELETE FROM notes")
            self._db.execute("DROP TABLE images")
            self._make_images()
        self.add_note(_MADE_WITH, json.dumps(before | dict(made_with)))
        self._db.execute("COMMIT")
        return []

    def note(self, name: str) -> str | None:
        """Return a note, None if there is none."""
        row = self._db.execute("SELECT value FROM notes WHERE name = ?", (name,)).fetchone()
        return row and str(row[0])

    def add_note(self, name: str, value: str) -> None:
        """Keep a note beside the answers."""
        self._db.execute("INSERT OR REPLACE INTO notes VALUES (?, ?)", (name, value))

    def list_files(self, groups: Iterable[Iterable[Path]], *, forget: bool = False) -> None:
        """Take the batch's files, in groups as they were named; within a group they are sorted by path.

        A file that is in the journal with its answer keeps it, unless the file has changed. A file in two
        groups counts once, in the first. A file that is gone is forgotten.

        Raises:
            DataError: a file has its answer and is still there, but not among these; unless `forget`.
        """
        self._db.execute("BEGIN")
        try:
            listing = 1 + (self._db.execute("SELECT max(listing) FROM images").fetchone()[0] or 0)
            self._db.executemany(
                "INSERT INTO images (path, place, stamp, listing, answered) VALUES (?, ?, ?, ?, 0) "
                "ON CONFLICT (path) DO UPDATE SET place = excluded.place, listing = excluded.listing, "
                "answered = (answered = 1 AND stamp = excluded.stamp), stamp = excluded.stamp "
                "WHERE listing < excluded.listing",
                (
                    (_encode(file), place, _stamp(file), listing)
                    for place, group in enumerate(groups)
                    for file in group
                ),
            )
            if not forget:
                self._check_gone(listing)
            self._db.execute("DELETE FROM images WHERE listing < ?", (listing,))
        except BaseException:
            self._db.execute("ROLLBACK")
            raise
        self._db.execute("COMMIT")

    def _check_gone(self, listing: int) -> None:
        query = "SELECT path FROM images WHERE listing < ? AND answered = 1 ORDER BY place, path"
        for (key,) in self._db.execute(query, (listing,)):
            file = _decode(key)
            if not _is_gone(file):
                raise DataError(
                    f"An earlier run answered {file} too, which is not among these images; name it again, "
                    "give another --out, or --overwrite to drop its answer."
                )

    def count(self, where: str = "1") -> int:
        """Return how many files fulfil an SQL condition: `answered`, `error IS NOT NULL`, all."""
        return int(self._db.execute(f"SELECT count(*) FROM images WHERE {where}").fetchone()[0])  # noqa: S608 - ours

    def unanswered(self) -> Iterator[Path]:
        """Yield the files without an answer, in order."""
        for row in self._pages("NOT answered", "path"):
            yield _decode(row[1])

    def record(self, rows: Iterable[Row]) -> None:
        """Keep answers, all or none of them; when it returns they survive a kill."""
        assignments = ", ".join(f"{column} = ?" for column in self._answer)
        values = ((2 if row.passing else 1, *self._cells(row), _encode(row.path)) for row in rows)
        self._db.execute("BEGIN")
        self._db.executemany(f"UPDATE images SET answered = ?, {assignments} WHERE path = ?", values)  # noqa: S608 - ours
        self._db.execute("COMMIT")

    def rows(self) -> Iterator[Cells]:
        """Yield every answer in order, by `columns(codes)`."""
        for _, path, *answer in self._pages("answered", "path", *self._answer):
            cells = Row(_decode(path), None, None).cells(self.codes)
            yield cells | dict(zip(self._answer, answer, strict=True))

    def _cells(self, row: Row) -> list[str | float | None]:
        cells = row.cells(self.codes)
        return [cells[column] for column in self._answer]

    def _pages(self, where: str, *columns: str) -> Iterator[tuple[Any, ...]]:
        """Yield (place, path, ...) in order, a page at a time: writing goes on between pages."""
        last: tuple[int, bytes] = (-1, b"")
        query = (
            f"SELECT place, {', '.join(columns)} FROM images "  # noqa: S608 - no value of anybody's is in it
            f"WHERE (place, path) > (?, ?) AND {where} ORDER BY place, path LIMIT {_PAGE}"
        )
        while page := self._db.execute(query, last).fetchall():
            yield from page
            last = page[-1][:2]

    def close(self) -> None:
        """Let go of the file; it stays for the next run if it holds an answer."""
        try:
            worthless = self.count("answered") == 0
        except sqlite3.Error:  # closed already, or unreadable for now
            worthless = False
        self._db.close()
        if worthless:
            self._unlink()

    def remove(self) -> None:
        """Close and delete the file: its answers are in the table, or worth nothing."""
        self._db.close()
        self._unlink()

    def _unlink(self) -> None:
        for suffix in ("", "-wal", "-shm"):
            self.path.with_name(self.path.name + suffix).unlink(missing_ok=True)


def _connect(path: Path) -> sqlite3.Connection:
    # SQLite takes a file of a byte or two for a database that has yet to begin.
    if path.exists() and 0 < path.stat().st_size < _HEADER_BYTES:
        raise _foreign(path)
    try:
        return sqlite3.connect(path, timeout=0, isolation_level=None)
    except sqlite3.Error as error:
        raise unwritable(path, error) from error


def _foreign(path: Path) -> DataError:
    return DataError(f"{path} is not an unfinished table of ours; move it away, or give another --out.")


def unwritable(path: Path, error: sqlite3.Error) -> DataError:
    """Say in a sentence why SQLite could not go on."""
    code = error.sqlite_errorcode & 0xFF  # without the details
    if code == sqlite3.SQLITE_BUSY:
        return DataError(f"Another run is writing {path}; wait for it, or give another --out.")
    if code == sqlite3.SQLITE_NOTADB:
        return _foreign(path)
    if code == sqlite3.SQLITE_CORRUPT:
        return DataError(f"{path} is damaged ({error}); remove it to start again.")
    return DataError(f"{path} cannot be written ({error}).")


def _encode(path: Path | str) -> bytes:
    """Make a key whose order is that of paths part by part: `a/z` before `a-b`."""
    return os.fsencode(path).replace(_SEPARATOR, b"\0")


def _decode(key: bytes) -> Path:
    return Path(os.fsdecode(key.replace(b"\0", _SEPARATOR)))


def _stamp(file: Path) -> str:
    """Tell a file from a changed one without reading it."""
    try:
        status = file.stat()
    except OSError:
        return ""
    return f"{status.st_size} {status.st_mtime_ns} {status.st_ctime_ns} {status.st_ino}"


def _is_gone(file: Path) -> bool:
    """Tell a file that is no more from one that merely cannot be seen."""
    try:
        file.lstat()
    except (FileNotFoundError, NotADirectoryError):
        return True
    except OSError:
        pass
    return False
