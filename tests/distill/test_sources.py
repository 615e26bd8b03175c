"""A recipe of several sources: which images it takes, and what is made of the classes that a source lacks."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from keras import ops

from dermdistill.distill.objective import Objective
from dermdistill.distill.recipe import Recipe, load_recipe
from dermdistill.distill.training_set import load_training_set
from dermdistill.errors import DataError, RecipeError
from ham10000 import TABLE
from several_sources import make_two


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two prepared sources; the second has no vascular lesions, and half of it are clinical pictures."""
    folder = tmp_path_factory.mktemp("sources")
    make_two(folder, "one", "two", TABLE, images_per_class=8)
    return folder


def recipe(folder: Path, *sources: str, more: str = "") -> Recipe:
    tables = "".join(f"[[data.sources]]\n{source}\n" for source in sources)
    text = f"""
name = "several"
{more}
[model]
name = "tiny_cnn"
init = "none"
[data]
splits = "{folder / "splits.csv"}"
{tables}
[[phases]]
epochs = 1
learning_rate = 0.001
"""
    path = folder / "recipe.toml"
    path.write_text(text.replace("DIR", str(folder)))
    return load_recipe(path)


ONE, TWO = 'dir = "DIR/one"', 'dir = "DIR/two"'


def split_of(folder):
    return pd.read_csv(folder / "splits.csv").set_index("image_id")


def test_both_sources_are_trained_and_validated_on(folder):
    data = load_training_set(recipe(folder, ONE, TWO))
    splits = split_of(folder)
    assert set(data.batches.image_ids) == set(splits.index[splits["split"] == "train"])
    assert set(data.val_sources) == {"one", "two"}
    assert data.batches.mix.names == ("one", "two")
    names = np.array(data.batches.mix.names)[data.batches.mix.of_image]
    assert all(
        image_id.startswith(name) for image_id, name in zip(data.batches.image_ids, names, strict=True)
    )


def test_a_source_may_be_for_training_or_validation_alone_and_of_one_kind_of_picture(folder):
    clinical = f'{TWO}\npicture = "clinical"\nuse = "val"'
    dermoscopic = f'{TWO}\npicture = "dermoscopic"\nuse = "train"\nshare = 0.25'
    data = load_training_set(recipe(folder, ONE, dermoscopic, clinical))
    assert data.batches.mix.names == ("one", "two_dermoscopic", "two_clinical")
    assert set(data.batches.mix.of_image) == {0, 1}
    assert set(data.val_sources) == {"one", "two_clinical"}
    _, shares = data.batches.cells(data.batches.mix)
    np.testing.assert_allclose(shares.sum(axis=1), [0.75, 0.25, 0])
    # What is validated on nowhere is held out all the same.
    splits = split_of(folder)
    assert data.held_out == set(splits.index[splits["split"] != "train"])


@pytest.mark.parametrize(
    ("sources", "said"),
    [
        ((), "give either dir"),
        ((f"{ONE}\nshare = 0.5", f"{TWO}\nshare = 0.6"), "must sum to 1"),
        ((f"{ONE}\nshare = 0.5", f"{TWO}\nshare = 0.4"), "must sum to 1"),
        ((f'{ONE}\nuse = "val"',), "must sum to 1"),
    ],
)
def test_sources_that_make_no_sense_are_refused(sources, said, folder):
    with pytest.raises(RecipeError, match=said):
        recipe(folder, *sources)


def test_an_image_belongs_to_one_source(folder):
    with pytest.raises(DataError, match=r"Two of the .* take the images of one"):
        load_training_set(recipe(folder, ONE, ONE, TWO))
    with pytest.raises(DataError, match="names no image of the source one_clinical"):
        load_training_set(recipe(folder, f'{ONE}\npicture = "clinical"', TWO))


def test_a_source_does_not_teach_that_a_class_it_lacks_is_not_there():
    """The loss and its gradient are those of a softmax over the other classes."""
    logits = np.array([[1.0, 2.0, 4.0], [1.0, 2.0, 4.0]], np.float32)
    targets = np.array([[1, 0, 0], [1, 0, 0]], np.float32)
    taught = np.array([[1, 1, 0], [1, 1, 1]], np.float32)
    over_two, over_three = np.log(1 + np.e), np.log(1 + np.e + np.e**3)
    loss = Objective()(ops.array(logits), ops.array(targets), None, taught=ops.array(taught))
    assert float(loss["loss"]) == pytest.approx((over_two + over_three) / 2, rel=1e-5)
    smooth = Objective(label_smoothing=0.2)
    loss = smooth(ops.array(logits[:1]), ops.array(targets[:1]), None, taught=ops.array(taught[:1]))
    # 0.9 of the first class and 0.1 of the second: nothing is spread over the third.
    assert float(loss["loss"]) == pytest.approx(0.9 * over_two + 0.1 * (over_two - 1), rel=1e-5)


@pytest.mark.parametrize("task", ["cross_entropy", "focal"])
def test_the_logit_of_a_class_that_is_not_taught_learns_nothing(task):
    """By hand: focal is (1 - p) ** 2 times the cross-entropy; p over the two classes that are taught."""
    targets, taught = np.array([[1, 0, 0]], np.float32), np.array([[1, 1, 0]], np.float32)
    shift = np.log([0.5, 0.25, 0.25])
    objective = Objective(task_loss=task, logit_shift=tuple(shift))
    p = 0.5 * np.exp(1.0) / (0.5 * np.exp(1.0) + 0.25 * np.exp(2.0))
    expected = -np.log(p) * ((1 - p) ** 2 if task == "focal" else 1)
    for absent in (-3.0, 4.0, 30.0):
        logits = ops.array(np.array([[1.0, 2.0, absent]], np.float32))
        loss = objective(logits, ops.array(targets), None, taught=ops.array(taught))["loss"]
        assert float(loss) == pytest.approx(expected, rel=1e-5)


def test_teachers_still_teach_a_class_that_a_source_lacks():
    logits, teacher = np.array([[1.0, 2.0, 4.0]], np.float32), np.array([[[0.0, 0.0, 3.0]]], np.float32)
    targets, taught = np.array([[1, 0, 0]], np.float32), np.array([[1, 1, 0]], np.float32)
    objective = Objective(alpha=0.5)
    given = [ops.array(array) for array in (logits, targets, teacher)]
    masked = objective(*given, taught=ops.array(taught))
    plain = objective(*given)
    assert float(masked["distill_loss"]) == pytest.approx(float(plain["distill_loss"]))
    assert float(masked["task_loss"]) == pytest.approx(np.log(1 + np.e), rel=1e-5)
    assert float(plain["task_loss"]) == pytest.approx(np.log(1 + np.e + np.e**3), rel=1e-5)
