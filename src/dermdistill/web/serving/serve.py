"""Serve the application in one process, on every system: uvicorn behind the front door."""

import errno
import logging
import signal
import socket
import sys
import threading
from collections.abc import Callable
from typing import Any

import uvicorn

from dermdistill.errors import DermDistillError
from dermdistill.web.clinic import ClinicApp
from dermdistill.web.serving.connections import HEAD_DEADLINE_S, Connections
from dermdistill.web.serving.front import Front

# Seconds for what is under way when the server is asked to stop.
GRACE_S = 20
# Connections that wait to be accepted. Where open files are few, so are they: accepted, each is one.
_BACKLOG = 1024
_MOST_CONNECTIONS = 16_384
_OTHER_FILES = 128


class ServeError(DermDistillError):
    """The server cannot listen where it was told to."""


def serve(app: ClinicApp, *, host: str, port: int, started: Callable[[str], None]) -> bool:
    """Listen until interrupted or asked to end; finish what is under way.

    Args:
        app: what to serve.
        host: address to listen on.
        port: TCP port; 0 for any free one.
        started: called once with the page's address, when it can be reached.

    Returns:
        Whether all that was under way was finished in time.

    Raises:
        ServeError: the port is taken or the address is not one of this machine's.
    """
    listening = _listen(host, port)
    settings, front = settings_for(app)
    server = uvicorn.Server(uvicorn.Config(front, **settings))
    name = f"[{host}]" if ":" in host else host
    started(f"http://{name}:{listening.getsockname()[1]}{app.prefix}/")
    before = _let_signals_end_quietly()
    try:
        server.run(sockets=[listening])
    finally:
        listening.close()
        for number, handler in before.items():
            signal.signal(number, handler)
    return front.close()


def settings_for(app: ClinicApp) -> tuple[dict[str, Any], Front]:
    """Return uvicorn's settings for this application, and the door that it serves."""
    files = _raise_file_limit()
    backlog = min(_BACKLOG, files // 4)
    connections = Connections(max(16, min(_MOST_CONNECTIONS, (files - backlog - _OTHER_FILES) // 2)))
    # It warns of each request that is none; those are answered, and whoever sends them needs no log.
    logging.getLogger("uvicorn.error").setLevel(logging.ERROR)
    settings = {
        "http": connections.protocol,
        "loop": "asyncio",
        "ws": "none",
        "lifespan": "off",
        "log_config": None,
        "access_log": False,
        "proxy_headers": False,
        "server_header": False,
        "date_header": True,
        "backlog": backlog,
        "timeout_keep_alive": int(HEAD_DEADLINE_S),
        "timeout_graceful_shutdown": GRACE_S,
    }
    return settings, Front(app, connections)


def _raise_file_limit() -> int:
    """Let this process open as many files as it may, and return how many those are."""
    try:
        import resource  # noqa: PLC0415 - not on Windows
    except ImportError:
        return 4 * _BACKLOG
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 4 * _MOST_CONNECTIONS if hard == resource.RLIM_INFINITY else min(hard, 4 * _MOST_CONNECTIONS)
    if soft < wanted:
        try:
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
        except (OSError, ValueError):  # macOS has a lower limit of its own
            return soft
    return max(soft, wanted)


def _let_signals_end_quietly() -> dict[signal.Signals, Any]:
    """Ignore what ended the server, which uvicorn raises again when all is done; return the old handlers."""
    if threading.current_thread() is not threading.main_thread():
        return {}
    numbers = [signal.SIGINT, signal.SIGTERM]
    if sys.platform == "win32":
        numbers.append(signal.SIGBREAK)
    return {number: signal.signal(number, lambda *_: None) for number in numbers}


def _listen(host: str, port: int) -> socket.socket:
    """Bind here, so that a port that is taken is said before anything else."""
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        return socket.create_server((host, port), family=family, backlog=_BACKLOG)
    except OSError as error:
        raise ServeError(_reason(error, host, port)) from error


def _reason(error: OSError, host: str, port: int) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"Port {port} on {host} is in use; give another with --port."
    if error.errno == errno.EACCES:
        return f"Port {port} may not be used by this user; give one above 1023 with --port."
    return f"Cannot listen on {host} port {port} ({error.strerror}); give another --host."
