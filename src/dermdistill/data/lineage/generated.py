"""Pictures that a network made: for training alone, and named wherever what learned from them goes.

`dermdistill generate sample` leaves a mark beside them, and `dermdistill data prepare` takes it over.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from dermdistill.bundle.fields import GENERATED
from dermdistill.data.lineage.learned_from import LearnedFrom, Lineage, inherited
from dermdistill.errors import DataError
from dermdistill.files import write_atomically

MARK = "generated.json"
KEY = "generated"  # in prepare.json


def write_mark(folder: Path, generator: str, learned_from: Lineage, images: Iterable[str]) -> None:
    """Say of the pictures in a folder that they were made.

    Args:
        folder: where they lie.
        generator: name of the network that made them.
        learned_from: the data sets that it has learned from.
        images: ids of the images that it has learned from.
    """
    facts = {
        "generator": generator,
        "learned_from": [asdict(data) for data in learned_from],
        "images": sorted(images),
    }
    write_atomically(folder / MARK, (json.dumps(facts, indent=1) + "\n").encode())


def read_mark(folder: Path) -> dict[str, Any] | None:
    """What `write_mark` wrote; None where there is none.

    Raises:
        DataError: it is damaged.
    """
    path = folder / MARK
    if not path.is_file():
        return None
    try:
        facts = json.loads(path.read_text("utf-8"))
        return {name: facts[name] for name in ("generator", "learned_from", "images")}
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise DataError(f"{path} cannot be read ({error!r}); sample the pictures again.") from error


def citation_of(mark: Mapping[str, Any]) -> str:
    """Who made generated pictures, as the origin of a data set."""
    names = ", ".join(str(data["name"]) for data in mark["learned_from"]) or "images that nobody names"
    return f"{GENERATED} of the network {mark['generator']}, which has learned from {names}"


def lineage_of_generated(report: Mapping[str, Any]) -> Lineage:
    """The data sets behind generated pictures, by their prepare.json: themselves, and the generator's."""
    mark = report[KEY]
    learned_from = tuple(LearnedFrom(**data) for data in mark["learned_from"])
    licences = {*(report.get("licences") or ()), *(name for data in learned_from for name in data.licences)}
    licences.discard("")
    own = LearnedFrom(
        str(report.get("source") or ""), tuple(licences), citation_of(mark), report.get("fingerprint")
    )
    return (own, *inherited(learned_from))
