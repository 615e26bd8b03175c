"""The partial result of a long batch: every file found and every answer so far, in one SQLite file.

SQLite because a transaction survives `kill -9`, because it sorts on disk, and because every Python has it.
A file is known by its path; one that has changed since (size or time) is answered anew.
"""

import os
import sqlite3
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from dermdistill.errors import DataError
from dermdistill.inference.batch import COLUMNS, Cells, Row

_VERSION = "2"
_PAGE = 500  # rows read at once
_SEPARATOR = os.sep.encode()
_ANSWER = COLUMNS[2:]  # path and image_id follow from the key


class Journal:
    """A batch's files in order, and what was answered of them.

    Args:
        path: the SQLite file; made if missing, emptied if it belongs to another `key`.
        key: whatever the answers depend on besides the files.

    Raises:
        DataError: another process is at work on it, or it cannot be written.
    """

    def __init__(self, path: Path, key: str):
        self.path = path
        key = f"{_VERSION} {key}"
        try:
            try:
                self._open(key)
            except sqlite3.DatabaseError as error:
                if error.sqlite_errorcode not in (sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT):
                    raise
                self.remove()
                self._open(key)
        except sqlite3.Error as error:
            self._db.close()
            raise unwritable(path, error) from error

    def _open(self, key: str) -> None:
        # Exclusive: whoever came first keeps the file until it ends.
        self._db = sqlite3.connect(self.path, timeout=0, isolation_level=None)
        self._db.execute("PRAGMA locking_mode = EXCLUSIVE")
        # A commit then waits for no disk: a power cut may undo the last ones, but harms none before them.
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = NORMAL")
        self._db.execute("BEGIN IMMEDIATE")
        self._db.execute("CREATE TABLE IF NOT EXISTS notes (name TEXT PRIMARY KEY, value TEXT)")
        if self.note("key") != key:
            self._db.execute("DROP TABLE IF EXISTS images")
            self._db.execute("DELETE FROM notes")
            self.add_note("key", key)
        self._db.execute(
            "CREATE TABLE IF NOT EXISTS images (path BLOB PRIMARY KEY, place INTEGER, stamp TEXT, "
            f"listing INTEGER, answered INTEGER, {', '.join(_ANSWER)}) WITHOUT ROWID"
        )
        self._db.execute("CREATE INDEX IF NOT EXISTS in_order ON images (place, path)")
        self._db.execute("COMMIT")

    def note(self, name: str) -> str | None:
        """Return a note, None if there is none."""
        row = self._db.execute("SELECT value FROM notes WHERE name = ?", (name,)).fetchone()
        return row and str(row[0])

    def add_note(self, name: str, value: str) -> None:
        """Keep a note beside the answers."""
        self._db.execute("INSERT OR REPLACE INTO notes VALUES (?, ?)", (name, value))

    def list_files(self, groups: Iterable[Iterable[Path]]) -> None:
        """Take the batch's files, in groups as they were named; within a group they are sorted by path.

        A file that is in the journal with its answer keeps it, unless the file has changed. A file in two
        groups counts once, in the first. What is no longer among the files is forgotten.
        """
        self._db.execute("BEGIN")
        try:
            listing = 1 + (self._db.execute("SELECT max(listing) FROM images").fetchone()[0] or 0)
            self._db.executemany(
                "INSERT INTO images (path, place, stamp, listing, answered) VALUES (?, ?, ?, ?, 0) "
                "ON CONFLICT (path) DO UPDATE SET place = excluded.place, listing = excluded.listing, "
                "answered = answered AND stamp = excluded.stamp, stamp = excluded.stamp "
                "WHERE listing < excluded.listing",
                (
                    (_encode(file), place, _stamp(file), listing)
                    for place, group in enumerate(groups)
                    for file in group
                ),
            )
            self._db.execute("DELETE FROM images WHERE listing < ?", (listing,))
        except BaseException:
            self._db.execute("ROLLBACK")
            raise
        self._db.execute("COMMIT")

    def count(self, where: str = "1") -> int:
        """Return how many files fulfil an SQL condition: `answered`, `error IS NOT NULL`, all."""
        return int(self._db.execute(f"SELECT count(*) FROM images WHERE {where}").fetchone()[0])  # noqa: S608 - ours

    def unanswered(self) -> Iterator[Path]:
        """Yield the files without an answer, in order."""
        for row in self._pages("NOT answered", "path"):
            yield _decode(row[1])

    def record(self, rows: Iterable[Row]) -> None:
        """Keep answers, all or none of them; when it returns they survive a kill."""
        assignments = ", ".join(f"{column} = ?" for column in _ANSWER)
        values = ((*_answer(row.cells()), _encode(row.path)) for row in rows)
        self._db.execute("BEGIN")
        self._db.executemany(f"UPDATE images SET answered = 1, {assignments} WHERE path = ?", values)  # noqa: S608 - ours
        self._db.execute("COMMIT")

    def rows(self) -> Iterator[Cells]:
        """Yield every answer in order, by `COLUMNS`."""
        for _, path, *answer in self._pages("answered", "path", *_ANSWER):
            cells = Row(_decode(path), None, None).cells()
            yield cells | dict(zip(_ANSWER, answer, strict=True))

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


def unwritable(path: Path, error: sqlite3.Error) -> DataError:
    """Say in a sentence why SQLite could not go on."""
    if error.sqlite_errorcode == sqlite3.SQLITE_BUSY:
        return DataError(f"Another run is writing {path}; wait for it, or give another --out.")
    return DataError(f"{path} cannot be written ({error}).")


def _answer(cells: Cells) -> Iterator[str | float | None]:
    return (cells[column] for column in _ANSWER)


def _encode(path: Path) -> bytes:
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
    return f"{status.st_size} {status.st_mtime_ns}"
