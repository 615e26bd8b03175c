"""Pixels out of JSON text, without an object a number.

The list of numbers is cut out of a request's text, checked as text and turned into bytes. Only what remains,
a few hundred characters, is parsed as JSON. So a request takes memory for its size, whatever it holds.
"""

import re
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dermdistill.strict_json import read_json

# Bytes of a request that are no pixels: names, shapes, parameters. More than enough.
LONGEST_REST = 64_000
# What a list of whole numbers consists of. Strings are skipped, whatever they hold; one without an end is
# skipped whole, too, or each quote in it would be tried as a start, in time that grows with its square.
_STRING_OR_NUMBERS = re.compile(rb'"(?:[^"\\]++|\\.)*+(?:"|\\?\Z)|\[[0-9,\[\]\s]*+', re.DOTALL)
_KEY_OF_DATA = re.compile(rb'"data"\s*:\s*\Z')
_NOT_PIXELS = "The data must be whole numbers from 0 to 255, with little beside them."
_SHORTEST_LIST = 256
_SPACE = b" \t\r\n"
_COMMA, _ZERO, _NINE = b",09"
# Bytes looked at together: what stands beside them in memory is some ten times that.
_AT_ONCE = 1 << 20


class PixelError(Exception):
    """A list of pixels is none, or there is more beside it than a request needs."""


@dataclass(frozen=True)
class Cut:
    """A request with its pixels taken out.

    Attributes:
        rest: the request as parsed JSON; `mark` stands where the list was.
        mark: a text that nobody else can have written there.
        numbers: the list's own text; None where there is no long list.
    """

    rest: Any
    mark: str
    numbers: bytes | None


def cut_pixels(body: bytes, *, mark: str) -> Cut:
    """Take the longest list of whole numbers under a key `data` out of a request's JSON.

    Raises:
        PixelError: what remains is too long to be a request.
        JsonError: what remains is no JSON.
    """
    start, end = 0, 0
    for found in _STRING_OR_NUMBERS.finditer(body):
        if found.end() - found.start() > max(end - start, _SHORTEST_LIST) and body[found.start()] == ord("["):
            start, end = found.span()
    while end > start and body[end - 1 : end] in b"," + _SPACE:
        end -= 1  # of the next key
    whole = body.count(b"[", start, end) == body.count(b"]", start, end)
    if not whole or not _KEY_OF_DATA.search(body[max(0, start - 100) : start]):
        start = end = 0
    if len(body) - (end - start) > LONGEST_REST:
        raise PixelError(_NOT_PIXELS)
    rest = body if not end else body[:start] + b'"' + mark.encode() + b'"' + body[end:]
    return Cut(read_json(rest), mark, body[start:end] if end else None)


def pixels_of(numbers: bytes, shape: tuple[int, ...]) -> NDArray[np.uint8]:
    """Turn the text of a list of numbers, flat or nested as `shape` is, into uint8 of that shape.

    Raises:
        PixelError: it is another list, or a number is not from 0 to 255.
    """
    size = int(np.prod(shape))
    skeleton = numbers.translate(None, b"0123456789" + _SPACE)
    if skeleton not in (b"[" + b"," * (size - 1) + b"]", _skeleton(shape)):
        raise PixelError(f"The data must be {size} numbers, flat or nested as the shape is.")
    found = np.empty(size, np.uint8)
    start = done = 0
    while start < len(numbers):
        end = start + _AT_ONCE
        end = len(numbers) if end >= len(numbers) else numbers.rfind(b",", start, end) + 1
        if end <= start:
            raise PixelError(_NOT_PIXELS)
        values = _values(np.frombuffer(numbers, np.uint8, end - start, start))
        found[done : done + values.size] = values
        start, done = end, done + values.size
    if done != size:
        raise PixelError(_NOT_PIXELS)
    return found.reshape(shape)


def _values(text: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Read the numbers of a piece of text: one after the start and after each comma but the last."""
    text = np.concatenate([text, np.zeros(4, np.uint8)])  # so that each digit has three neighbours
    digit = (text >= _ZERO) & (text <= _NINE)
    starts = np.flatnonzero(digit[1:-3] & ~digit[:-4]) + 1
    if digit[0]:
        starts = np.concatenate([[0], starts])
    # Its place among the commas is its number: none is missing, and no two stand between the same commas.
    if not np.array_equal(np.cumsum(text == _COMMA)[starts], np.arange(starts.size)):
        raise PixelError(_NOT_PIXELS)
    value = np.zeros(starts.size, np.int32)
    alive = np.ones(starts.size, bool)
    for place in range(3):
        alive &= digit[starts + place]
        value = np.where(alive, 10 * value + text[starts + place] - _ZERO, value)
    too_long = alive & digit[starts + 3]
    leading_zero = (text[starts] == _ZERO) & digit[starts + 1]
    if too_long.any() or leading_zero.any() or value.max(initial=0) > 255:
        raise PixelError(_NOT_PIXELS)
    return value.astype(np.uint8)


def _skeleton(shape: tuple[int, ...]) -> bytes:
    """Brackets and commas of a nested list."""
    inner = b""
    for length in reversed(shape):
        inner = b"[" + b",".join([inner] * length) + b"]"
    return inner
