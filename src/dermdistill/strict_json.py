"""JSON from outside, read strictly: each key once, finite numbers, a bounded depth."""

import json
from typing import Any, NoReturn

from dermdistill.errors import DermDistillError

# Python counts levels of C calls, too; this is far below its limit and far above what any document here has.
DEEPEST = 100


class JsonError(DermDistillError):
    """Bytes are no JSON, or JSON that different readers would read differently."""


def read_json(data: bytes) -> Any:
    """Parse UTF-8 JSON (RFC 8259).

    Raises:
        JsonError: it is no JSON; a key stands twice in one object; a number is not finite or has thousands of
        digits; or lists and objects are nested more than `DEEPEST` deep.
    """
    try:
        parsed = json.loads(
            data.decode("utf-8"), object_pairs_hook=_each_key_once, parse_constant=_no, parse_float=_finite
        )
    except RecursionError:
        raise JsonError("The JSON is nested too deeply.") from None
    except JsonError:
        raise
    except ValueError as error:  # of the decoder, of UTF-8, and of integers with thousands of digits
        raise JsonError(f"Invalid JSON: {_reason(error)}.") from error
    if _deeper_than(parsed, DEEPEST):
        raise JsonError("The JSON is nested too deeply.")
    return parsed


def _each_key_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise JsonError("A key stands twice in one JSON object; leave one out.")
    return found


def _no(name: str) -> NoReturn:
    raise JsonError(f"{name} is no JSON number.")


def _finite(text: str) -> float:
    value = float(text)
    if value in (float("inf"), float("-inf")):
        raise JsonError("A number is too large.")
    return value


def _reason(error: ValueError) -> str:
    if isinstance(error, json.JSONDecodeError):
        return f"{error.msg} at character {error.pos}"
    return "it is not UTF-8" if isinstance(error, UnicodeDecodeError) else "a number has too many digits"


def _deeper_than(value: Any, levels: int) -> bool:
    row = [value]
    while row and levels > 0:
        row = [
            inner
            for outer in row
            if isinstance(outer, dict | list)
            for inner in (outer.values() if isinstance(outer, dict) else outer)
            if isinstance(inner, dict | list)
        ]
        levels -= 1
    return bool(row)
