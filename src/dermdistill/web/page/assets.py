"""/assets: the client as the package build made it. Some files lie there packed only, as they are sent."""

import gzip
import os
from pathlib import Path

from flask import Response, request, send_from_directory
from werkzeug.security import safe_join

from dermdistill.web.guards.security import IMMUTABLE

FOLDER = Path(__file__).parent / "dist"
# What client/build.mjs packs.
_KINDS = {
    ".css": "text/css",
    ".js": "text/javascript",
    ".json": "application/json",
    ".svg": "image/svg+xml",
    ".txt": "text/plain",
    ".wasm": "application/wasm",
}
_NAMED_BY_CONTENTS = "litert-"  # the folder's name changes with what lies in it


def send_asset(folder: Path | str, name: str) -> Response:
    """Send a file of the client; packed where it is stored so and the browser takes it.

    Raises:
        NotFound: there is no such file.
    """
    packed = safe_join(str(folder), f"{name}.gz")
    if packed is None or not os.path.isfile(packed):  # noqa: PTH113  # a Path refuses a name that is too long
        return send_from_directory(folder, name)
    kind = _KINDS[Path(name).suffix]
    if request.accept_encodings["gzip"]:
        response = send_from_directory(folder, f"{name}.gz", mimetype=kind)
        response.headers["Content-Encoding"] = "gzip"
    else:
        response = Response(gzip.decompress(Path(packed).read_bytes()), mimetype=kind)
        response.add_etag()
        response.make_conditional(request)
    response.headers["Vary"] = "Accept-Encoding"
    if name.startswith(_NAMED_BY_CONTENTS):
        response.headers["Cache-Control"] = IMMUTABLE
    return response
