"""The application that answers a request, and images to answers: a slot, a deadline, and a count."""

import time
from collections.abc import Generator, Sequence
from contextlib import closing
from io import BytesIO
from typing import IO, Any, cast

from flask import Flask, Request, Response, current_app

from dermdistill.errors import ImageError
from dermdistill.inference import Engine, ImageInput, Prediction
from dermdistill.web.api.forms import MAX_IMAGES
from dermdistill.web.counters import Metrics
from dermdistill.web.guards.keys import Keys
from dermdistill.web.guards.slots import DeadlineError, Slots
from dermdistill.web.page.assets import FOLDER, send_asset


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
    prefix: str
    description: dict[str, Any]

    def send_static_file(self, filename: str) -> Response:
        """Send a file of the client."""
        return send_asset(self.static_folder or FOLDER, filename)


def clinic() -> ClinicApp:
    """Return the application that answers the current request."""
    return cast(ClinicApp, current_app)


def answer_images(images: Sequence[ImageInput]) -> list[Prediction | ImageError]:
    """Answer images in order while holding one place; an image that cannot be used gives its error.

    Raises:
        BusyError: all places are taken.
        DeadlineError: the deadline passed with images left to answer.
    """
    app = clinic()
    results: list[Prediction | ImageError] = []
    with app.slots.hold():
        last = time.monotonic() + app.deadline_s
        # Closed when the deadline passes: the engine then drops the images it has not begun.
        stream = cast("Generator[Prediction | ImageError]", app.engine.stream(images))
        with closing(stream):
            for result in stream:
                results.append(result)
                app.metrics.images.labels("answered" if isinstance(result, Prediction) else "refused").inc()
                if time.monotonic() > last and len(results) < len(images):
                    raise DeadlineError(app.deadline_s)
    return results
