import numpy as np
import pandas as pd
import pytest
from keras import ops

from dermdistill.distill.loop import Training
from dermdistill.distill.recipe import load_recipe
from dermdistill.distill.simsiam import PairTeaching, SimSiam, pretrain
from dermdistill.distill.training_set import load_training_set
from dermdistill.errors import RecipeError
from dermdistill.models import load_run_model


def quiet(kind, facts):
    pass


def losses(projection, prediction):
    outputs = {
        name: ops.convert_to_tensor(np.array(values, np.float32))
        for name, values in (("projection", projection), ("prediction", prediction))
    }
    return {name: float(value) for name, value in SimSiam().of_outputs(outputs, None).items()}


def test_the_loss_by_hand():
    # Two pairs: first views a, b, then second views. a's prediction [3, 4] against [4, 3] is .96; b's against
    # its own is 1; the second views' predictions are at right angles to the first views' projections.
    projection = [[1, 0], [0, 2], [4, 3], [0, 7]]
    prediction = [[3, 4], [0, 1], [0, 5], [1, 0]]
    assert losses(projection, prediction)["loss"] == pytest.approx(-(0.96 + 1 + 0 + 0) / 4)


def test_the_deviation_tells_a_collapse_from_spread():
    assert losses([[1, 2]] * 4, [[1, 2]] * 4)["deviation"] == pytest.approx(0, abs=1e-3)
    spread = np.random.default_rng(0).normal(size=(2000, 64))
    assert losses(spread, spread)["deviation"] == pytest.approx(1, abs=0.03)


@pytest.fixture(scope="module")
def recipe(tiny_recipe_path):
    return load_recipe(
        tiny_recipe_path,
        ("name=start", "phases.0.epochs=4", "phases.0.learning_rate=3e-3", "optimizer.ema=0"),
    )


@pytest.fixture(scope="module")
def pretrained(recipe, tmp_path_factory):
    folder = tmp_path_factory.mktemp("pretrained")
    return folder, pretrain(recipe, folder, quiet)


def test_views_come_to_agree_and_the_representations_do_not_collapse(pretrained, recipe):
    folder, history = pretrained
    assert history[-1]["loss"] < history[0]["loss"] - 0.1
    assert all(line["deviation"] > 0.3 for line in history)
    images = load_training_set(recipe).val_images[:, ::7, ::7]
    embedding = load_run_model(folder, image_size=32).predict_on_batch(images)["embedding"]
    directions = embedding / np.linalg.norm(embedding, axis=1, keepdims=True)
    assert np.std(directions, axis=0).mean() * embedding.shape[1] ** 0.5 > 0.2


def test_only_training_images_are_seen_each_in_two_views(recipe, tiny_recipe_path):
    data = load_training_set(recipe)
    teaching = PairTeaching(recipe, data)
    splits = pd.read_csv(tiny_recipe_path.parent / "splits.csv").set_index("image_id")
    seen = []
    for batch in teaching.epoch(0, 32, start_step=0):
        first, second = np.split(batch.images, 2)
        assert len(first) == len(batch.rows)
        assert (first != second).any(axis=(1, 2, 3)).mean() > 0.9
        seen += [data.batches.image_ids[row] for row in batch.rows]
    assert set(splits.loc[seen, "split"]) == {"train"}
    assert len(set(seen)) == len(seen), "labels must not decide how often an image comes"


def test_a_stopped_pretraining_goes_on_and_its_folder_is_a_start(pretrained, recipe, tmp_path):
    folder, expected = pretrained

    def stop_midway(kind, facts):
        if (facts["epoch"], facts.get("step")) == (1, 2):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        pretrain(recipe, tmp_path / "run", stop_midway)
    resumed = pretrain(recipe, tmp_path / "run", quiet)
    for line, other in zip(resumed, expected, strict=True):
        assert line["loss"] == pytest.approx(other["loss"], rel=1e-4, abs=1e-5)
    start = recipe.model_copy(update={"model": recipe.model.model_copy(update={"init": str(folder)})})
    training = Training(start, tmp_path / "next", load_training_set(start))
    for weight, stored in zip(
        training.model.get_weights(), load_run_model(folder, image_size=32).get_weights(), strict=True
    ):
        np.testing.assert_array_equal(weight, stored)


def test_what_has_no_place_in_pretraining_is_refused(tiny_recipe_path, tmp_path):
    for override in ("batches.mixup=0.2", "batches.cutmix=1", "compute.views=device"):
        with pytest.raises(RecipeError, match="pretraining"):
            pretrain(load_recipe(tiny_recipe_path, (override,)), tmp_path / "run", quiet)
