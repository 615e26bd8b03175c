"""API keys: who may ask for predictions, on a server that more than its owner can reach."""

import hmac
import os
from collections.abc import Iterable
from hashlib import sha256
from pathlib import Path

from flask import Flask, request
from werkzeug.datastructures import WWWAuthenticate
from werkzeug.exceptions import Unauthorized

from dermdistill.errors import DermDistillError
from dermdistill.web.description.operations import OPERATIONS

VARIABLE = "DERMDISTILL_API_KEYS"
_SHORTEST = 16


class KeyFileError(DermDistillError):
    """API keys were announced, but there are none that can be used."""


class Keys:
    """The keys of a server, as hashes; a server without keys is open."""

    def __init__(self, keys: Iterable[str] = ()):
        self._hashes = [sha256(key.encode()).digest() for key in keys]

    def __bool__(self) -> bool:
        return bool(self._hashes)

    def fit(self, given: str) -> bool:
        """Compare with every key in constant time: how long it takes tells nothing about a key."""
        hashed = sha256(given.encode()).digest()
        return sum(hmac.compare_digest(hashed, known) for known in self._hashes) > 0


def check_keys(keys: Iterable[str], *, source: str) -> list[str]:
    """Return the keys, or refuse them: a server that was meant to be closed must not start open.

    Args:
        keys: one string a key; at least 16 characters of ASCII without spaces.
        source: where they come from, for the error.

    Raises:
        KeyFileError: there is none, or one is too short or cannot travel in a header.
    """
    found = list(keys)
    if not found:
        raise KeyFileError(f"{source} holds no API key; write one there, or leave it out to have none.")
    if any(len(key) < _SHORTEST or not key.isascii() or not key.isprintable() or " " in key for key in found):
        raise KeyFileError(
            f"{source} holds an API key that is shorter than {_SHORTEST} characters or not plain ASCII "
            "without spaces; make one with `openssl rand -hex 32`."
        )
    return found


def read_key_file(path: Path) -> list[str]:
    """Read keys from a file: one a line; empty lines and lines that begin with # are left out.

    Raises:
        KeyFileError: the file cannot be read or holds no usable key.
    """
    try:
        lines = path.read_text("utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not text"
        raise KeyFileError(f"{path} cannot be read ({reason}); give a text file of API keys.") from error
    stripped = (line.strip() for line in lines)
    return check_keys((line for line in stripped if line and not line.startswith("#")), source=str(path))


def environment_keys() -> list[str]:
    """Return the keys in DERMDISTILL_API_KEYS, separated by commas; none if it is not set.

    Raises:
        KeyFileError: it is set but holds no usable key.
    """
    value = os.environ.get(VARIABLE)
    if value is None:
        return []
    return check_keys((key.strip() for key in value.split(",") if key.strip()), source=VARIABLE)


def guard(app: Flask, keys: Keys) -> None:
    """Ask for a key wherever an operation needs one; pages, health and the description stay open."""

    @app.before_request
    def _ask() -> None:
        operation = OPERATIONS.get(app.view_functions.get(request.endpoint or "", guard))
        # A browser asks whether it may ask (OPTIONS) without the key, by its rules.
        if operation is None or not operation.needs_key or request.method == "OPTIONS":
            return
        if keys and not any(keys.fit(given) for given in _given()):
            raise Unauthorized(
                "Send a key of this server as Authorization: Bearer KEY or as X-API-Key: KEY.",
                www_authenticate=WWWAuthenticate("bearer", {"realm": "dermdistill"}),
            )


def _given() -> list[str]:
    authorization = request.authorization
    bearer = authorization.token if authorization is not None and authorization.type == "bearer" else None
    return [bearer or "", request.headers.get("X-API-Key", "")]
