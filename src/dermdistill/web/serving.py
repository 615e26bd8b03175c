"""Serve the application with waitress: no fork, works on every system, keeps uploads in memory."""

import errno
import logging
import socket
from collections.abc import Callable, Sequence
from typing import Any

from waitress.server import BaseWSGIServer, create_server

from dermdistill.errors import DermDistillError
from dermdistill.web.clinic import ClinicApp
from dermdistill.web.guards.refusals import SLACK_BYTES, Channel

# Threads beyond those that may predict, so that "busy" and "health" are answered while all of them work.
_SPARE_THREADS = 4
# Whoever comes beyond this waits to be let in instead of being told that the server is busy.
_CONNECTIONS = 512
# Taken from a connection at once; a photograph arrives in one piece or two, not in a dozen.
_RECEIVE_BYTES = 1 << 18


class ServeError(DermDistillError):
    """The server cannot listen where it was told to."""


def serve(app: ClinicApp, *, host: str, port: int, started: Callable[[str], None]) -> None:
    """Listen until interrupted.

    Args:
        app: what to serve.
        host: address to listen on.
        port: TCP port; 0 for any free one.
        started: called once with the page's address, when it can be reached.

    Raises:
        ServeError: the port is taken or the address is not one of this machine's.
    """
    listening = _listen(host, port)
    server = waitress_server(app, [listening])
    name = f"[{host}]" if ":" in host else host
    started(f"http://{name}:{listening.getsockname()[1]}/")
    try:
        server.run()
    finally:
        server.close()


def waitress_server(
    app: ClinicApp, sockets: Sequence[socket.socket], channels: dict[int, Any] | None = None
) -> Any:
    """Set waitress up on listening sockets.

    Args:
        app: what to serve.
        sockets: at least one.
        channels: filled with what its loop watches, by file number; for those who turn the loop themselves.
    """
    channels = {} if channels is None else channels
    most = int(app.config["MAX_CONTENT_LENGTH"]) + SLACK_BYTES
    # It warns of each request that waits for a thread; here those get their 503, which /metrics counts.
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)
    server = create_server(
        app,
        channels,
        sockets=list(sockets),
        threads=app.slots.count + _SPARE_THREADS,
        connection_limit=_CONNECTIONS,
        asyncore_use_poll=True,  # select() cannot watch that many; where there is no poll() it is used anyway
        max_request_body_size=most,
        inbuf_overflow=most,  # below this, a request never goes to a temporary file
        outbuf_overflow=most,
        recv_bytes=_RECEIVE_BYTES,
        ident=None,
    )
    for entry in channels.values():
        if isinstance(entry, BaseWSGIServer):
            entry.channel_class, entry.origins = Channel, app.origins
    return server


def _listen(host: str, port: int) -> socket.socket:
    """Bind here rather than in waitress, which leaves a socket open when it cannot."""
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        return socket.create_server((host, port), family=family, backlog=1024)
    except OSError as error:
        raise ServeError(_reason(error, host, port)) from error


def _reason(error: OSError, host: str, port: int) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"Port {port} on {host} is in use; give another with --port."
    if error.errno == errno.EACCES:
        return f"Port {port} may not be used by this user; give one above 1023 with --port."
    return f"Cannot listen on {host} port {port} ({error.strerror}); give another --host."
