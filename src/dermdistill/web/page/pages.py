"""The clinic page and its service worker, as the package build bundled them; the rest comes from /assets."""

import json

from flask import Blueprint, Response, current_app
from werkzeug.exceptions import NotFound

from dermdistill.web.page.assets import FOLDER
from dermdistill.web.page.bundle_files import revalidated, what_to_keep

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


@blueprint.get("/service-worker.js")
def service_worker() -> Response:
    """Return the script that keeps the page in the browser; another student makes it another version of it.

    It lies at the top because a service worker may only keep what lies below it.
    """
    script = FOLDER / "service-worker.js"
    if not script.is_file():
        raise NotFound("The page was not built with this installation, so there is nothing to keep.")
    text = f"self.STUDENT = {json.dumps(what_to_keep())};\n{script.read_text('utf-8')}"
    return revalidated(Response(text, mimetype="text/javascript"))
