"""What came of the inputs of each format, kept in a file from which a run that was stopped goes on."""

import hashlib
import json
import threading
from collections import Counter
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any

import dermdistill.imaging

_PACKAGES = ("numpy", "opencv-python-headless", "pillow", "pillow-heif", "pydicom")


@dataclass
class Tally:
    """What came of one format's inputs; `findings` are their numbers, and what went wrong."""

    counts: Counter[str] = field(default_factory=Counter)
    peak_bytes: int = 0
    findings: list[tuple[int, str]] = field(default_factory=list)


class Journal:
    """A file with a line for each batch that is done, with the same decoders and the same mutations."""

    def __init__(self, path: Path, seed: int):
        self._path, self._lock = path, threading.Lock()
        self._key = f"{seed} {fingerprint()}"
        path.parent.mkdir(parents=True, exist_ok=True)
        lines = path.read_text("utf-8").splitlines(keepends=True) if path.exists() else []
        # A line that was cut off by a kill has no end.
        entries = [json.loads(line) for line in lines if line.endswith("\n")]
        path.write_text("".join(line for line in lines if line.endswith("\n")), "utf-8")
        self._done: dict[tuple[str, int, int], Any] = {
            tuple(entry["job"]): entry for entry in entries if entry["key"] == self._key
        }

    def find(self, job: tuple[str, int, int]) -> Tally | None:
        entry = self._done.get(job)
        if entry is None:
            return None
        return Tally(
            Counter(entry["counts"]),
            entry["peak_bytes"],
            [(number, why) for number, why in entry["findings"]],
        )

    def add(self, job: tuple[str, int, int], tally: Tally) -> None:
        entry = {"key": self._key, "job": job, **vars(tally)}
        with self._lock, self._path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(entry) + "\n")
            self._done[job] = entry


def fingerprint() -> str:
    """Return what tells the decoders and the mutations of one run from those of another."""
    tests = Path(__file__).parents[1]
    imaging = Path(dermdistill.imaging.__file__).parent
    sources = [*imaging.rglob("*.py"), *(tests / "fuzz").glob("*.py"), *(tests / "imaging").glob("[hm]*.py")]
    whole = hashlib.sha256()
    for path in sorted(sources):
        whole.update(path.read_bytes())
    whole.update(repr([version(package) for package in _PACKAGES]).encode())
    return whole.hexdigest()[:16]
