"""CORS: which other sites' scripts may use the API. None, unless configured."""

from collections.abc import Iterable
from urllib.parse import urlsplit

from flask import Flask, Response, request

from dermdistill.errors import DermDistillError
from dermdistill.web.addresses import is_api, is_protocol

_PREFLIGHT = {
    "Access-Control-Allow-Methods": "GET, POST",
    "Access-Control-Allow-Headers": "Authorization, Content-Type, X-API-Key",
    "Access-Control-Max-Age": "600",
}


class OriginError(DermDistillError):
    """What was given as a site is none."""


def check_origins(origins: Iterable[str]) -> frozenset[str]:
    """Return the origins as browsers write them.

    Raises:
        OriginError: one is not `scheme://host` or `scheme://host:port`; `*` is none.
    """
    return frozenset(_check(origin) for origin in origins)


def _check(origin: str) -> str:
    try:
        parts = urlsplit(origin)
        fits = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        fits = False
    if not fits or origin != f"{parts.scheme}://{parts.netloc}" or "@" in origin or origin != origin.lower():
        raise OriginError(
            f"{origin!r} is not a site's origin; write it like https://clinic.example, in lower case."
        )
    return origin


def allowed(origin: str | None, origins: frozenset[str]) -> dict[str, str]:
    """Headers of the answer to a script of `origin`; none if it may not use the API."""
    if origin is None or origin not in origins:
        return {}
    return {"Access-Control-Allow-Origin": origin, "Access-Control-Expose-Headers": "Retry-After"}


def allow_origins(app: Flask, origins: frozenset[str]) -> None:
    """Let scripts of these sites use the API, never the pages; there are no cookies to send along."""
    if not origins:
        return

    @app.after_request
    def _allow(response: Response) -> Response:
        if not is_api(request.path) and not is_protocol(request.path):
            return response
        response.vary.add("Origin")
        headers = allowed(request.headers.get("Origin"), origins)
        response.headers.update(headers)
        if headers and request.method == "OPTIONS":
            response.headers.update(_PREFLIGHT)
        return response
