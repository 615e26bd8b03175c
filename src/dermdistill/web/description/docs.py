"""The API's description, for programs and for people."""

import json
from pathlib import Path

from flask import Blueprint, render_template, send_from_directory, url_for
from flask.wrappers import Response

from dermdistill.web.addresses import API
from dermdistill.web.clinic import clinic
from dermdistill.web.description.operations import JSON, operation

_FOLDER = Path(__file__).parent / "reference"
blueprint = Blueprint("docs", __name__, url_prefix=API, template_folder=str(_FOLDER))


@blueprint.get("/openapi.json")
@operation(media=JSON, needs_key=False)
def openapi() -> str:
    """Describe this API as OpenAPI 3.1."""
    return json.dumps(clinic().description)


@blueprint.get("/docs")
@operation(media="text/html; charset=utf-8", needs_key=False)
def page() -> str:
    """Describe this API to people."""
    predict = url_for("api.predict", _external=True)
    return render_template("page.html", description=clinic().description, predict=predict)


@blueprint.get("/docs.css")
def style() -> Response:
    """Return the style of the page."""
    return send_from_directory(_FOLDER, "style.css")
