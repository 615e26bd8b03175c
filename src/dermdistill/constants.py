"""Numbers that Python and the browser's TypeScript both use: each is written once, in constants.json.

The keys say what a number is, with its unit. Why it has its value is said where Python uses it.
"""

import json
from importlib.resources import files
from typing import Any

CONSTANTS: dict[str, dict[str, Any]] = json.loads(
    files("dermdistill").joinpath("constants.json").read_text("utf-8")
)
