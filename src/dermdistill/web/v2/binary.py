"""The protocol's binary tensor extension: JSON first, then the tensors' own bytes.

Source: github.com/triton-inference-server/server, docs/protocol/extension_binary_data.md. A header says how
long the JSON is; `binary_data_size` among a tensor's parameters says how many bytes belong to it.
"""

import json
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

HEADER = "Inference-Header-Content-Length"
MEDIA = "application/octet-stream"
NAME = "binary_tensor_data"


class BinaryError(Exception):
    """A request's lengths do not fit each other."""


def split(body: bytes, length: str | None) -> tuple[bytes, bytes]:
    """Return a request's JSON and what follows it.

    Args:
        body: the request.
        length: the value of `HEADER`; None for a request that is JSON as a whole.

    Raises:
        BinaryError: the length is not a number, or greater than the request is.
    """
    if length is None:
        return body, b""
    if not (length.isascii() and length.isdigit() and len(length) < 12 and int(length) <= len(body)):
        raise BinaryError(f"{HEADER} must be the number of bytes of JSON that the request begins with.")
    return body[: int(length)], body[int(length) :]


def raw_pixels(data: bytes, size: Any, shape: tuple[int, ...]) -> NDArray[np.uint8]:
    """Return uint8 pixels that travelled as bytes.

    Args:
        data: what follows the JSON.
        size: `binary_data_size` of the only input.
        shape: of the tensor.

    Raises:
        BinaryError: announced, sent and needed bytes are not equally many.
    """
    needed = int(np.prod(shape))
    if isinstance(size, bool) or size != needed or len(data) != needed:
        raise BinaryError(f"binary_data_size, and the bytes after the JSON, must be {needed}.")
    return np.frombuffer(data, np.uint8).reshape(shape)


def joined(answer: dict[str, Any], tensors: Sequence[NDArray[Any]]) -> tuple[bytes, int]:
    """Return an answer's body, and how many bytes of it are JSON.

    Args:
        answer: the answer without the data of these tensors.
        tensors: float32, bool or text, in the order of the outputs.
    """
    head = json.dumps(answer, separators=(",", ":")).encode()
    return head + b"".join(map(raw_values, tensors)), len(head)


def raw_values(tensor: NDArray[Any]) -> bytes:
    """A tensor's bytes: little-endian, a truth value as one byte, a word after its length in four bytes."""
    if tensor.dtype.kind == "U":
        words = [str(word).encode() for word in tensor.ravel()]
        return b"".join(len(word).to_bytes(4, "little") + word for word in words)
    return tensor.astype("<f4" if tensor.dtype.kind == "f" else "?").tobytes()
