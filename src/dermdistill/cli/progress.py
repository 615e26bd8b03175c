"""The one progress bar: what is done, how many of how many, the rate and the time left, on standard error."""

import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TypeVar

Item = TypeVar("Item")
Advance = Callable[[str, float, float | None], None]
"""Called with the name of a stage, how much of it is done, and how much there is, or None if not yet known."""


def tracked(items: Iterable[Item], total: int, *, what: str, unit: str = "images") -> Iterator[Item]:
    """Pass items on, and show how many of `total` went by, to a person who is there to see it."""
    if total < 3 or not sys.stderr.isatty():
        yield from items
        return
    with bars(f"{unit}/s") as advance:
        for number, item in enumerate(items, start=1):
            advance(what, number, total)
            yield item


@contextmanager
def bars(unit: str) -> Iterator[Advance]:
    """Show a bar for each stage, and clear them at the end.

    Yields a function that adds a bar when it is called with a new name. What was done before its first call,
    by an earlier run of the command, is no part of the rate.
    """
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]}"),
        TimeRemainingColumn(),
    )
    stages: dict[str, TaskID] = {}
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:

        def advance(name: str, done: float, total: float | None) -> None:
            if name not in stages:
                stages[name] = progress.add_task(name, total=total, completed=int(done), rate="")
            speed = progress.tasks[stages[name]].speed
            rate = f"{speed:.1f} {unit}" if speed else ""
            progress.update(stages[name], completed=round(done), total=total, rate=rate)

        yield advance
