"""/bundle: the student's own files, for browsers that run it themselves.

A file's address holds its SHA-256, so what lies there never changes and may be kept for ever; the browser
checks the sum. Open even where predictions ask for a key: the page has none, and is of no use without them.
"""

from flask import Blueprint, Response, jsonify, request, send_from_directory
from werkzeug.exceptions import NotFound

from dermdistill.bundle import SPEC_FILE
from dermdistill.inference.quality import MESSAGES
from dermdistill.taxonomy import DIAGNOSES
from dermdistill.web.predicting import clinic
from dermdistill.web.security import IMMUTABLE

blueprint = Blueprint("bundle_files", __name__, url_prefix="/bundle")


@blueprint.get(f"/{SPEC_FILE}")
def spec() -> Response:
    """Return bundle.json as the engine read it."""
    return _revalidated(Response(clinic().engine.spec.model_dump_json(), mimetype="application/json"))


@blueprint.get("/words.json")
def words() -> Response:
    """Return what Python says about classes and photographs, so that the browser says the same."""
    diagnoses = {entry.code: {"name": entry.name, "plain": entry.plain} for entry in DIAGNOSES}
    return _revalidated(jsonify(diagnoses=diagnoses, quality=MESSAGES))


@blueprint.get("/<sha256>/<name>")
def file(sha256: str, name: str) -> Response:
    """Return a file of the bundle by its checksum and name."""
    entry = clinic().engine.spec.files.get(name)
    if entry is None or entry.sha256 != sha256:
        raise NotFound("The bundle has no such file; load the page again.")
    response = send_from_directory(clinic().engine.bundle_dir.resolve(), name, etag=sha256)
    response.headers["Cache-Control"] = IMMUTABLE
    return response


def _revalidated(response: Response) -> Response:
    response.add_etag()
    response.make_conditional(request)
    return response
