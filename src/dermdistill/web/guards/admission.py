"""What is decided on a request's head, before its body is read; and what became of the body.

`dermdistill.web.serving.front` runs the application on the head alone first, with `HEAD_ONLY` in its WSGI
environment. All guards see it, as any request. Whoever passes them is `ADMITTED`, with or without a body.
"""

from flask import Flask, Response, current_app, request
from werkzeug.exceptions import RequestEntityTooLarge, RequestTimeout

from dermdistill.web.clinic import clinic
from dermdistill.web.counters import ADMITTED
from dermdistill.web.description.operations import OPERATIONS
from dermdistill.web.guards.problems import too_large
from dermdistill.web.guards.slots import BusyError

HEAD_ONLY = "dermdistill.head_only"
# The reason why a body was not read to its end.
REFUSED = "dermdistill.refused"


def admit(app: Flask) -> None:
    """Let bodies in where an operation takes one, it is not too large, and a place for the work is free.

    Registered after all other guards.
    """

    @app.before_request
    def _admit() -> Response | None:
        if request.routing_exception:
            raise request.routing_exception
        reason = request.environ.get(REFUSED)
        limit = current_app.config["MAX_CONTENT_LENGTH"]
        if reason == "large" or (limit is not None and (request.content_length or 0) > limit):
            raise RequestEntityTooLarge(too_large(limit).detail)
        if reason == "slow":
            raise RequestTimeout("The request did not come in in time; send it again over a faster line.")
        if reason == "busy":
            raise BusyError
        operation = OPERATIONS.get(app.view_functions.get(request.endpoint or "", admit))
        takes_body = operation is not None and operation.body is not None and request.method == "POST"
        if takes_body:
            clinic().slots.refuse_when_full()
        if not request.environ.get(HEAD_ONLY):
            return None
        request.environ[ADMITTED] = takes_body
        return Response(status=204)
