"""Recipe and every epoch's figures as a run of MLflow."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

# Unless set otherwise: nothing is told to anybody else, and a folder will do for a store.
os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
os.environ.setdefault("MLFLOW_ALLOW_FILE_STORE", "true")

import mlflow

from dermdistill.distill.recipe import Recipe
from dermdistill.distill.tracking.contract import OnEpoch
from dermdistill.errors import DermDistillError
from dermdistill.files import write_atomically

STORE = "mlruns"
EXPERIMENT = "dermdistill"
_RUN = "mlflow_run"


@contextmanager
def to_mlflow(recipe: Recipe, run_dir: Path) -> Iterator[OnEpoch]:
    """Log into the store that MLFLOW_TRACKING_URI names, else into `mlruns` beside the run's folder.

    A training that goes on goes on in its MLflow run, too.

    Raises:
        DermDistillError: the store cannot be used.
    """
    if "MLFLOW_TRACKING_URI" not in os.environ:
        mlflow.set_tracking_uri((run_dir.parent / STORE).absolute().as_uri())
    kept = run_dir / _RUN
    try:
        mlflow.set_experiment(os.environ.get("MLFLOW_EXPERIMENT_NAME", EXPERIMENT))
        begun = kept.read_text("ascii").strip() if kept.exists() else None
        run = mlflow.start_run(run_id=begun, run_name=None if begun else recipe.name)
        if not begun:
            mlflow.log_params(dict(_flat(recipe.model_dump(mode="json", exclude_none=True))))
            write_atomically(kept, run.info.run_id.encode())
    except (mlflow.exceptions.MlflowException, OSError) as error:
        said = str(error).splitlines()[0].rstrip(".")
        raise DermDistillError(
            f"MLflow's store {mlflow.get_tracking_uri()} cannot be used ({said}); check MLFLOW_TRACKING_URI."
        ) from error

    def tell(epoch: int, figures: dict[str, float]) -> None:
        mlflow.log_metrics(figures, step=epoch)

    status = "FAILED"
    try:
        yield tell
        status = "FINISHED"
    finally:
        mlflow.end_run(status)


def _flat(settings: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, Any]]:
    for key, value in settings.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{above}{key}.")
        else:
            yield f"{above}{key}", value
