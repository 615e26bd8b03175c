"""ICD-10 and ICD-11 codes of the classes, with how each class relates to each code; icd.json has the sources.

The page reads the same file.
"""

import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Literal

Relation = Literal["equivalent", "narrower", "broader", "related"]
System = Literal["icd10", "icd11"]


@dataclass(frozen=True)
class IcdCode:
    """A code that a class has to do with.

    Attributes:
        system: which classification.
        code: as it is printed, such as `L57.0`.
        title: its title in English.
        relation: the class is `equivalent` to the code, `narrower` or `broader`; `related` if they overlap.
    """

    system: System
    code: str
    title: str
    relation: Relation

    @property
    def uri(self) -> str:
        """The classification as FHIR names it (terminology.hl7.org)."""
        return str(_table()["systems"][self.system])

    @property
    def holds(self) -> bool:
        """Whether each lesion of the class has this code: the class is no broader than it."""
        return self.relation in ("equivalent", "narrower")


@cache
def _table() -> dict[str, Any]:
    table: dict[str, Any] = json.loads((files("dermdistill") / "records" / "icd.json").read_text("utf-8"))
    return table


def icd_codes(key: str) -> tuple[IcdCode, ...]:
    """The codes of a class by its `key` in the class table; none for a class that is not known here."""
    return tuple(IcdCode(**code) for code in _table()["classes"].get(key, ()))


def sources() -> dict[System, str]:
    """Which edition of each classification the codes are from."""
    return dict(_table()["sources"])


def checked() -> str:
    """What the codes and titles were compared with."""
    return str(_table()["checked"])
