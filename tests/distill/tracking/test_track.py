import pytest

from dermdistill.distill.recipe import load_recipe
from dermdistill.distill.tracking.track import tracked
from dermdistill.errors import DermDistillError

LINES = [
    {"epoch": 0, "phase": 0, "loss": 1.5, "val_macro_auc": 0.6, "best": True, "warnings": ["x"]},
    {"epoch": 1, "phase": 0, "loss": 1.0, "val_macro_auc": 0.75, "best": True},
]


@pytest.fixture
def recipe(tiny_recipe_path):
    return load_recipe(tiny_recipe_path)


def tell(names, recipe, run_dir, lines):
    run_dir.mkdir(parents=True, exist_ok=True)
    with tracked(names, recipe, run_dir) as report:
        report("step", {"epoch": 0})
        for line in lines:
            report("epoch", line)


def test_tensorboard_reads_every_epoch(recipe, tmp_path):
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    tell(["tensorboard"], recipe, tmp_path / "run", LINES)
    events = EventAccumulator(str(tmp_path / "run" / "tensorboard"))
    events.Reload()
    assert sorted(events.Tags()["scalars"]) == ["loss", "val_macro_auc"]
    assert [(event.step, event.value) for event in events.Scalars("val_macro_auc")] == [
        (0, pytest.approx(0.6)),
        (1, pytest.approx(0.75)),
    ]


def test_mlflow_keeps_settings_and_figures_and_goes_on(recipe, tmp_path, monkeypatch):
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    for line in LINES:  # a training that was stopped in between
        tell(["mlflow"], recipe, tmp_path / "runs" / "tiny", [line])
    import mlflow

    client = mlflow.MlflowClient((tmp_path / "runs" / "mlruns").as_uri())
    [run] = client.search_runs([client.get_experiment_by_name("dermdistill").experiment_id])
    assert run.data.params["batches.size"] == str(recipe.batches.size)
    told = [(each.step, each.value) for each in client.get_metric_history(run.info.run_id, "loss")]
    assert told == [(0, 1.5), (1, 1.0)]


def test_an_unknown_tracker_is_told(recipe, tmp_path):
    with pytest.raises(DermDistillError, match="There is no tracker 'mlfow'; did you mean 'mlflow'"):
        tell(["mlfow"], recipe, tmp_path, [])
