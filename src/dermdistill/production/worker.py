"""A worker process of gunicorn that serves with waitress.

gunicorn keeps the processes; its own threaded worker would read each upload in a thread, so that a handful of
slow senders holds up everyone. waitress receives all uploads side by side; a thread gets whole requests only.
"""

import os
import time
from typing import Any

from gunicorn.workers.base import Worker  # type: ignore[import-untyped]
from waitress import wasyncore

# Seconds between two signs of life to gunicorn, and between two looks at whether to stop.
_BEAT_S = 1.0


class WaitressWorker(Worker):  # type: ignore[misc]  # gunicorn has no types
    """One process: waitress on gunicorn's sockets, until gunicorn asks it to stop."""

    def run(self) -> None:
        """Serve; when asked to stop, finish what was begun within gunicorn's graceful timeout."""
        from dermdistill.web.serving import waitress_server  # noqa: PLC0415 - in the process that uses it

        channels: dict[int, Any] = {}
        server = waitress_server(self.wsgi, [listener.sock for listener in self.sockets], channels)
        while self.alive and self.ppid == os.getppid():
            self._serve(channels)
        for channel in channels.values():
            channel.accepting = False
        stop = time.monotonic() + self.cfg.graceful_timeout
        while time.monotonic() < stop and any(
            getattr(channel, "requests", ()) for channel in channels.values()
        ):
            self._serve(channels)
        server.task_dispatcher.shutdown()

    def _serve(self, channels: dict[int, Any]) -> None:
        self.notify()
        wasyncore.loop(_BEAT_S, use_poll=True, map=channels, count=1)
