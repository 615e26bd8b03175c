"""The clinic page: one HTML file; its scripts and styles come from /assets."""

from flask import Blueprint, Response, current_app

blueprint = Blueprint("pages", __name__)


@blueprint.get("/")
def clinic() -> Response:
    """Return the page."""
    return current_app.send_static_file("index.html")
