"""The front door, an ASGI application: guards see a request's head before a byte of its body is read.

    head -> guards (key, host, size, room) -> body, within deadline and budget -> a thread -> answer

Only whole requests get a thread, so slow senders hold none.
"""

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import Any

from dermdistill.web.clinic import ClinicApp
from dermdistill.web.counters import ADMITTED
from dermdistill.web.guards.admission import HEAD_ONLY, REFUSED
from dermdistill.web.serving.connections import Connections
from dermdistill.web.serving.uploads import Receive, SenderGoneError, Upload, UploadError, Uploads
from dermdistill.web.serving.wsgi import Answer, answer, environ_of

# Threads beyond those that may predict, so that "busy" and "health" are answered while all of them work.
_SPARE_THREADS = 4
# Bodies that may be in memory together, in bodies of the longest kind.
_BODIES_AT_ONCE = 3
# Seconds until an answer is taken, and until a sender that was refused is done with sending.
_ANSWER_DEADLINE_S = 120.0
_LINGER_S = 2.0
Message = MutableMapping[str, Any]
Send = Callable[[Message], Awaitable[None]]


class Front:
    """One process's door.

    Args:
        app: the Flask application behind it.
        connections: told when a head is complete and when its answer is.
    """

    def __init__(self, app: ClinicApp, connections: Connections):
        most = int(app.config["MAX_CONTENT_LENGTH"])
        self._app, self._connections = app, connections
        self.uploads = Uploads(_BODIES_AT_ONCE * most, most)
        self._threads = ThreadPoolExecutor(app.slots.count + _SPARE_THREADS, "answer")
        self._begun: set[Future[Any]] = set()

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            return
        peer = tuple(scope["client"] or ())
        self._connections.has_head(peer)
        upload = Upload()
        try:
            async with asyncio.timeout(None) as clock:
                await self._answer(scope, receive, send, upload, clock)
        except (SenderGoneError, TimeoutError):
            return  # nobody is there to be told; uvicorn closes the connection
        finally:
            self.uploads.release(upload)
            self._connections.wait_for_head(peer)

    async def _answer(
        self, scope: Message, receive: Receive, send: Send, upload: Upload, clock: asyncio.Timeout
    ) -> None:
        environ = environ_of(scope)
        refused = read = False
        if _has_body(environ):
            environ[HEAD_ONLY] = True
            given = answer(self._app, environ)  # in this thread: it takes less than a switch to another
            refused = ADMITTED not in environ
            read = bool(environ.get(ADMITTED))
            if not refused:
                given.close()
        if not refused:
            again = environ_of(scope)
            if read:
                try:
                    await self.uploads.read(upload, receive)
                    again |= {"wsgi.input": upload.file, "CONTENT_LENGTH": str(upload.size)}
                    upload.file.seek(0)
                except UploadError as error:
                    again[REFUSED], read = error.reason, False
            else:
                again.pop("CONTENT_LENGTH", None)
            again.pop("HTTP_TRANSFER_ENCODING", None)
            given = await self._in_thread(answer, self._app, again)
        clock.reschedule(asyncio.get_running_loop().time() + _ANSWER_DEADLINE_S)
        await self._send(given, receive, send, unread=_has_body(environ) and not read)

    async def _send(self, given: Answer, receive: Receive, send: Send, *, unread: bool) -> None:
        """Send an answer. With a body `unread`, the connection ends when its sender is done or too slow."""
        headers = [*given.headers, (b"connection", b"close")] if unread else given.headers
        try:
            await send({"type": "http.response.start", "status": given.status, "headers": headers})
            while piece := await self._in_thread(given.piece):
                await send({"type": "http.response.body", "body": piece, "more_body": True})
        finally:
            given.close()
        if unread:
            await _drop(receive)
        await send({"type": "http.response.body", "body": b""})

    async def _in_thread(self, work: Callable[..., Any], *values: Any) -> Any:
        future = self._threads.submit(work, *values)
        self._begun.add(future)
        future.add_done_callback(self._begun.discard)
        return await asyncio.wrap_future(future)

    def close(self) -> bool:
        """Take no more work; return whether all that was begun is done."""
        self._threads.shutdown(wait=False, cancel_futures=True)
        return not wait(self._begun.copy(), timeout=_LINGER_S).not_done


def _has_body(environ: dict[str, Any]) -> bool:
    return environ.get("CONTENT_LENGTH", "0") != "0" or "HTTP_TRANSFER_ENCODING" in environ


async def _drop(receive: Receive) -> None:
    """Read on for a moment, keeping nothing: a connection closed at once would take the answer along."""
    try:
        async with asyncio.timeout(_LINGER_S):
            while (await receive()).get("more_body"):
                pass
    except TimeoutError:
        return
