"""What tables say of a patient and a picture, brought into one word each; None where it cannot be read."""

import re

_SEXES = {
    "female": (
        *("f", "female", "w", "woman", "girl", "fem", "weiblich", "frau", "mädchen", "femme", "feminin"),
        *("féminin", "mujer", "femenino", "feminino", "femminile", "donna", "vrouw", "kvinna", "kvinde", "k"),
        *("kobieta", "♀"),
    ),
    "male": (
        *("m", "male", "man", "boy", "masc", "männlich", "maennlich", "mannlich", "mann", "junge", "homme"),
        *("masculin", "hombre", "masculino", "maschile", "uomo", "mand", "h", "mężczyzna", "♂"),
    ),
    "other": ("other", "d", "divers", "diverse", "x", "intersex", "non-binary"),
}
_SEX = {word: sex for sex, words in _SEXES.items() for word in words}
_ROMAN = {"i": 1, "ii": 2, "iii": 3, "iv": 4, "v": 5, "vi": 6}
# The ISIC archive names no version: it uses 4.0 of those with conditions.
_CC0 = re.compile(r"cc[ -]?0(?:[ -]1\.0)?(?:[ -]universal)?")
_CC_BY = re.compile(r"cc[ -]by((?:-(?:nc|nd|sa))*)(?:[ -](\d\.\d))?")
_CONFIRMED = {"true": "biopsy", "false": "clinical"}
_AGE = re.compile(
    r"(?:age|aged|about|approx\.?|ca\.?|circa|[~<>≥≤])?\s*(\d+(?:[.,]\d+)?)\s*"
    r"(?:(?:-|\u2013|to|bis)\s*(\d+(?:[.,]\d+)?))?\s*([a-zäöüß.]*)\s*(?:old|alt)?\s*\+?"
)
_YEARS = (
    "",
    "y",
    "yr",
    "yrs",
    "year",
    "years",
    "yo",
    "y.o.",
    "j",
    "j.",
    "jahre",
    "ans",
    "años",
    "anos",
    "anni",
)
_PARTS = {
    "m": 12,
    "mo": 12,
    "month": 12,
    "months": 12,
    "monate": 12,
    "w": 52,
    "weeks": 52,
    "d": 365,
    "days": 365,
}
_OLDEST = 125


def read_sex(word: str) -> str | None:
    """`female`, `male` or `other`; empty for an empty word."""
    return _SEX.get(word.strip().lower().rstrip(".")) if word else ""


def read_age(word: str) -> float | None:
    """Age in years, 0 to 125: `45`, `45.0`, `45,5`, `45 years`, `045Y`, `40-49` (the middle), `85+`."""
    found = _AGE.fullmatch(word.strip().lower())
    if found is None:
        return None
    low, high, unit = found.groups()
    age = float(low.replace(",", "."))
    if high:
        age = (age + float(high.replace(",", "."))) / 2
    if unit in _PARTS:
        age /= _PARTS[unit]
    elif unit not in _YEARS:
        return None
    return age if age <= _OLDEST else None


def read_picture(word: str) -> str | None:
    """`dermoscopic` or `clinical`; empty for an empty word.

    The ISIC archive's image types are known. A `TBP tile` is cut from a photograph of the whole body, without
    a dermatoscope. `RCM` is microscopy, so it is neither kind.
    """
    word = word.strip().lower()
    if not word:
        return ""
    if word.startswith(("dermo", "dermato", "contact", "non-contact", "derm", "auflicht")):
        return "dermoscopic"
    if word.startswith(
        (
            "clinic",
            "klinisch",
            "close",
            "dslr",
            "camera",
            "overview",
            "tbp",
            "macro",
            "photo",
            "smartphone",
            "phone",
        )
    ):
        return "clinical"
    return None


def read_skin_tone(word: str) -> str:
    """The scale and a whole number: `fitzpatrick III`, `fitzpatrick 3.0` and `fitzpatrick type 3` are one."""
    scale, _, tone = word.lower().partition(" ")
    tone = tone.removeprefix("fitzpatrick ").removeprefix("fst ").removeprefix("type ").strip()
    tone = str(_ROMAN.get(tone, tone)).removesuffix(".0")
    return f"{scale} {tone}" if tone else word.lower()


def read_site(word: str) -> str:
    """A body site in lower case, with spaces between its words."""
    return " ".join(word.lower().replace("_", " ").split())


def read_licence(word: str) -> str:
    """Creative Commons licences as `CC BY-NC 4.0`, also from their SPDX names; others as they are."""
    plain = " ".join(word.lower().split())
    if _CC0.fullmatch(plain):
        return "CC0 1.0"
    if found := _CC_BY.fullmatch(plain):
        return f"CC BY{found[1].upper()} {found[2] or '4.0'}"
    return word.strip()


def read_confirmation(word: str) -> str:
    """How a diagnosis was confirmed; yes and no, which tell of a biopsy, as `biopsy` and `clinical`."""
    return _CONFIRMED.get(word.strip().lower(), word)
