"""Errors in the form of their address: problem+json (RFC 9457) in the API, the protocol's own, or HTML."""

from typing import Annotated

from flask import Flask, Response, current_app, request
from pydantic import Field
from werkzeug.exceptions import HTTPException, InternalServerError, RequestEntityTooLarge

from dermdistill.bundle.fields import Part
from dermdistill.errors import ImageError
from dermdistill.imaging import ImageTooLargeError, UnsupportedFormatError
from dermdistill.web.addresses import for_programs, is_protocol
from dermdistill.web.api.forms import MAX_IMAGES
from dermdistill.web.guards.slots import BusyError, DeadlineError

RETRY_AFTER_S = 1
PROBLEM_MEDIA = "application/problem+json"
_HEADERS = ("Allow", "Retry-After", "WWW-Authenticate")


class Problem(Part):
    """Why there is no answer; programs tell problems apart by `type`."""

    type: Annotated[str, Field(pattern="^urn:dermdistill:problem:[a-z-]+$")]
    title: str
    status: Annotated[int, Field(ge=400, le=599)]
    detail: str


class ProtocolError(Part):
    """Why there is no answer, in the form of the Open Inference Protocol."""

    error: str


def problem(status: int, kind: str, title: str, detail: str) -> Problem:
    """Return a problem; `kind` completes the type URI that programs tell problems apart by."""
    return Problem(type=f"urn:dermdistill:problem:{kind}", title=title, status=status, detail=detail)


def image_problem(error: ImageError) -> Problem:
    """Say as a problem why an image was refused: 415 unknown format, 413 too large, 400 otherwise."""
    detail = str(error)
    detail = detail[:1].upper() + detail[1:]
    if isinstance(error, UnsupportedFormatError):
        return problem(415, "unsupported-format", "Not an image that can be read", detail)
    if isinstance(error, ImageTooLargeError):
        return problem(413, "image-too-large", "Image too large", detail)
    return problem(400, "unreadable-image", "Image cannot be read", detail)


def too_large(limit: int) -> Problem:
    """Say that a request is larger than `limit` bytes."""
    detail = f"The request is larger than {limit} bytes; send fewer or smaller pictures."
    return problem(413, "request-entity-too-large", "Request Entity Too Large", detail)


def respond(body: Problem, headers: dict[str, str] | None = None) -> Response:
    """Turn a problem into its response, in the form that the request's address has."""
    if is_protocol(request.path):
        text, media = ProtocolError(error=body.detail).model_dump_json(), "application/json"
    else:
        text, media = body.model_dump_json(), PROBLEM_MEDIA
    return Response(text, body.status, headers, mimetype=media)


def handle_errors(app: Flask) -> None:
    """Answer every error that a program meets as a problem, whoever raised it; tell nothing of the inside."""

    @app.errorhandler(ImageError)
    def _image(error: ImageError) -> Response:
        return respond(image_problem(error))

    @app.errorhandler(BusyError)
    def _busy(_: BusyError) -> Response:
        detail = f"All places for predictions are taken; try again in {RETRY_AFTER_S} s."
        return respond(problem(503, "busy", "Busy", detail), {"Retry-After": str(RETRY_AFTER_S)})

    @app.errorhandler(DeadlineError)
    def _late(error: DeadlineError) -> Response:
        detail = f"The answer took longer than {error.seconds:g} s; send fewer pictures, or try again later."
        return respond(problem(503, "deadline", "Too slow", detail), {"Retry-After": str(RETRY_AFTER_S)})

    @app.errorhandler(HTTPException)
    def _http(error: HTTPException) -> Response | HTTPException:
        if not for_programs(request.path):
            return error
        code, title = error.code or 500, error.name
        limit = int(current_app.config["MAX_CONTENT_LENGTH"])
        if code == 413 and request.content_length and request.content_length > limit:
            return respond(too_large(limit))
        if code == 413 and error.description == RequestEntityTooLarge.description:
            # Werkzeug counts the parts of a form, and the bytes of those that are no files, as it reads them.
            return respond(problem(413, "request-entity-too-large", title, _PARTS))
        said = error.description or title
        detail = said if said != type(error).description else _DETAILS.get(code, said)
        headers = {name: value for name, value in error.get_headers() if name in _HEADERS}
        return respond(problem(code, title.lower().replace(" ", "-"), title, detail), headers)

    @app.errorhandler(Exception)
    def _fault(error: Exception) -> Response | HTTPException:
        app.logger.error("fault while answering %s", request.path, exc_info=error)
        return _http(InternalServerError())


_PARTS = f"The form has too many parts, or text instead of files; send at most {MAX_IMAGES} pictures."
_DETAILS = {
    404: "There is nothing at this address; /api/v1/docs describes the API.",
    405: "This address takes another method; see the Allow header.",
    500: "The server made a mistake; its log says more. The picture was not kept.",
}
