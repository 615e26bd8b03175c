"""The list of trials, with trainings that are figures in a table."""

import pytest

from dermdistill.errors import DermDistillError
from dermdistill.sweep.study import finished_trials, run_study

GRID = {"ema": ("a", "b", "c")}


class Stop(BaseException):
    pass


def run(folder, train, *, grid=GRID, seeds=2, prune=False):
    run_study(folder, grid, seeds, metric="val", epochs=4, prune=prune, train=train)


def test_every_trial_is_trained_once_and_a_stopped_sweep_goes_on(tmp_path):
    trained = []

    def train(values, report):
        if len(trained) == 2:
            trained.append("stopped")
            raise Stop
        trained.append((values["ema"], values["seed"]))
        return 0.5

    with pytest.raises(Stop):
        run(tmp_path, train)
    run(tmp_path, train)
    assert trained == [("a", 0), ("b", 0), "stopped", ("a", 1), ("b", 1), ("c", 1), ("c", 0)]
    run(tmp_path, train)
    assert len(trained) == 7, "all was done"
    complete, pruned = finished_trials(tmp_path)
    assert len(complete) == 6
    assert pruned == []
    run(tmp_path, train, seeds=3)
    assert trained[7:] == [("a", 2), ("b", 2), ("c", 2)]


def test_a_training_below_the_median_is_pruned(tmp_path):
    epochs = []

    def train(values, report):
        level = {"a": 0.9, "b": 0.8, "c": 0.1}[values["ema"]]
        for epoch in range(4):
            report("step", {})
            epochs.append((values["ema"], values["seed"], epoch))
            report("epoch", {"epoch": epoch, "val": level + epoch / 100})
        return level

    run(tmp_path, train, seeds=3, prune=True)
    complete, pruned = finished_trials(tmp_path)
    assert pruned
    assert {values["ema"] for values in pruned} <= {"b", "c"}
    assert len(complete) + len(pruned) == 9
    assert len(epochs) < 36


def test_other_values_into_the_same_folder_are_refused(tmp_path):
    run(tmp_path, lambda *_: 0.5)
    with pytest.raises(DermDistillError, match="holds a sweep over other values"):
        run(tmp_path, lambda *_: 0.5, grid={"ema": ("a", "d")})
