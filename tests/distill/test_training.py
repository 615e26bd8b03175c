import json
import os
import signal
import subprocess
import sys
import time

import keras
import numpy as np
import pandas as pd
import pytest

from dermdistill.data.splits import read_splits
from dermdistill.distill.checkpoint import read_position, restore_group, save_checkpoint
from dermdistill.distill.loop import train
from dermdistill.distill.optimizer import learning_rates
from dermdistill.distill.recipe import load_recipe
from dermdistill.distill.teaching import Teaching
from dermdistill.distill.training_set import load_training_set
from dermdistill.distill.validate import predict_logits
from dermdistill.errors import DataError, DermDistillError, ModelError, RecipeError
from dermdistill.models import load_run_model

CLOCK = ("seconds", "images_per_second")
AT_EVERY_STEP = "checkpoint_steps=1"


def without_clock(history):
    return [{key: value for key, value in line.items() if key not in CLOCK} for line in history]


def quiet(kind, facts):
    pass


def command(*arguments):
    return [sys.executable, "-c", "from dermdistill.cli import main; main()", *map(str, arguments)]


def test_a_student_learns_more_than_the_class_shares(trained):
    _, history = trained
    assert [line["image_size"] for line in history] == [32, 32, 48]
    assert history[1]["loss"] < history[0]["loss"]
    assert history[-1]["val_balanced_accuracy"] > 2 / 7
    assert history[-1]["val_classes_predicted"] > 2


def test_the_run_folder_holds_what_was_asked_and_what_happened(trained, tiny_recipe_path):
    run_dir, history = trained
    config = json.loads((run_dir / "config.json").read_text())
    assert config["recipe"] == load_recipe(tiny_recipe_path).model_dump(mode="json")
    assert sum(config["class_shares"].values()) == pytest.approx(1, abs=1e-6)
    assert [json.loads(line) for line in (run_dir / "history.jsonl").read_text().splitlines()] == history
    assert not list(run_dir.glob("*.part")) + list(run_dir.glob("unfinished*"))


def test_the_best_weights_give_the_validation_figures_again(trained, tiny_recipe_path):
    from dermdistill.distill.validate import validation_metrics

    run_dir, history = trained
    data = load_training_set(load_recipe(tiny_recipe_path))
    best = [line for line in history if line["best"]][-1]
    logits = predict_logits(
        load_run_model(run_dir, image_size=None), data.val_images, image_size=best["image_size"]
    )
    again = validation_metrics(logits, data.val_labels, data.class_shares)
    assert again["val_loss"] == pytest.approx(best["val_loss"], rel=1e-4)


def test_killed_at_any_moment_the_same_command_goes_on_to_the_same_history(
    trained, tiny_recipe_path, tmp_path
):
    _, expected = trained
    checkpoint = tmp_path / "tiny" / "checkpoint.npz"
    process = subprocess.Popen(
        command("train", tiny_recipe_path, "--set", AT_EVERY_STEP, "--runs-dir", tmp_path),
        stdout=subprocess.DEVNULL,
        env=os.environ | {"TF_CPP_MIN_LOG_LEVEL": "3"},
    )
    deadline = time.monotonic() + 200
    while process.poll() is None and time.monotonic() < deadline:
        position = read_position(checkpoint)
        if position and (position["epoch"], position["step"]) >= (1, 2):
            break
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    process.wait()
    stopped = read_position(checkpoint)
    assert stopped is not None
    assert stopped["phase"] < 2, "it was over before it was killed"
    recipe = load_recipe(tiny_recipe_path, (AT_EVERY_STEP,))
    steps_seen = []

    def note(kind, facts):
        if kind == "step":
            steps_seen.append((facts["epoch"], facts["step"]))

    history = train(recipe, tmp_path / "tiny", note)
    assert not checkpoint.exists(), "a finished training leaves none"
    assert steps_seen[0] == (stopped["epoch"], stopped["step"] + 1), "it did not go on where it was"
    for line, other in zip(without_clock(history), without_clock(expected), strict=True):
        assert line == pytest.approx(other, rel=1e-5)
    assert train(recipe, tmp_path / "tiny", note) == history, "a finished run is trained no further"


def test_a_phase_ends_early_when_the_validation_metric_has_stopped_rising(tiny_recipe_path, tmp_path):
    # A learning rate of next to nothing: no metric rises after the first epoch, and two more end each phase.
    settings = [f"phases.{phase}.{key}" for phase in (0, 1) for key in ("epochs=9", "learning_rate=1e-12")]
    recipe = load_recipe(tiny_recipe_path, (*settings, "stop.patience=2", "optimizer.ema=0"))
    history = train(recipe, tmp_path / "tiny", quiet)
    assert [line["phase"] for line in history] == [0, 0, 0, 1, 1, 1]
    for phase in (history[:3], history[3:]):
        figures = [(line["val_balanced_accuracy"], line["val_macro_auc"]) for line in phase]
        kept = [figure >= max(figures[: k + 1]) for k, figure in enumerate(figures)]
        assert [line["best"] for line in phase] == kept, "of equal epochs the later one is kept"


def test_equal_epochs_are_told_apart_by_macro_auc(tiny_recipe_path, tmp_path, monkeypatch):
    """What validation answers in four epochs: metric and macro-AUC, and whether the epoch is kept."""
    answers = iter([([0.5, 0.8], True), ([0.5, 0.9], True), ([0.5, 0.85], False), ([0.5, 0.9], True)])
    expected = []

    def validate(self, model, image_size):
        score, kept = next(answers)
        expected.append(kept)
        return {"val_loss": 1.0}, score

    monkeypatch.setattr(Teaching, "validate", validate)
    recipe = load_recipe(tiny_recipe_path, (f"phases={one_phase(epochs=4)}",))
    history = train(recipe, tmp_path / "tiny", quiet)
    assert [line["best"] for line in history] == expected == [True, True, False, True]


def one_phase(epochs):
    return f"[{{image_size=32, epochs={epochs}, learning_rate=1e-2}}]"


@pytest.mark.parametrize("keep", [False, True])
def test_a_finished_run_goes_on_with_more_epochs_of_its_last_phase(keep, tiny_recipe_path, tmp_path):
    run_dir = tmp_path / "tiny"
    short, longer = (load_recipe(tiny_recipe_path, (f"phases={one_phase(epochs)}",)) for epochs in (2, 4))
    first = train(short, run_dir, quiet, keep_checkpoint=keep)
    assert (run_dir / "checkpoint.npz").exists() == keep
    kinds = []
    assert train(short, run_dir, lambda kind, facts: kinds.append(kind), keep_checkpoint=keep) == first
    assert kinds == [], "nothing is compiled or trained"

    history = train(longer, run_dir, quiet)
    assert history[:2] == first
    assert [line["epoch"] for line in history] == [0, 1, 2, 3]
    steps = load_training_set(longer).batches.steps_per_epoch
    rates = learning_rates(longer.phases[0], steps)
    assert history[2]["learning_rate"] == pytest.approx(float(rates[3 * steps - 1])), "of the longer schedule"
    best_before = max(line["val_balanced_accuracy"] for line in first)
    kept = [line for line in history[2:] if line["best"]]
    assert all(line["val_balanced_accuracy"] >= best_before for line in kept)
    assert history[3]["loss"] < first[0]["loss"], "it went on, and did not begin again"
    config = json.loads((run_dir / "config.json").read_text())
    assert config["recipe"]["phases"][0]["epochs"] == 4
    assert config["lengthened"] == [2]
    assert not (run_dir / "checkpoint.npz").exists()
    with pytest.raises(RecipeError, match="Only the epochs of its last phase may be raised"):
        train(short, run_dir, quiet)
    with pytest.raises(RecipeError, match="another recipe"):
        train(load_recipe(tiny_recipe_path, (f"phases={one_phase(5)}", "seed=1")), run_dir, quiet)


def test_two_processes_do_not_train_in_one_folder(tiny_recipe_path, tmp_path):
    run_dir = tmp_path / "tiny"
    code = f"""
from pathlib import Path
from dermdistill.files import only_writer
with only_writer(Path({str(run_dir)!r})):
    print("locked", flush=True)
    input()
"""
    holder = subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert holder.stdout.readline() == "locked\n"
    with pytest.raises(DermDistillError, match=r"Another process is writing to .*tiny; wait until it ends"):
        train(load_recipe(tiny_recipe_path), run_dir, quiet)
    holder.communicate("\n")
    assert not run_dir.exists(), "nobody wrote there"


def test_a_training_that_diverges_says_so(tiny_recipe_path, tmp_path):
    recipe = load_recipe(tiny_recipe_path, ("phases.0.learning_rate=1e30", "phases.0.epochs=3"))
    with pytest.raises(ModelError, match=r"diverged in epoch \d: .* lower learning_rate"):
        train(recipe, tmp_path / "hot", quiet)


def test_a_layer_that_is_not_there_is_told_before_anything_is_learned(tiny_recipe_path, tmp_path):
    """Of the last phase, too; and the folder stays free for the recipe without the slip."""
    recipe = load_recipe(tiny_recipe_path, ("phases.1.freeze_until=norm_99",))
    said = []
    with pytest.raises(ModelError, match="no layer 'norm_99'"):
        train(recipe, tmp_path / "slip", lambda kind, facts: said.append(kind))
    assert said == []
    assert not (tmp_path / "slip").exists()


def test_a_folder_with_another_recipe_is_left_alone(trained, tiny_recipe_path):
    run_dir, _ = trained
    before = (run_dir / "config.json").read_bytes()
    with pytest.raises(DermDistillError, match="another recipe"):
        train(load_recipe(tiny_recipe_path, ("seed=1",)), run_dir, quiet)
    assert (run_dir / "config.json").read_bytes() == before


@pytest.mark.parametrize("damage", [lambda data: data[:-100], lambda data: b"", lambda data: b"no arrays"])
def test_a_damaged_checkpoint_is_refused(damage, tmp_path):
    path = tmp_path / "checkpoint.npz"
    save_checkpoint(path, {"model": [keras.Variable(np.arange(100.0))]}, {"epoch": 1})
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(ModelError, match="is damaged; remove it"):
        read_position(path)
    with pytest.raises(ModelError, match="is damaged; remove it"):
        restore_group(path, "model", [keras.Variable(np.arange(100.0))])


@pytest.mark.parametrize("content", ["", '{"recipe": ', "[]"])
def test_a_run_whose_config_is_damaged_is_left_alone(content, tiny_recipe_path, tmp_path):
    (tmp_path / "config.json").write_text(content)
    with pytest.raises(RecipeError, match=r"config\.json is damaged"):
        train(load_recipe(tiny_recipe_path), tmp_path, quiet)
    assert (tmp_path / "config.json").read_text() == content


def test_training_never_sees_the_test_part(tiny_recipe_path):
    data = load_training_set(load_recipe(tiny_recipe_path))
    splits = pd.read_csv(tiny_recipe_path.parent / "splits.csv").set_index("image_id")
    assert set(splits.loc[data.batches.image_ids, "split"]) == {"train"}
    assert len(data.val_labels) == (splits["split"] == "val").sum()


def test_validation_pictures_are_those_of_the_data_set_never_augmented(tiny_recipe_path):
    from dermdistill.data.prepared import load_prepared

    data = load_training_set(load_recipe(tiny_recipe_path))
    prepared = load_prepared(tiny_recipe_path.parent / "data")
    splits = pd.read_csv(tiny_recipe_path.parent / "splits.csv")
    val_ids = splits["image_id"][splits["split"] == "val"]
    rows = prepared.index.reset_index().set_index("image_id").loc[val_ids, "index"].to_numpy()
    np.testing.assert_array_equal(data.val_images, prepared.images[rows])


def test_with_val_it_is_learned_from_too_and_the_last_epoch_counts(tiny_recipe_path, begin, tmp_path):
    """Nothing is left to choose an epoch by; a teacher that saw val is welcome then, and only then."""
    run_dir = tmp_path / "with_val"
    lessons = ("data.with_val=true", "batches.degraded_share=0.5", "name=with_val", "stop.patience=1")
    recipe = load_recipe(tiny_recipe_path, lessons)
    parts = read_splits(recipe.data.splits)
    history = train(recipe, run_dir, quiet)
    seen = set((run_dir / "training_images.txt").read_text().splitlines())
    assert seen == set(parts.loc[parts["split"] != "test", "image_id"])
    assert [line["best"] for line in history] == [True, True, True]
    assert not any(name.startswith("val_") for line in history for name in line)
    taught = (f'distill={{teachers=["{run_dir}"]}}', "name=taught")
    with pytest.raises(DataError, match="has seen"):
        train(load_recipe(tiny_recipe_path, taught), tmp_path / "taught", quiet)
    begin(load_recipe(tiny_recipe_path, (*taught, *lessons[:1])), tmp_path / "ok")


def test_a_fold_cannot_be_left_out_with_val_taken_in(tiny_recipe_path):
    with pytest.raises(RecipeError, match="fold or with_val"):
        load_recipe(tiny_recipe_path, ("data.with_val=true", "data.fold=0"))


def test_a_fold_is_left_out_and_not_even_validated_on(tiny_recipe_path):
    data = load_training_set(load_recipe(tiny_recipe_path, ("data.fold=2",)))
    splits = pd.read_csv(tiny_recipe_path.parent / "splits.csv").set_index("image_id")
    assert 2 not in set(splits.loc[data.batches.image_ids, "fold"])
    np.testing.assert_array_equal(
        data.val_images, load_training_set(load_recipe(tiny_recipe_path)).val_images
    )
    with pytest.raises(DermDistillError, match="no fold 9"):
        load_training_set(load_recipe(tiny_recipe_path, ("data.fold=9",)))


def test_a_student_distilled_from_soft_labels_alone_comes_to_agree_with_its_teacher(
    trained, tiny_recipe_path, tmp_path
):
    teacher_dir, _ = trained
    path = tmp_path / "student.toml"
    path.write_text(
        tiny_recipe_path.read_text()
        + f'[distill]\nteachers = ["{teacher_dir}"]\nalpha = 1.0\ntemperature = 2.0\n'
    )
    recipe = load_recipe(path, ("name=student", "seed=5", "phases.0.epochs=6", "model.dropout=0"))
    history = train(recipe, tmp_path / "student", quiet)
    assert history[-1]["loss"] == history[-1]["distill_loss"] < 0.5 * history[0]["distill_loss"]
    images = load_training_set(recipe).val_images
    answers = [
        predict_logits(load_run_model(run, image_size=None), images, image_size=48).argmax(axis=1)
        for run in (teacher_dir, tmp_path / "student")
    ]
    assert np.mean(answers[0] == answers[1]) > 0.5
