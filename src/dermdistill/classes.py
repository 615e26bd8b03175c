"""Class tables: which diagnoses there are, in which order, what each is called, and how dangerous it is.

A table is data: a preset in `class_tables/*.toml`, a TOML file of one's own, or what an earlier stage stored.
It travels from the prepared data to the page; nothing downstream knows a diagnosis by name.
"""

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from functools import cache, cached_property
from importlib.resources import files
from pathlib import Path
from typing import Any, Literal, Self, get_args

from dermdistill.errors import DataError

RESEARCH_USE = "Research use only. Not a medical device; never a diagnosis."

Risk = Literal["malignant", "precursor", "benign"]
RISKS: tuple[Risk, ...] = get_args(Risk)
PRESETS = ("ham10000", "isic2019", "milk10k", "pad_ufes", "melanoma")
DEFAULT = "ham10000"

_TABLES = files("dermdistill").joinpath("class_tables")
_CODE = re.compile(r"[a-z][a-z0-9_]*")
# British spellings and their American counterparts are one word.
_SPELLINGS = (("ae", "e"), ("oe", "e"), ("tumour", "tumor"))


@dataclass(frozen=True, kw_only=True)
class ClassEntry:
    """One class.

    Attributes:
        code: its name in data files and columns: lower-case letters, digits and `_`.
        name: its clinical name.
        plain: what it is, in plain English.
        risk: `malignant`, `precursor` or `benign`.
        key: what translations of its name and plain words are kept under; empty where there are none.
        aliases: what other tables call it.
    """

    code: str
    name: str
    plain: str
    risk: Risk
    key: str = ""
    aliases: tuple[str, ...] = field(default=(), repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "aliases", tuple(self.aliases))
        if not _CODE.fullmatch(self.code):
            raise DataError(
                f"the class code {self.code!r} is not allowed; use lower-case letters, digits and _."
            )
        if self.risk not in RISKS:
            raise DataError(f"the class {self.code} has the risk {self.risk!r}; use {', '.join(RISKS)}.")
        if not (self.name.strip() and self.plain.strip()):
            raise DataError(f"the class {self.code} has no name or no plain words; give both.")

    @property
    def malignant(self) -> bool:
        """Whether it is malignant or a precursor: the positive side of a referral decision."""
        return self.risk != "benign"


@dataclass(frozen=True)
class ClassTable:
    """Classes in the order of a model's outputs.

    Attributes:
        name: of the table, such as `ham10000`.
        classes: in order.
        melanoma: code of the class that is melanoma, None where the table has none.
    """

    name: str
    classes: tuple[ClassEntry, ...]
    melanoma: str | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "classes", tuple(self.classes))
        if len(self.classes) < 2:
            raise DataError(f"the class table {self.name} has fewer than two classes.")
        if repeated := {code for code in self.codes if self.codes.count(code) > 1}:
            raise DataError(f"the class table {self.name} has the code {min(repeated)} twice.")
        if self.melanoma is not None and self.melanoma not in self.codes:
            raise DataError(
                f"the class table {self.name} calls {self.melanoma} melanoma, and has no such class."
            )
        owners: dict[str, str] = {}
        for entry in self.classes:
            for word in {_plain(word) for word in (entry.code, entry.name, *entry.aliases)}:
                if owners.setdefault(word, entry.code) != entry.code:
                    raise DataError(
                        f"the class table {self.name} gives the word {word!r} to {owners[word]} and "
                        f"{entry.code}; give it to one class."
                    )

    def __len__(self) -> int:
        return len(self.classes)

    @cached_property
    def codes(self) -> tuple[str, ...]:
        """The classes' codes, in order."""
        return tuple(entry.code for entry in self.classes)

    @property
    def malignant(self) -> tuple[str, ...]:
        """Codes of the malignant and precursor classes, in order: whoever has one should be referred."""
        return tuple(entry.code for entry in self.classes if entry.malignant)

    @cached_property
    def _words(self) -> dict[str, str]:
        return {
            _plain(word): entry.code
            for entry in self.classes
            for word in (entry.code, entry.name, *entry.aliases)
        }

    def __getitem__(self, code: str) -> ClassEntry:
        """The class of a code; KeyError if there is none."""
        return self.classes[self.position(code)]

    def position(self, code: str) -> int:
        """Place of a code in the order, from 0; KeyError if it is not in the table."""
        if code not in self.codes:
            raise KeyError(code)
        return self.codes.index(code)

    def positions(self, codes: Iterable[str]) -> list[int]:
        """Places of codes in the order, from 0; KeyError if one is not in the table."""
        return [self.position(code) for code in codes]

    def lookup(self, word: str) -> str | None:
        """The code that a word of a data set means: a code, name or alias, in any case, spacing, punctuation.

        None where the table has no class for it.
        """
        return self._words.get(_plain(word))

    def keep(self, codes: Iterable[str]) -> Self:
        """The same table with only these classes, in its own order.

        Raises:
            DataError: fewer than two are left.
        """
        wanted = set(codes)
        kept = tuple(entry for entry in self.classes if entry.code in wanted)
        return type(self)(self.name, kept, self.melanoma if self.melanoma in wanted else None)

    def to_dict(self) -> dict[str, Any]:
        """What `from_dict` reads; can be written as JSON."""
        classes = [{**asdict(entry), "aliases": list(entry.aliases)} for entry in self.classes]
        return {"name": self.name, "melanoma": self.melanoma, "classes": classes}

    @classmethod
    def from_dict(cls, stored: Any) -> Self:
        """Make a table of what `to_dict` gave.

        Raises:
            DataError: it is no such dictionary, or no table may be like this.
        """
        try:
            entries = tuple(ClassEntry(**entry) for entry in stored["classes"])
            return cls(str(stored["name"]), entries, stored.get("melanoma"))
        except (TypeError, KeyError, AttributeError) as error:
            raise DataError(f"this is not a class table ({error}).") from error


def load_classes(name_or_path: str | Path) -> ClassTable:
    """Load a preset by name, or a table from a TOML file.

    Args:
        name_or_path: one of `PRESETS`, or a file. It may name its `melanoma` by code. Each class is a
            `[[classes]]` with code, name, plain and risk. Optional are key, aliases, and words: kinds of
            lesion in `class_tables/words.toml`, whose words become aliases.

    Raises:
        DataError: no such preset or file, or the file is not a class table; the message names it.
    """
    if str(name_or_path) in PRESETS:
        return _preset(str(name_or_path))
    path = Path(name_or_path)
    if path.suffix != ".toml":
        raise DataError(
            f"There is no class table {str(name_or_path)!r}; give one of {', '.join(PRESETS)}, or a .toml."
        )
    try:
        text = path.read_text("utf-8-sig")
    except (OSError, ValueError) as error:
        raise DataError(f"{path} cannot be read ({error}); give a class table in UTF-8.") from error
    try:
        return _read(path.stem, text)
    except DataError as error:
        raise DataError(f"{path}: {error}") from error


def preset_with(codes: Iterable[str]) -> ClassTable | None:
    """The preset that has exactly these codes, None if none has."""
    wanted = set(codes)
    return next((table for table in map(_preset, PRESETS) if set(table.codes) == wanted), None)


@cache
def _preset(name: str) -> ClassTable:
    return _read(name, _TABLES.joinpath(f"{name}.toml").read_text("utf-8"))


@cache
def _kinds() -> dict[str, list[str]]:
    return tomllib.loads(_TABLES.joinpath("words.toml").read_text("utf-8"))


def _read(name: str, text: str) -> ClassTable:
    try:
        content = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise DataError(f"this is no TOML ({error}).") from error
    if unknown := sorted(set(content) - {"name", "melanoma", "classes"}):
        raise DataError(f"a class table has no setting {unknown[0]!r}; it has name, melanoma and classes.")
    classes = content.get("classes")
    if not isinstance(classes, list) or not all(isinstance(entry, dict) for entry in classes):
        raise DataError("a class table needs a [[classes]] for each class.")
    entries = [_with_words(entry) for entry in classes]
    return ClassTable.from_dict({"name": name, **content, "classes": entries})


def _with_words(entry: Mapping[str, Any]) -> dict[str, Any]:
    kinds, aliases = entry.get("words", []), entry.get("aliases", [])
    for listed in (kinds, aliases):
        if not (isinstance(listed, list) and all(isinstance(word, str) for word in listed)):
            raise DataError(f"words and aliases of a class are lists of texts, not {listed!r}.")
    if unknown := [kind for kind in kinds if kind not in _kinds()]:
        raise DataError(f"there is no kind of lesion {unknown[0]!r}; the kinds are {', '.join(_kinds())}.")
    aliases = [*aliases, *(word for kind in kinds for word in _kinds()[kind])]
    return {key: value for key, value in entry.items() if key != "words"} | {"aliases": aliases}


def _plain(word: str) -> str:
    """A word without case, punctuation and spelling: what two spellings of one diagnosis have in common."""
    word = " ".join(re.findall(r"\w+", word.casefold().replace("_", " ").replace("'", "")))
    for written, meant in _SPELLINGS:
        word = word.replace(written, meant)
    return word
