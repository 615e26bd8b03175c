"""What a parent and its decoder say to each other: a picture, then its square or an error."""

import struct
from typing import BinaryIO

import numpy as np

from dermdistill.errors import ImageError, UnreadableError
from dermdistill.imaging.limits import ImageTooLargeError, MissingExtraError, UnsupportedFormatError
from dermdistill.imaging.square import Square

_REQUEST = struct.Struct("<QII")  # bytes of the picture, of its name, and the square's side
_ANSWER = struct.Struct("<III")  # an error's number or 0, then the picture's sides, or the sentence's bytes
_ERRORS: list[type[ImageError]] = [
    ImageError,
    UnreadableError,
    UnsupportedFormatError,
    MissingExtraError,
    ImageTooLargeError,
]


def send_request(pipe: BinaryIO, data: bytes, size: int, name: str) -> None:
    """Ask for a picture's square."""
    called = name.encode("utf-8", "surrogatepass")
    pipe.write(_REQUEST.pack(len(data), len(called), size) + called)
    pipe.write(data)
    pipe.flush()


def read_request(pipe: BinaryIO) -> tuple[bytes, int, str] | None:
    """Return a picture, its square's side and its name; None when the parent has gone."""
    head = pipe.read(_REQUEST.size)
    if len(head) < _REQUEST.size:
        return None
    length, called, size = _REQUEST.unpack(head)
    name = pipe.read(called).decode("utf-8", "surrogatepass")
    data = pipe.read(length)
    return (data, size, name) if len(data) == length else None


def send_answer(pipe: BinaryIO, answer: Square | ImageError) -> None:
    """Answer with a square or an error."""
    if isinstance(answer, Square):
        pipe.write(_ANSWER.pack(0, answer.width, answer.height) + answer.pixels.tobytes())
    else:
        kind = _ERRORS.index(type(answer)) if type(answer) in _ERRORS else 0
        sentence = str(answer).encode("utf-8", "surrogatepass")
        pipe.write(_ANSWER.pack(kind + 1, len(sentence), 0) + sentence)
    pipe.flush()


def read_answer(pipe: BinaryIO, size: int) -> Square:
    """Return a square of side `size`.

    Raises:
        ImageError: the answer is one.
        EOFError: the decoder has gone.
    """
    kind, first, second = _ANSWER.unpack(_read(pipe, _ANSWER.size))
    if kind:
        raise _ERRORS[kind - 1](_read(pipe, first).decode("utf-8", "surrogatepass"))
    pixels = np.frombuffer(bytearray(_read(pipe, size * size * 3)), np.uint8)
    return Square(pixels.reshape(size, size, 3), first, second)


def _read(pipe: BinaryIO, length: int) -> bytes:
    data = pipe.read(length)
    if len(data) < length:
        raise EOFError
    return data
