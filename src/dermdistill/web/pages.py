"""The clinic page: one HTML file; its scripts and styles come from /assets. Bundled by the package build."""

from flask import Blueprint, Response, current_app
from werkzeug.exceptions import NotFound

blueprint = Blueprint("pages", __name__)


@blueprint.get("/")
def clinic() -> Response:
    """Return the page."""
    try:
        return current_app.send_static_file("index.html")
    except NotFound as error:
        raise NotFound(
            "The page was not built with this installation, the API works without it; "
            "in a checkout, `make serve` or `pip install .` builds it."
        ) from error
