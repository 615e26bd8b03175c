"""Ray, started here or reached at an address; and what is said when it does not answer."""

import logging
import os
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from dermdistill.errors import DermDistillError
from dermdistill.parallel import usable_cores

LOCAL = "local"
_SECONDS = 5.0
_SILENT_FOR = 15.0  # seconds after which a head that answered counts as gone
# Unless set otherwise. Nothing about this run leaves the cluster, a busy machine may start slowly, and the
# C++ half keeps what it says to its log.
_SETTINGS = {
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_agent_register_timeout_ms": "120000",
    "RAY_BACKEND_LOG_LEVEL": "fatal",
    "RAY_DATA_DISABLE_PROGRESS_BARS": "1",
    "RAY_IGNORE_UNHANDLED_ERRORS": "1",  # of Ray's own bookkeeping; ours rise where they happen
}
# Ray's switch for Windows and macOS: its processes listen on 127.0.0.1 and not on the machine's own address.
_ON_LOOPBACK = {"RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0"}
_TOKENS = ("RAY_AUTH_TOKEN", "RAY_AUTH_TOKEN_PATH")
_STARTS = 3  # of a cluster here: on a busy machine Ray waits too short a time for its own processes


def load_ray(address: str) -> Any:
    """Import Ray, quiet, for a cluster at an address; see `connected`.

    Raises:
        DermDistillError: it is not installed.
    """
    for name, value in (_SETTINGS | (_ON_LOOPBACK if address == LOCAL else {})).items():
        os.environ.setdefault(name, value)
    if any(name in os.environ for name in _TOKENS) or (Path.home() / ".ray" / "auth_token").exists():
        # Ray uses a token that it has for a cluster that it starts, but not for one that it joins.
        os.environ.setdefault("RAY_AUTH_MODE", "token")
    try:
        import ray  # noqa: PLC0415 - an extra, and seconds that nobody else waits for
        import ray.data  # noqa: PLC0415
    except ModuleNotFoundError as error:
        raise DermDistillError(
            f"--ray needs {error.name}, which is not installed; pip install 'dermdistill[ray]'."
        ) from error
    return ray


def check_address(address: str) -> None:
    """Knock before Ray is loaded, which waits for minutes.

    Raises:
        DermDistillError: nobody answers there.
    """
    if address not in (LOCAL, "auto") and not _answers(_host_and_port(address)):
        raise DermDistillError(
            f"No Ray cluster answers at {address}; check the address, or start one: "
            "`ray start --head --port PORT` there."
        )


def _host_and_port(address: str) -> tuple[str, int]:
    host, _, port = address.removeprefix("ray://").rpartition(":")
    if not host or not port.isdigit():
        raise DermDistillError(f"--ray {address} is no address; give HOST:PORT, auto or {LOCAL}.")
    return host.strip("[]"), int(port)


def _answers(place: tuple[str, int]) -> bool:
    try:
        with socket.create_connection(place, timeout=_SECONDS):
            return True
    except OSError:
        return False


@contextmanager
def connected(address: str, on_lost: Callable[[str], None]) -> Iterator[Any]:
    """Within the block there is a cluster; gives the module `ray`.

    Args:
        address: `local` for this machine's cores, `auto` for a cluster that it is part of, or HOST:PORT.
        on_lost: told in a sentence that the head has gone, in a thread of its own: Ray waits for a minute and
            then ends the process without a word.

    Raises:
        DermDistillError: there is no cluster to be had.
    """
    check_address(address)
    ray = load_ray(address)
    _start(ray, address)
    logging.getLogger("ray.data").setLevel(logging.ERROR)
    over = threading.Event()
    place = _host_and_port(ray.get_runtime_context().gcs_address)
    threading.Thread(target=_watch, args=(place, over, on_lost), daemon=True).start()
    try:
        yield ray
    finally:
        over.set()
        ray.shutdown()


def _start(ray: Any, address: str) -> None:
    here = {"num_cpus": usable_cores(), "include_dashboard": False} if address == LOCAL else {}
    for left in reversed(range(_STARTS if address == LOCAL else 1)):
        try:
            ray.init(
                address, **here, namespace="dermdistill", log_to_driver=False, logging_level=logging.ERROR
            )
        except Exception as error:  # of many kinds
            ray.shutdown()
            if not left:
                said = str(error).splitlines()[0].rstrip(".")
                raise DermDistillError(f"Ray cannot be used at {address}: {said}.") from error
        else:
            return


def _watch(place: tuple[str, int], over: threading.Event, on_lost: Callable[[str], None]) -> None:
    heard = time.monotonic()
    while not over.wait(2):
        if _answers(place):
            heard = time.monotonic()
        elif time.monotonic() - heard > _SILENT_FOR:
            on_lost(
                f"The head of the Ray cluster at {place[0]}:{place[1]} does not answer any more; no finished "
                "part is lost, and the same command goes on when it is back."
            )
            return
