"""Images to answers for any face of the server: a place, a deadline, and a count."""

import time
from collections.abc import Generator, Sequence
from contextlib import closing
from typing import TYPE_CHECKING, cast

from flask import current_app

from dermdistill.errors import ImageError
from dermdistill.inference import ImageInput, Prediction
from dermdistill.web.slots import DeadlineError

if TYPE_CHECKING:
    from dermdistill.web.app import ClinicApp


def clinic() -> "ClinicApp":
    """Return the application that answers the current request."""
    return cast("ClinicApp", current_app)


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
