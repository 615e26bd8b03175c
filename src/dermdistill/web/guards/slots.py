"""A bounded number of places: who finds none is sent away at once instead of waiting in a growing line."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager


class BusyError(Exception):
    """All places are taken."""


class DeadlineError(Exception):
    """A place was held for as long as one may be."""

    def __init__(self, seconds: float):
        super().__init__(seconds)
        self.seconds = seconds


class Slots:
    """Up to `count` holders at once; `busy` says how many there are, and `report` is told of each change."""

    report: Callable[[float], None] | None = None

    def __init__(self, count: int):
        self.count = count
        self.busy = 0
        self._lock = threading.Lock()

    def refuse_when_full(self) -> None:
        """Look without taking a place, to send a request away before work is put into reading it.

        Raises:
            BusyError: no place is free now.
        """
        if self.busy >= self.count:
            raise BusyError

    @contextmanager
    def hold(self) -> Iterator[None]:
        """Take a place while the block runs.

        Raises:
            BusyError: none is free now.
        """
        with self._lock:
            self.refuse_when_full()
            self._change(1)
        try:
            yield
        finally:
            with self._lock:
                self._change(-1)

    def _change(self, by: int) -> None:
        self.busy += by
        if self.report:
            self.report(self.busy)
