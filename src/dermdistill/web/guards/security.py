"""Headers that keep the page to itself: no foreign script, no framing, no leak of what was looked at."""

from flask import Flask, Response, request

from dermdistill.web.addresses import for_programs

_POLICY = {
    "default-src": "'none'",
    # The student runs in WebAssembly. This admits that and no eval().
    "script-src": "'self' 'wasm-unsafe-eval'",
    "worker-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' blob:",
    "connect-src": "'self'",
    "manifest-src": "'self'",
    "base-uri": "'none'",
    "form-action": "'none'",
    "frame-ancestors": "'none'",
}
# For files whose address changes with their contents; everything else is revalidated or never kept.
IMMUTABLE = "public, max-age=31536000, immutable"
HEADERS = {
    "Content-Security-Policy": "; ".join(f"{name} {value}" for name, value in _POLICY.items()),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Embedder-Policy": "require-corp",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(self), microphone=(), geolocation=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


def add_headers(app: Flask) -> None:
    """Put the security headers on every response.

    Answers are never cached; files are always revalidated, unless they said that they never change.
    """

    @app.after_request
    def _add(response: Response) -> Response:
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        if response.headers.get("Cache-Control") != IMMUTABLE:
            response.headers["Cache-Control"] = "no-store" if for_programs(request.path) else "no-cache"
        return response
