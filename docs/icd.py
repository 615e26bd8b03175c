"""Write the table of ICD codes in docs/integrations.md from the file that reports take them from."""

from pathlib import Path

from dermdistill.classes import PRESETS, load_classes
from dermdistill.records.codes import checked, icd_codes, sources

PAGE = Path(__file__).parent / "integrations.md"
START, END = "<!-- icd -->\n", "<!-- /icd -->"
_WORDS = {"equivalent": "is", "narrower": "is part of", "broader": "holds", "related": "overlaps with"}


def table() -> str:
    """Each kind of lesion that a preset names, with the codes that it has to do with."""
    names = {
        entry.key: entry.name for preset in PRESETS for entry in load_classes(preset).classes if entry.key
    }
    lines = ["| class | relation | ICD-10 | ICD-11 |", "| --- | --- | --- | --- |"]
    for key, name in names.items():
        for relation, words in _WORDS.items():
            cells = ["", ""]
            for icd in icd_codes(key):
                if icd.relation == relation:
                    place = list(sources()).index(icd.system)
                    cells[place] += f"{', ' if cells[place] else ''}{icd.code} {icd.title}"
            if any(cells):
                lines.append(f"| {name} | {words} | {' | '.join(cells)} |")
    said = "; ".join(sources().values())
    return "\n".join(
        [
            *lines,
            "",
            f"Sources: {said}. Codes and titles were {checked()}. "
            "ICD is © World Health Organization, CC BY-ND 3.0 IGO.",
            "",
        ]
    )


def page() -> str:
    """The page with the table in its place."""
    before, rest = PAGE.read_text("utf-8").split(START)
    return f"{before}{START}{table()}{END}{rest.split(END)[1]}"


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
