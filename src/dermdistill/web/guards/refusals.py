"""What waitress refuses before the application sees it, as the same typed errors."""

from http import HTTPStatus

from waitress.channel import HTTPChannel
from waitress.task import ErrorTask

from dermdistill.web.addresses import is_protocol
from dermdistill.web.guards.cors import allowed
from dermdistill.web.guards.problems import PROBLEM_MEDIA, ProtocolError, problem, too_large
from dermdistill.web.guards.security import HEADERS

# A request longer than the application's limit by less than this is read, so that its sender can be told.
SLACK_BYTES = 1_000_000
_DETAILS = {
    HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE: "The headers of this request are too long.",
    HTTPStatus.NOT_IMPLEMENTED: "This transfer encoding is not understood; send the body whole or chunked.",
}


class ProblemTask(ErrorTask):  # type: ignore[misc]  # waitress has no types
    """Answers a request that was cut while it came in; its connection is closed."""

    def execute(self) -> None:
        """Write the error."""
        status = HTTPStatus(self.request.error.code)
        if status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
            said = too_large(self.channel.server.adj.max_request_body_size - SLACK_BYTES)
        else:
            kind = status.phrase.lower().replace(" ", "-")
            detail = _DETAILS.get(status, "This is not a request that can be read.")
            said = problem(status, kind, status.phrase, detail)
        # What is no HTTP at all has no path.
        if is_protocol(getattr(self.request, "path", "")):
            text, media = ProtocolError(error=said.detail).model_dump_json(), "application/json"
        else:
            text, media = said.model_dump_json(), PROBLEM_MEDIA
        body = text.encode()
        self.status = f"{status.value} {status.phrase}"
        self.response_headers += [*HEADERS.items(), ("Content-Type", media), ("Cache-Control", "no-store")]
        if origins := self.channel.server.origins:
            origin = getattr(self.request, "headers", {}).get("ORIGIN")
            self.response_headers += [("Vary", "Origin"), *allowed(origin, origins).items()]
        self.content_length = len(body)
        self.set_close_on_finish()
        self.write(body)


class Channel(HTTPChannel):  # type: ignore[misc]  # waitress has no types
    """A connection whose refusals are typed."""

    error_task_class = ProblemTask
