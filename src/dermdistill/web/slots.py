"""A bounded number of places: who finds none is sent away at once instead of waiting in a growing line."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager


class BusyError(Exception):
    """All places are taken."""


class Slots:
    """Up to `count` holders at once."""

    def __init__(self, count: int):
        self.count = count
        self._free = threading.BoundedSemaphore(count)

    @contextmanager
    def hold(self) -> Iterator[None]:
        """Take a place while the block runs.

        Raises:
            BusyError: none is free now.
        """
        if not self._free.acquire(blocking=False):
            raise BusyError
        try:
            yield
        finally:
            self._free.release()
