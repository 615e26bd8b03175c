"""The application factory: one engine, the page, the API, and what guards them."""

from collections.abc import Iterable
from functools import cached_property
from io import BytesIO
from pathlib import Path
from typing import IO, Any

from flask import Flask, Request, Response

from dermdistill.inference import Engine, load_bundle
from dermdistill.web import (
    api,
    bundle_files,
    cors,
    docs,
    keys,
    metrics,
    openapi,
    pages,
    problems,
    protocol,
    security,
)
from dermdistill.web.assets import FOLDER, send_asset
from dermdistill.web.forms import MAX_IMAGES
from dermdistill.web.keys import Keys
from dermdistill.web.metrics import Metrics
from dermdistill.web.slots import Slots

MAX_REQUEST_BYTES = 48 * 1024 * 1024
DEADLINE_S = 30.0


class MemoryRequest(Request):
    """A request whose uploads stay in memory: Werkzeug would write larger ones to a temporary file."""

    max_form_parts = 2 * MAX_IMAGES

    def _get_file_stream(self, *_: Any, **__: Any) -> IO[bytes]:
        return BytesIO()


class ClinicApp(Flask):
    """A Flask application that carries its engine, the slots for predictions, and its numbers."""

    request_class = MemoryRequest
    engine: Engine
    slots: Slots
    metrics: Metrics
    keys: Keys
    deadline_s: float
    origins: frozenset[str]

    def send_static_file(self, filename: str) -> Response:
        """Send a file of the client."""
        return send_asset(self.static_folder or FOLDER, filename)

    @cached_property
    def description(self) -> dict[str, Any]:
        """The OpenAPI description of its routes."""
        return openapi.describe(self, asks_for_key=bool(self.keys))


def create_app(
    bundle: Path | str | None = None,
    *,
    engine: Engine | None = None,
    slots: int | None = None,
    deadline_s: float = DEADLINE_S,
    max_request_bytes: int = MAX_REQUEST_BYTES,
    api_keys: Iterable[str] | None = None,
    cors_origins: Iterable[str] = (),
) -> ClinicApp:
    """Build the application around one engine.

    Args:
        bundle: a bundle's folder; the shipped one if None.
        engine: use this engine instead of opening a bundle.
        slots: predict requests at once, working or waiting for the engine; one more is answered 503 at once.
            Four for each of the engine's threads if None.
        deadline_s: a request whose images take longer is given up and answered 503.
        max_request_bytes: larger requests are answered 413.
        api_keys: who predicts must send one of these; those in DERMDISTILL_API_KEYS, if any, if None.
        cors_origins: sites, like `https://clinic.example`, whose scripts may use the API.

    Raises:
        BundleError: the bundle cannot be used, so there is nothing to serve.
        KeyFileError: `api_keys` or DERMDISTILL_API_KEYS is given but holds no usable key.
        OriginError: a site is not written as an origin.
    """
    origins = cors.check_origins(cors_origins)
    app = ClinicApp("dermdistill.web", static_folder=str(FOLDER), static_url_path="/assets")
    app.origins = origins
    app.keys = Keys(
        keys.environment_keys() if api_keys is None else keys.check_keys(api_keys, source="api_keys")
    )
    app.engine = engine or load_bundle(bundle)
    app.slots = Slots(slots or 4 * app.engine.threads)
    app.metrics = Metrics(app.engine.spec, app.slots)
    app.deadline_s = deadline_s
    app.config["MAX_CONTENT_LENGTH"] = max_request_bytes
    app.register_blueprint(pages.blueprint)
    app.register_blueprint(bundle_files.blueprint)
    app.register_blueprint(api.blueprint)
    app.register_blueprint(protocol.blueprint)
    app.register_blueprint(docs.blueprint)
    app.register_blueprint(metrics.blueprint)
    metrics.count_requests(app, app.metrics)
    keys.guard(app, app.keys)
    problems.handle_errors(app)
    cors.allow_origins(app, origins)
    security.add_headers(app)
    return app
