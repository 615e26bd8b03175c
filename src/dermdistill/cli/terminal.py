"""Standard error, for a person who watches: one progress bar, and silence of libraries written in C++."""

import logging
import os
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import ProgressColumn

Item = TypeVar("Item")
Advance = Callable[[str, float, float | None], None]
"""Called with the name of a stage, how much of it is done, and how much there is (None: not known yet)."""


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
def bars(unit: str, *, rates: bool = True) -> Iterator[Advance]:
    """Show a bar for each stage, and clear them at the end; of a stage of unknown length only a count.

    Yields a function that adds a stage when it is called with a new name. What was done before its first
    call, by an earlier run of the command, is no part of the rate.

    Args:
        unit: what the rate counts, such as `images/s`.
        rates: show a rate also where the length is unknown.
    """
    from rich.console import Console
    from rich.progress import Progress, TaskID, TextColumn

    columns = [TextColumn(f"{{task.fields[{name}]}}") for name in ("amount", "rate", "left")]
    stages: dict[str, TaskID] = {}
    console = Console(stderr=True)
    with Progress(
        TextColumn("{task.description}"),
        _bar_column(),
        *columns,
        console=console,
        transient=True,
        disable=not console.is_terminal,
    ) as progress:

        def advance(name: str, done: float, total: float | None) -> None:
            if name not in stages:
                stages[name] = progress.add_task(
                    name, total=total, completed=int(done), amount="", rate="", left=""
                )
            task = progress.tasks[stages[name]]
            progress.update(
                stages[name],
                completed=round(done),
                total=total,
                amount=f"{done:,.0f}" + ("" if total is None else f" of {total:,.0f}"),
                rate=f"{task.speed:,.1f} {unit}" if task.speed and (rates or total is not None) else "",
                left=f"{timedelta(seconds=round(task.time_remaining))} left" if task.time_remaining else "",
            )

        yield advance


def _bar_column() -> "ProgressColumn":
    from rich.progress import BarColumn, Task
    from rich.text import Text

    class Bar(BarColumn):
        """A bar, where the length is known."""

        def render(self, task: Task) -> Any:
            return Text("") if task.total is None else super().render(task)

    return Bar()


def wide_console() -> "Console":
    """Standard output; where it is not a terminal, wide enough for a table with five columns of figures."""
    from rich.console import Console

    console = Console()
    return console if console.is_terminal else Console(width=140)


def warn(text: str, console: "Console", *, alarming: bool = False) -> None:
    """Show a sentence, with or without its full stop, as a warning."""
    style = "bold white on red" if alarming else "yellow"
    console.print(f"WARNING: {text.removesuffix('.')}.", style=style, highlight=False, soft_wrap=True)


def silence_tensorflow() -> None:
    """Let TensorFlow, its C++ and its Python, say only what ends it; for before it is imported."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    logging.getLogger("tensorflow").setLevel(logging.ERROR)


def show_all_logs() -> None:
    """Let every library say what it likes."""
    os.environ["TF_CPP_MIN_LOG_LEVEL"] = "0"


def silence_litert() -> None:
    """Let LiteRT greet where nobody hears it: once in a process, with the first model that it opens."""
    from dermdistill.inference import load_bundle

    with hushed():
        load_bundle()


@contextmanager
def hushed() -> Iterator[None]:
    """Drop what is written to file descriptor 2 meanwhile: LiteRT greets there, with no setting to stop it.

    For a moment before threads start. An exception of Python still reaches the user, for it is shown later.
    With --verbose nothing is dropped.
    """
    if os.environ.get("TF_CPP_MIN_LOG_LEVEL") == "0":
        yield
        return
    kept = os.dup(2)
    silence = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(silence, 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(silence)
