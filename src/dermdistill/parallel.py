"""Cores and threads: how many this process may use, and work done a little ahead of whoever needs it."""

import os
from collections import deque
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

Task = TypeVar("Task")
Result = TypeVar("Result")


def usable_cores() -> int:
    """Number of cores this process may use; a container or `taskset` may allow fewer than there are."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def made_ahead(
    make: Callable[[Task], Result], tasks: Iterable[Task], *, workers: int, ahead: int
) -> Generator[Result]:
    """Yield `make(task)` for each task in order, with at most `ahead` results waiting in memory.

    An error of `make` rises where its result was due. Leaving early cancels the tasks that have not begun,
    and does not wait for those that have.
    """
    waiting: deque[Future[Result]] = deque()
    pool = ThreadPoolExecutor(workers)
    try:
        for task in tasks:
            waiting.append(pool.submit(make, task))
            if len(waiting) > ahead:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
