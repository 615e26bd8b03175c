"""The trials of a sweep in one Optuna study, in a SQLite file: it may be stopped and goes on."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import optuna
from optuna.trial import TrialState

from dermdistill.errors import DermDistillError
from dermdistill.sweep.grid import Values, trials_of

STUDY = "study.db"
_WARMUP_SHARE = 0.25  # of a training's epochs, before which none is pruned

Report = Callable[[str, dict[str, Any]], None]
TrainOne = Callable[[dict[str, str | int], Report], float]
"""Trains by the values of a trial and tells its epochs; returns the best validation metric."""


def run_study(
    folder: Path, grid: Values, seeds: int, *, metric: str, epochs: int, prune: bool, train: TrainOne
) -> None:
    """Train what is not trained yet.

    Args:
        folder: holds the study.
        grid: values of each setting.
        seeds: trainings of each combination.
        metric: name of the figure in a line of the history, the higher the better.
        epochs: of a whole training.
        prune: end a training that is below the median of the others at the same epoch.
        train: see `TrainOne`.

    Raises:
        DermDistillError: the folder holds a sweep over other settings.
    """
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    pruner = optuna.pruners.MedianPruner(n_warmup_steps=max(1, int(epochs * _WARMUP_SHARE)))
    study = optuna.create_study(
        storage=f"sqlite:///{folder / STUDY}",
        study_name="sweep",
        direction="maximize",
        pruner=pruner if prune else optuna.pruners.NopPruner(),
        load_if_exists=True,
    )
    _agree(study, grid, folder)
    for trial in study.get_trials(deepcopy=False, states=[TrialState.RUNNING]):
        study.tell(trial.number, state=TrialState.FAIL)  # its process was killed; its checkpoint is there
    counted = (TrialState.COMPLETE, TrialState.PRUNED, TrialState.WAITING)
    there = [_values(trial) for trial in study.get_trials(deepcopy=False, states=counted)]
    for values in trials_of(grid, seeds):
        if values not in there:
            study.enqueue_trial(values)

    def objective(trial: optuna.Trial) -> float:
        values: dict[str, str | int] = {
            key: str(trial.suggest_categorical(key, choices)) for key, choices in grid.items()
        }
        values["seed"] = trial.suggest_int("seed", 0, 2**31 - 1)

        def report(kind: str, facts: dict[str, Any]) -> None:
            if kind == "epoch" and metric in facts:
                trial.report(facts[metric], facts["epoch"])
                if prune and trial.should_prune():
                    raise optuna.TrialPruned

        return train(values, report)

    waiting = study.get_trials(deepcopy=False, states=[TrialState.WAITING])
    study.optimize(objective, n_trials=len(waiting)) if waiting else None


def finished_trials(folder: Path) -> tuple[list[dict[str, str | int]], list[dict[str, str | int]]]:
    """The values of the trials that were trained to their end, and of those that were pruned."""
    study = optuna.load_study(storage=f"sqlite:///{folder / STUDY}", study_name="sweep")
    complete, pruned = (
        [_values(trial) for trial in study.get_trials(deepcopy=False, states=[state])]
        for state in (TrialState.COMPLETE, TrialState.PRUNED)
    )
    return complete, pruned


def _values(trial: optuna.trial.FrozenTrial) -> dict[str, str | int]:
    return dict(trial.params or trial.system_attrs.get("fixed_params", {}))


def _agree(study: optuna.Study, grid: Values, folder: Path) -> None:
    asked = {key: list(values) for key, values in grid.items()}
    before = study.user_attrs.get("grid", asked)
    if before != asked:
        raise DermDistillError(
            f"{folder} holds a sweep over other values ({', '.join(before)}); give another --name, or the "
            "same --set."
        )
    study.set_user_attr("grid", asked)
