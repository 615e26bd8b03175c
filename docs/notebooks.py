"""Run the tutorials and keep them as notebooks with what they print: `make notebooks`.

A tutorial is docs/tutorials/NAME.py, cells apart by `# %%`. Each runs in an empty folder of its own. What is
kept has no path of the machine and no time.
"""

import os
import re
import sys
import tempfile
import time
from pathlib import Path

import jupytext
import nbformat
from nbclient import NotebookClient

ROOT = Path(__file__).parents[1]
TUTORIALS = ROOT / "docs" / "tutorials"


def cells(source: Path) -> list[tuple[str, str]]:
    """Kind and text of each cell of a tutorial, or of its notebook."""
    return [(cell.cell_type, cell.source) for cell in jupytext.read(source).cells]


def run(source: Path) -> float:
    """Run a tutorial and write its notebook beside it; returns the seconds it took.

    Raises:
        nbclient.exceptions.CellExecutionError: a cell fails.
    """
    notebook = jupytext.read(source)
    started = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        NotebookClient(notebook, timeout=600, kernel_name="python3").execute(cwd=folder)
    for number, cell in enumerate(notebook.cells):
        cell.metadata.clear()
        cell.id = f"cell-{number}"
        if cell.cell_type == "code":
            cell.outputs = [output for output in cell.outputs if _is_worth_keeping(output)]
    notebook.metadata = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}}
    text = nbformat.writes(notebook)
    if named := re.search(r"/(?:home|root|tmp|work|Users)/[\w./-]+", text):
        raise SystemExit(f"{source.name} prints a path of this machine, {named[0]}; leave it out.")
    source.with_suffix(".ipynb").write_text(text + "\n", encoding="utf-8")
    return time.monotonic() - started


def _is_worth_keeping(output: nbformat.NotebookNode) -> bool:
    """Leave out what libraries say of themselves, such as TensorFlow at its start and where it saves."""
    if output.output_type != "stream":
        return True
    lines = output.text.splitlines(keepends=True)
    output.text = "".join(line for line in lines if not re.match(r"(WARNING|INFO):tensorflow", line))
    return output.name != "stderr" and bool(output.text.strip())


def main() -> None:
    """Run the tutorials named, or all."""
    os.environ["PYTHONPATH"] = os.pathsep.join([str(ROOT / "src"), str(ROOT / "tests")])
    os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    os.environ |= {"TF_CPP_MIN_LOG_LEVEL": "3", "PYDEVD_DISABLE_FILE_VALIDATION": "1"}
    for source in map(Path, sys.argv[1:] or sorted(TUTORIALS.glob("*.py"))):
        print(f"{source.stem}: {run(source):.0f} s", flush=True)


if __name__ == "__main__":
    main()
