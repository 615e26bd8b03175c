"""A tutorial's notebook is that of its source, ran to its end, and names no machine."""

import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

TUTORIALS = ROOT / "docs" / "tutorials"
SOURCES = sorted(path.stem for path in TUTORIALS.glob("*.py"))


def code_of(source: str) -> list[str]:
    """The code cells of a percent script; text cells are comments."""
    cells = re.split(r"^# %%", source, flags=re.MULTILINE)[1:]
    return [cell.strip() for cell in cells if not cell.startswith(" [markdown]")]


@pytest.mark.parametrize("name", SOURCES)
def test_a_notebook_is_its_source_and_ran(name):
    notebook = json.loads((TUTORIALS / f"{name}.ipynb").read_text("utf-8"))
    cells = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    kept = ["".join(cell["source"]).strip() for cell in cells]
    assert kept == code_of((TUTORIALS / f"{name}.py").read_text("utf-8")), "run `make notebooks`"
    assert [cell["execution_count"] for cell in cells] == list(range(1, len(cells) + 1))
    assert not [out for cell in cells for out in cell["outputs"] if out["output_type"] == "error"]
    assert any(cell["outputs"] for cell in cells)


@pytest.mark.parametrize("name", SOURCES)
def test_a_notebook_is_small_and_in_the_index(name):
    assert (TUTORIALS / f"{name}.ipynb").stat().st_size < 60_000
    assert f"({name}.ipynb)" in (TUTORIALS / "index.md").read_text("utf-8")
