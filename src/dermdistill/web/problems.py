"""Errors as application/problem+json (RFC 9457) for programs, under /api; the page's own stay HTML."""

from typing import Any

from flask import Flask, Response, current_app, jsonify, request
from werkzeug.exceptions import HTTPException, InternalServerError

from dermdistill.errors import ImageError
from dermdistill.imaging import ImageTooLargeError, UnsupportedFormatError
from dermdistill.web.slots import BusyError

RETRY_AFTER_S = 1


def problem(status: int, kind: str, title: str, detail: str, **members: Any) -> dict[str, Any]:
    """Return a problem's members; `kind` completes the type URI that programs tell problems apart by."""
    return {
        "type": f"urn:dermdistill:problem:{kind}",
        "title": title,
        "status": status,
        "detail": detail,
        **members,
    }


def image_problem(error: ImageError) -> dict[str, Any]:
    """Say as a problem why an image was refused: 415 unknown format, 413 too large, 400 otherwise."""
    detail = str(error)
    detail = detail[:1].upper() + detail[1:]
    if isinstance(error, UnsupportedFormatError):
        return problem(415, "unsupported-format", "Not an image that can be read", detail)
    if isinstance(error, ImageTooLargeError):
        return problem(413, "image-too-large", "Image too large", detail)
    return problem(400, "unreadable-image", "Image cannot be read", detail)


def respond(body: dict[str, Any], headers: dict[str, str] | None = None) -> Response:
    """Turn a problem into its response."""
    response = jsonify(body)
    response.status_code = body["status"]
    response.headers.update(headers or {})
    response.mimetype = "application/problem+json"
    return response


def handle_errors(app: Flask) -> None:
    """Answer every error under /api as a problem, whoever raised it; tell nothing of the inside."""

    @app.errorhandler(ImageError)
    def _image(error: ImageError) -> Response:
        return respond(image_problem(error))

    @app.errorhandler(BusyError)
    def _busy(_: BusyError) -> Response:
        detail = f"All places for predictions are taken; try again in {RETRY_AFTER_S} s."
        return respond(problem(503, "busy", "Busy", detail), {"Retry-After": str(RETRY_AFTER_S)})

    @app.errorhandler(HTTPException)
    def _http(error: HTTPException) -> Response | HTTPException:
        if not request.path.startswith("/api/"):
            return error
        title = error.name
        detail = _DETAILS.get(error.code or 500) or error.description or title
        if error.code == 413 and request.content_length and request.content_length > _limit():
            detail = f"The request is larger than {_limit()} bytes; send fewer or smaller pictures."
        headers = {name: value for name, value in error.get_headers() if name in ("Allow", "Retry-After")}
        body = problem(error.code or 500, title.lower().replace(" ", "-"), title, detail)
        return respond(body, headers)

    @app.errorhandler(Exception)
    def _fault(error: Exception) -> Response | HTTPException:
        app.logger.error("fault while answering %s", request.path, exc_info=error)
        return _http(InternalServerError())


def _limit() -> int:
    return int(current_app.config["MAX_CONTENT_LENGTH"])


_DETAILS = {
    404: "There is nothing at this address; the API is described in the documentation.",
    405: "This address takes another method; see the Allow header.",
    500: "The server made a mistake; its log says more. The picture was not kept.",
}
