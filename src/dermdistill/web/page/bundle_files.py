"""/bundle: the student's own files, for browsers that run it themselves.

A file's address holds its SHA-256, so what lies there never changes and may be kept for ever; the browser
checks the sum. What is sent are the bytes that were verified when the engine opened the bundle, whatever has
become of the file on the disk. Open even where predictions ask for a key: the page has none, and is of no use
without them.
"""

import json
from hashlib import sha256
from typing import Any

from flask import Blueprint, Response, request, url_for
from werkzeug.exceptions import NotFound

from dermdistill.bundle import SPEC_FILE
from dermdistill.inference.quality.check import MESSAGES
from dermdistill.web.clinic import clinic
from dermdistill.web.guards.security import IMMUTABLE

blueprint = Blueprint("bundle_files", __name__, url_prefix="/bundle")


def what_to_keep() -> dict[str, str | dict[str, str]]:
    """Return the SHA-256 by address of all that runs the student in a browser, and a version of it all."""
    spec = clinic().engine.spec
    detector = spec.out_of_distribution
    arrays = [*(detector.arrays if detector else []), *([spec.pictures.weights] if spec.pictures else [])]
    models = [spec.model_file, *([spec.quick.file] if spec.quick else [])]
    names = [*models, *(array.file for array in arrays)]
    sums = {name: spec.files[name].sha256 for name in names}
    files = {url_for("bundle_files.file", checksum=sum_, name=name): sum_ for name, sum_ in sums.items()}
    described = {url_for("bundle_files.spec"): _spec_json(), url_for("bundle_files.words"): _words_json()}
    files |= {address: sha256(text.encode()).hexdigest() for address, text in described.items()}
    version = sha256(json.dumps(files).encode()).hexdigest()[:16]
    return {"version": version, "files": files}


@blueprint.get(f"/{SPEC_FILE}")
def spec() -> Response:
    """Return bundle.json as the engine read it."""
    return revalidated(Response(_spec_json(), mimetype="application/json"))


@blueprint.get("/words.json")
def words() -> Response:
    """Return what Python says about photographs, so that the browser says the same."""
    return revalidated(Response(_words_json(), mimetype="application/json"))


@blueprint.get("/<checksum>/<name>")
def file(checksum: str, name: str) -> Response:
    """Return a file of the bundle by its SHA-256 and name."""
    entry = clinic().engine.spec.files.get(name)
    if entry is None or entry.sha256 != checksum:
        raise NotFound("The bundle has no such file; load the page again.")
    response = Response(clinic().engine.bundle.contents[name], mimetype="application/octet-stream")
    response.set_etag(checksum)
    response.make_conditional(request)
    response.headers["Cache-Control"] = IMMUTABLE
    return response


def revalidated(response: Response) -> Response:
    """Let a browser that has this response already keep it."""
    response.add_etag()
    response.make_conditional(request)
    return response


def _spec_json() -> str:
    return clinic().engine.bundle.spec_json.decode()


def _words_json() -> str:
    return json.dumps(_words())


def _words() -> dict[str, Any]:
    return {"quality": MESSAGES}
