"""Write docs/decisions/index.md: every decision by its number and title. `make docs` runs it."""

import re
from pathlib import Path

DECISIONS = Path(__file__).parent / "decisions"
LEAD = """# Decisions

What cost something to decide: the problem, the choice and its cost. Half a page each. The trials behind a
choice stand in [experiments](../experiments/index.md).

"""


def index() -> str:
    """The page, a line a decision in the order of their numbers."""
    lines = []
    for page in sorted(DECISIONS.glob("[0-9]*.md")):
        title = page.read_text("utf-8").splitlines()[0]
        number, said = re.fullmatch(r"# (\d+)\. (.+)", title).groups()
        lines.append(f"{number}. [{said}]({page.name})\n")
    return LEAD + "".join(lines)


if __name__ == "__main__":
    (DECISIONS / "index.md").write_text(index(), encoding="utf-8")
