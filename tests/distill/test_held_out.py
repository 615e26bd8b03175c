import json
import shutil
from dataclasses import replace

import pytest

from dermdistill.data.splits import make_splits, write_splits
from dermdistill.distill.held_out import check_has_not_seen, check_what_is_learned_from
from dermdistill.distill.loop import train
from dermdistill.distill.recipe import load_recipe
from dermdistill.distill.training_set import load_training_set
from dermdistill.errors import DataError
from dermdistill.models import load_run_model
from dermdistill.models.portable import write_portable
from tiny_run import make_prepared


def a_teacher(run_dir):
    return f'distill={{teachers=["{run_dir}"]}}'


def a_start(run_dir):
    return f"model.init={run_dir}"


@pytest.fixture
def resplit(tmp_path):
    """The setting of a recipe that divides the same images in another way."""
    _, index = make_prepared(tmp_path / "data")
    path = tmp_path / "splits.csv"
    write_splits(make_splits(index, val=0.25, test=0.25, seed=1), path, {"seed": 1})
    return f"data.splits={path}"


@pytest.mark.parametrize(("learns_from", "role"), [(a_teacher, "teacher"), (a_start, "start")])
def test_nobody_learns_from_who_may_have_seen_the_test_images(
    learns_from, role, trained, tiny_recipe_path, resplit
):
    run_dir, _ = trained
    recipe = load_recipe(tiny_recipe_path, (learns_from(run_dir), resplit))
    with pytest.raises(DataError, match=f"{role} .* another split"):
        train(recipe, run_dir.with_name("leaky"), lambda kind, facts: None)
    assert not run_dir.with_name("leaky").exists()


@pytest.fixture
def data(tiny_recipe_path):
    return load_training_set(load_recipe(tiny_recipe_path))


def without_names(trained, tmp_path, fingerprints):
    """A copy of the run, as one that does not name the images that it learned from."""
    run_dir = shutil.copytree(trained[0], tmp_path / "copy")
    (run_dir / "training_images.txt").unlink()
    config = json.loads((run_dir / "config.json").read_text())
    (run_dir / "config.json").write_text(json.dumps(config | {"fingerprints": fingerprints}))
    return run_dir


def test_the_same_split_is_welcome(trained, data):
    assert check_has_not_seen(trained[0], data, "teacher")["recipe"]["name"] == "tiny"


@pytest.mark.parametrize("held_out", ["IMG_0000", "theirs"])
def test_one_image_that_it_has_seen_is_enough_whatever_else_the_data_set_holds(
    held_out, trained, data, tmp_path
):
    run_dir = shutil.copytree(trained[0], tmp_path / "copy")
    (run_dir / "training_images.txt").write_text("IMG_0000\nIMG_0001\n")
    grown = replace(data, held_out=frozenset([held_out]), fingerprints={"data": "new", "splits": "new"})
    if held_out == "theirs":
        check_has_not_seen(run_dir, grown, "start")
        return
    with pytest.raises(DataError, match=r"1 of the images held out here, first IMG_0000"):
        check_has_not_seen(run_dir, grown, "start")


def test_a_run_names_the_images_that_it_learned_from(trained, data):
    seen = (trained[0] / "training_images.txt").read_text().split()
    assert seen == sorted(data.batches.image_ids)
    assert not data.held_out.intersection(seen)
    assert len(data.held_out) == 2 * len(data.val_labels)  # test is as large


@pytest.mark.parametrize("learns_from", [a_teacher, a_start])
def test_what_its_teachers_and_its_start_have_seen_it_has_seen(
    learns_from, trained, begin, tiny_recipe_path, tmp_path
):
    taught_by = shutil.copytree(trained[0], tmp_path / "first")
    own = (taught_by / "training_images.txt").read_text().split()
    (taught_by / "training_images.txt").write_text("theirs_1\ntheirs_2\n")
    begin(load_recipe(tiny_recipe_path, (learns_from(taught_by),)), tmp_path / "second")
    seen = (tmp_path / "second/training_images.txt").read_text().split()
    assert seen == sorted([*own, "theirs_1", "theirs_2"])


def test_the_fold_that_is_left_out_is_held_out(trained, tiny_recipe_path, tmp_path):
    _, index = make_prepared(tmp_path / "data")
    splits = make_splits(index, val=0.25, test=0.25, folds=2)
    write_splits(splits, tmp_path / "splits.csv", {})
    data = load_training_set(
        load_recipe(tiny_recipe_path, (f"data.splits={tmp_path}/splits.csv", "data.fold=1"))
    )
    fold = set(splits.loc[splits["fold"] == 1, "image_id"])
    assert fold
    assert fold < data.held_out
    assert not data.held_out.intersection(data.batches.image_ids)
    assert len(data.held_out) + len(data.batches.image_ids) == len(splits)


def test_a_network_of_other_images_is_welcome(trained, data, tmp_path):
    check_has_not_seen(
        without_names(trained, tmp_path, {"data": "theirs", "splits": "theirs"}), data, "start"
    )


@pytest.mark.parametrize("fingerprints", [{}, {"data": None, "splits": None}])
def test_a_network_that_does_not_say_is_not(fingerprints, trained, data, tmp_path):
    with pytest.raises(DataError, match="does not say"):
        check_has_not_seen(without_names(trained, tmp_path, fingerprints), data, "start")


def test_a_file_of_weights_says_what_it_has_seen(trained, data, tiny_recipe_path, tmp_path):
    path = tmp_path / "start.npz"
    recipe = load_recipe(tiny_recipe_path, (a_start(path),))
    model = load_run_model(trained[0], image_size=None)
    write_portable(path, model, about="a test", seen=["theirs"], learned_from=())
    assert check_what_is_learned_from(recipe, data) == {"theirs"}
    write_portable(path, model, about="a test", seen=["theirs", min(data.held_out)], learned_from=())
    with pytest.raises(DataError, match=r"start .*start\.npz .* 1 of the images held out here"):
        check_what_is_learned_from(recipe, data)
