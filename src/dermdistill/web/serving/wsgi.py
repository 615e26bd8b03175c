"""One whole request to the Flask application, and its answer piece by piece. Source: PEP 3333."""

import sys
from collections.abc import Iterable, Iterator, MutableMapping
from dataclasses import dataclass
from io import BytesIO
from typing import Any
from urllib.parse import unquote_to_bytes

# Bytes of an answer that are sent together; a file is never in memory whole.
_PIECE = 1 << 16


def environ_of(scope: MutableMapping[str, Any]) -> dict[str, Any]:
    """Return the WSGI environment of a request's head; the body is empty.

    A header's name with an underscore is left out: as `X_API_Key` it would pass for `X-API-Key`.
    """
    server, client = scope.get("server") or ("localhost", 80), scope.get("client") or ("", 0)
    environ: dict[str, Any] = {
        "REQUEST_METHOD": scope["method"],
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote_to_bytes(scope["raw_path"]).decode("latin-1"),
        "QUERY_STRING": scope["query_string"].decode("latin-1"),
        "SERVER_NAME": str(server[0]),
        "SERVER_PORT": str(server[1] or 80),
        "SERVER_PROTOCOL": f"HTTP/{scope['http_version']}",
        "REMOTE_ADDR": str(client[0]),
        "REMOTE_PORT": str(client[1]),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope["scheme"],
        "wsgi.input": BytesIO(),
        "wsgi.input_terminated": True,
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }
    for raw, value in scope["headers"]:
        name, text = raw.decode("latin-1"), value.decode("latin-1")
        if "_" in name:
            continue
        key = name.upper().replace("-", "_")
        if key not in ("CONTENT_TYPE", "CONTENT_LENGTH"):
            key = f"HTTP_{key}"
        environ[key] = f"{environ[key]},{text}" if key in environ else text
    return environ


@dataclass
class Answer:
    """What the application answered: the start of it, and the rest, to be taken in a thread."""

    status: int
    headers: list[tuple[bytes, bytes]]
    _rest: Iterator[bytes]
    _body: Iterable[bytes]

    def piece(self) -> bytes:
        """The next piece of the body; empty at its end."""
        found = bytearray()
        for chunk in self._rest:
            if not found and len(chunk) >= _PIECE:
                return chunk
            found += chunk
            if len(found) >= _PIECE:
                break
        return bytes(found)

    def close(self) -> None:
        """Let go of the files that the body comes from."""
        close = getattr(self._body, "close", None)
        if close:
            close()


def answer(app: Any, environ: dict[str, Any]) -> Answer:
    """Run the application on one request; its faults are answers, too."""
    started: list[Any] = []

    def start_response(status: str, headers: list[tuple[str, str]], *_: Any) -> None:
        started[:] = [status, headers]

    body = app(environ, start_response)
    status, headers = started
    encoded = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers]
    return Answer(int(status.split(" ", 1)[0]), encoded, iter(body), body)
