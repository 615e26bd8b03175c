"""A bar with rate and time left, on standard error, for a person who is there to see it."""

import sys
from collections.abc import Iterable, Iterator
from typing import TypeVar

Item = TypeVar("Item")


def tracked(items: Iterable[Item], total: int, *, what: str, unit: str = "images") -> Iterator[Item]:
    """Pass items on, and show how many of `total` went by, how many a second, and the time left."""
    if total < 3 or not sys.stderr.isatty():
        yield from items
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn(what),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]:.1f} " + unit + "/s"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task(what, total=total, rate=0.0)
        for item in items:
            progress.advance(task)
            progress.update(task, rate=progress.tasks[0].speed or 0.0)
            yield item
