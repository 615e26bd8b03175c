"""The folder that a run writes: a note of what was asked, and a parquet file for each answered shard."""

import hashlib
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from functools import partial
from io import BytesIO
from typing import Any

from pyarrow import parquet

from dermdistill.cluster.shards import Shard
from dermdistill.cluster.store import Folder
from dermdistill.errors import DataError
from dermdistill.inference.batch.files import Cells
from dermdistill.inference.batch.tables import arrow_table
from dermdistill.parallel import made_ahead

NOTE = "run.json"
_PART = re.compile(r"part-\d{7,}\.parquet")
_KEY = b"dermdistill"
_LOOKED_AT_ONCE = 16


@dataclass(frozen=True, slots=True)
class Tally:
    """How many pictures a part has, with an error, and with an error that may be gone the next time."""

    images: int = 0
    failed: int = 0
    passing: int = 0

    def __add__(self, other: "Tally") -> "Tally":
        return Tally(self.images + other.images, self.failed + other.failed, self.passing + other.passing)


def part_name(number: int) -> str:
    """`part-0000012.parquet`: the table of shard number 12."""
    return f"part-{number:07d}.parquet"


def write_part(
    folder: Folder, number: int, shard: Shard, rows: Iterable[Cells], *, tally: Tally, codes: Sequence[str]
) -> None:
    """Write a shard's answers, whole or not at all; twice is as good as once."""
    told = json.dumps({"shard": shard.digest, **asdict(tally)})
    table = arrow_table(rows, codes).replace_schema_metadata({_KEY: told})
    data = BytesIO()
    parquet.write_table(table, data)
    folder.write(part_name(number), data.getvalue())


def claim(folder: Folder, shards: Sequence[Shard], made_with: Mapping[str, str], *, anew: bool) -> None:
    """Note in a new folder what is asked, or find that an earlier run asked the same there.

    Args:
        folder: of the parts.
        shards: what is answered.
        made_with: what answers depend on besides the pictures, each named so that "another" can stand before.
        anew: drop the answers to another question.

    Raises:
        DataError: the folder holds something else, or answers to another question.
    """
    asked = {
        "made_with": dict(made_with),
        "parts": len(shards),
        "pictures": hashlib.sha256("".join(shard.digest for shard in shards).encode()).hexdigest(),
    }
    names = folder.names()
    if NOTE not in names:
        foreign = sorted(name for name in names if not name.startswith("."))
        if foreign:
            raise DataError(
                f"{folder.name} holds {foreign[0]}, which is no run of this command; give a new folder."
            )
    elif (differences := _differences(_read_note(folder), asked)) and not anew:
        raise DataError(
            f"The earlier answers in {folder.name} were made with another {', another '.join(differences)}; "
            "go on as before, give another --out, or --overwrite to start again."
        )
    elif differences:
        for name in filter(_PART.fullmatch, names):
            folder.delete(name)
    folder.write(NOTE, json.dumps(asked, indent=1).encode())


def _read_note(folder: Folder) -> dict[str, Any]:
    with suppress(ValueError):
        note = json.loads(folder.read(NOTE))
        if isinstance(note, dict) and isinstance(note.get("made_with"), dict):
            return note
    raise DataError(f"{folder.place(NOTE)} is damaged; give a new folder.")


def _differences(before: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    earlier = before["made_with"]
    names = [name for name, value in now["made_with"].items() if earlier.get(name, value) != value]
    same = all(before.get(key) == now[key] for key in ("parts", "pictures"))
    return names if same else [*names, "set of pictures"]


def finished_parts(folder: Folder, shards: Sequence[Shard]) -> dict[int, Tally]:
    """The shards that are answered, but for those with a picture that could not be read.

    Raises:
        DataError: a part is damaged, or is of another shard.
    """
    names = folder.names()
    there = [number for number in range(len(shards)) if part_name(number) in names]
    look = partial(_tally_of, folder, shards)
    told = made_ahead(look, there, workers=_LOOKED_AT_ONCE, ahead=4 * _LOOKED_AT_ONCE)
    return {number: tally for number, tally in zip(there, told, strict=True) if not tally.passing}


def _tally_of(folder: Folder, shards: Sequence[Shard], number: int) -> Tally:
    place = folder.place(part_name(number))
    try:
        with folder.open(part_name(number)) as file:
            told = json.loads(parquet.read_metadata(file).metadata[_KEY])
        if told.pop("shard") != shards[number].digest:
            raise DataError(f"{place} is of another run; move it away, and the same command makes it again.")
        return Tally(**told)
    except (ValueError, KeyError, TypeError) as error:  # pyarrow's ArrowInvalid is a ValueError
        raise DataError(
            f"{place} is damaged or was only half written; remove it, and the same command makes it again."
        ) from error
