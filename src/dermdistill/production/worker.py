"""A worker process of gunicorn that serves with waitress.

gunicorn keeps the processes; its own threaded worker would read each upload in a thread, so that a handful of
slow senders holds up everyone. waitress receives all uploads side by side; a thread gets whole requests only.
"""

import os
import time
from collections.abc import Callable
from functools import partial
from typing import Any

from gunicorn.workers.base import Worker  # type: ignore[import-untyped]
from waitress import wasyncore

# Seconds between two signs of life to gunicorn, and between two looks at whether to stop.
_BEAT_S = 1.0
# Seconds that a process leaves a new connection to others, for each connection it has, and at most.
_HEAD_START_S = 0.0005
_LONGEST_HEAD_START_S = 0.002


class WaitressWorker(Worker):  # type: ignore[misc]  # gunicorn has no types
    """One process: waitress on gunicorn's sockets, until gunicorn asks it to stop."""

    def run(self) -> None:
        """Serve; when asked to stop, finish what was begun within gunicorn's graceful timeout."""
        from dermdistill.web.serving import waitress_server  # noqa: PLC0415 - in the process that uses it

        channels: dict[int, Any] = {}
        server = waitress_server(self.wsgi, [listener.sock for listener in self.sockets], channels)
        listeners = [channel for channel in channels.values() if channel.accepting]
        for listener in listeners:
            listener.handle_accept = partial(_accept, listener, listener.handle_accept)
        while self.alive and self.ppid == os.getppid():
            self._serve(channels)
        for listener in listeners:
            listener.accepting = False
        stop = time.monotonic() + self.cfg.graceful_timeout
        while time.monotonic() < stop and any(
            getattr(channel, "requests", ()) for channel in channels.values()
        ):
            self._serve(channels)
        server.task_dispatcher.shutdown()

    def _serve(self, channels: dict[int, Any]) -> None:
        self.notify()
        wasyncore.loop(_BEAT_S, use_poll=True, map=channels, count=1)


def _accept(listener: Any, accept: Callable[[], None]) -> None:
    """Take a connection after a moment for each one held, so that the process with the fewest comes first."""
    time.sleep(min(len(listener.active_channels) * _HEAD_START_S, _LONGEST_HEAD_START_S))
    accept()
