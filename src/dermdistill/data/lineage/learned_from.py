"""Data sets that a network has learned from: name, licences, origin; as values and as a text."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace

from dermdistill.data.prepare.words import read_licence


@dataclass(frozen=True)
class LearnedFrom:
    """A data set that a network has learned from.

    Attributes:
        name: of the source as it was prepared; empty where nothing says which data set it was.
        licences: of its images, each once; an empty one where that of some is not known.
        citation: who made it, and where it is described; empty where that is not known.
        fingerprint: of the prepared data; None where only its start or its teachers learned from them.
    """

    name: str = ""
    licences: tuple[str, ...] = ()
    citation: str = ""
    fingerprint: str | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "licences", tuple(sorted({read_licence(name) for name in self.licences})))

    @property
    def is_told(self) -> bool:
        """Whether its name, origin and licences are all known."""
        return bool(self.name and self.citation and self.licences and all(self.licences))


Lineage = tuple[LearnedFrom, ...]

# Of weights or logits that do not say what was learned from.
UNTOLD: Lineage = (LearnedFrom(),)


def inherited(lineage: Lineage) -> Lineage:
    """The data sets of a start or a teacher, as those of what learns from it."""
    return tuple(replace(data, fingerprint=None) for data in lineage)


def union(*lineages: Lineage) -> Lineage:
    """The data sets of all, each once; where two tell of one name differently, all that they tell is kept."""
    found: dict[str, LearnedFrom] = {}
    for data in (data for lineage in lineages for data in lineage):
        key = "".join(filter(str.isalnum, data.name.casefold()))
        first = found.setdefault(key, data)
        citations = dict.fromkeys([*first.citation.split("; "), *data.citation.split("; ")])
        found[key] = LearnedFrom(
            first.name,
            (*first.licences, *data.licences),
            "; ".join(filter(None, citations)),
            first.fingerprint or data.fingerprint,
        )
    return tuple(found.values())


def to_json(lineage: Sequence[LearnedFrom], *, indent: int | None = None) -> str:
    """The data sets as a text."""
    return json.dumps([asdict(data) for data in lineage], indent=indent)


def from_json(text: str) -> Lineage:
    """What `to_json` made.

    Raises:
        ValueError, TypeError: the text is of another kind.
    """
    return tuple(LearnedFrom(**data) for data in json.loads(text))
