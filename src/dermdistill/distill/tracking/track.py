"""One callback for every tracker: what a training reports goes to each of them."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path
from typing import Any

from dermdistill.distill.recipe import Recipe
from dermdistill.distill.tracking.contract import OnEpoch
from dermdistill.errors import DermDistillError, unknown_name

_NO_FIGURES = ("epoch", "phase", "best", "warnings")


@contextmanager
def tracked(
    names: Iterable[str], recipe: Recipe, run_dir: Path
) -> Iterator[Callable[[str, dict[str, Any]], None]]:
    """Give a report for `distill.loop.train` that tells each tracker of every epoch.

    Args:
        names: `tensorboard`, `mlflow`.
        recipe: the experiment, whose settings MLflow keeps.
        run_dir: the run's folder; TensorBoard's files lie in it, MLflow's store beside it unless
            MLFLOW_TRACKING_URI names another.

    Raises:
        DermDistillError: there is no such tracker, or its package is missing.
    """
    makers = [_maker(name) for name in names]
    with ExitStack() as stack:
        trackers = [stack.enter_context(make(recipe, run_dir)) for make in makers]

        def report(kind: str, facts: dict[str, Any]) -> None:
            if kind == "epoch":
                for tell in trackers:
                    tell(facts["epoch"], figures_of(facts))

        yield report


def figures_of(line: dict[str, Any]) -> dict[str, float]:
    """The figures in a line of the history."""
    return {
        name: float(value)
        for name, value in line.items()
        if name not in _NO_FIGURES and isinstance(value, int | float)
    }


def _maker(name: str) -> Callable[[Recipe, Path], AbstractContextManager[OnEpoch]]:
    try:
        if name == "tensorboard":
            from dermdistill.distill.tracking.tensorboard import to_tensorboard  # noqa: PLC0415 - an extra

            return to_tensorboard
        if name == "mlflow":
            from dermdistill.distill.tracking.mlflow import to_mlflow  # noqa: PLC0415 - an extra

            return to_mlflow
    except ModuleNotFoundError as error:
        raise DermDistillError(
            f"--track {name} needs {error.name}, which is not installed; pip install 'dermdistill[tracking]'."
        ) from error
    raise DermDistillError(unknown_name("tracker", name, ("mlflow", "tensorboard")))
