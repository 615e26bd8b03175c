"""The application factory: one engine, the page, the API, and what guards them."""

from io import BytesIO
from pathlib import Path
from typing import IO, Any

from flask import Flask, Request

from dermdistill.inference import Engine, load_bundle
from dermdistill.web import api, pages, problems, security
from dermdistill.web.slots import Slots

MAX_REQUEST_BYTES = 48 * 1024 * 1024
MAX_IMAGES = 32


class MemoryRequest(Request):
    """A request whose uploads stay in memory: Werkzeug would write larger ones to a temporary file."""

    max_form_parts = 2 * MAX_IMAGES

    def _get_file_stream(self, *_: Any, **__: Any) -> IO[bytes]:
        return BytesIO()


class ClinicApp(Flask):
    """A Flask application that carries its engine and the slots for predictions."""

    request_class = MemoryRequest
    engine: Engine
    slots: Slots
    max_images = MAX_IMAGES


def create_app(
    bundle: Path | str | None = None,
    *,
    engine: Engine | None = None,
    slots: int | None = None,
    max_request_bytes: int = MAX_REQUEST_BYTES,
) -> ClinicApp:
    """Build the application around one engine.

    Args:
        bundle: a bundle's folder; the shipped one if None.
        engine: use this engine instead of opening a bundle.
        slots: predict requests at once, working or waiting for the engine; one more is answered 503 at once.
            Four for each of the engine's threads if None.
        max_request_bytes: larger requests are answered 413.

    Raises:
        BundleError: the bundle cannot be used, so there is nothing to serve.
    """
    app = ClinicApp("dermdistill.web", static_folder="client", static_url_path="/assets")
    app.engine = engine or load_bundle(bundle)
    app.slots = Slots(slots or 4 * app.engine.threads)
    app.config["MAX_CONTENT_LENGTH"] = max_request_bytes
    app.json.sort_keys = False  # type: ignore[attr-defined]  # the default provider has it: keep class order
    app.register_blueprint(pages.blueprint)
    app.register_blueprint(api.blueprint)
    problems.handle_errors(app)
    security.add_headers(app)
    return app
