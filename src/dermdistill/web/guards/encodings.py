"""Requests that come packed: unpacked up to what a request may have, or refused by name."""

import zlib

from flask import Flask, current_app, request
from werkzeug.exceptions import BadRequest, RequestEntityTooLarge, UnsupportedMediaType

from dermdistill.web.addresses import is_protocol

_WINDOW = {"gzip": 16 + zlib.MAX_WBITS, "deflate": zlib.MAX_WBITS}


def refuse_encodings(app: Flask) -> None:
    """Answer 415 to a packed request where none is offered, before its body is read."""

    @app.before_request
    def _refuse() -> None:
        encoding = request.headers.get("Content-Encoding", "identity").lower()
        if encoding == "identity" or (encoding in _WINDOW and is_protocol(request.path)):
            return
        offered = "gzip or deflate, or none" if is_protocol(request.path) else "none"
        raise UnsupportedMediaType(f"This Content-Encoding is not offered here; send {offered}.")


def unpacked(body: bytes, encoding: str | None) -> bytes:
    """Unpack a body, never to more than the application's limit for a request.

    Raises:
        BadRequest: it is not packed as its header says.
        RequestEntityTooLarge: it is larger than the limit.
    """
    if encoding is None or encoding.lower() == "identity":
        return body
    most = int(current_app.config["MAX_CONTENT_LENGTH"])
    unpacker = zlib.decompressobj(_WINDOW[encoding.lower()])
    try:
        found = unpacker.decompress(body, most)
    except zlib.error as error:
        raise BadRequest(f"The request is not packed with {encoding}, as its header says.") from error
    if unpacker.unconsumed_tail:
        raise RequestEntityTooLarge(
            f"Unpacked, the request is larger than {most} bytes; send fewer pictures."
        )
    if not unpacker.eof or unpacker.unused_data:
        raise BadRequest("The packed request ends too early, or something follows it.")
    return found
