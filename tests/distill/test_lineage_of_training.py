"""A training says which data sets it has learned from, also by what it starts from and by its teachers."""

import shutil
from pathlib import Path

import numpy as np
import pytest

from dermdistill.data.lineage.learned_from import LearnedFrom, inherited
from dermdistill.data.lineage.trace import lineage_of_run, write_lineage
from dermdistill.distill.cached.logits import load_teacher_logits
from dermdistill.distill.cached.write import average_teacher_logits, cache_teacher_logits, read_teacher_run
from dermdistill.distill.recipe import load_recipe
from dermdistill.distill.training_set import load_training_set
from dermdistill.export.weights import write_weights
from dermdistill.models import load_run_model
from dermdistill.runs import read_run

THEIRS = LearnedFrom("milk10k", ("CC BY-NC 4.0",), "MILK10k (2025)", "m")


@pytest.fixture
def parent(trained, tmp_path):
    """A run that has learned from another data set, too."""
    run_dir = shutil.copytree(trained[0], tmp_path / "parent")
    write_lineage(run_dir, (*lineage_of_run(run_dir), THEIRS))
    return run_dir


def test_a_training_on_labels_has_its_own_data_alone(trained):
    (own,) = lineage_of_run(trained[0])
    assert (own.name, own.licences, own.citation) == ("tiny", ("CC0 1.0",), "Drawn by tests/synthetic.py")
    assert own.fingerprint == read_run(trained[0]).config["fingerprints"]["data"]
    (trained[0] / "lineage.json").rename(trained[0] / "aside")
    assert lineage_of_run(trained[0]) == (own,)
    (trained[0] / "aside").rename(trained[0] / "lineage.json")


@pytest.mark.parametrize("learns_by", ["start", "weights", "teacher", "logits"])
def test_a_student_has_its_parents_data_however_it_learns(
    learns_by, parent, begin, tiny_recipe_path, tmp_path
):
    bank = "batches.view_bank=1"
    if learns_by == "start":
        settings = [f"model.init={parent}"]
    elif learns_by == "weights":
        write_weights(tmp_path / "w.npz", read_run(parent), load_run_model(parent, image_size=None))
        settings = [f"model.init={tmp_path / 'w.npz'}"]
    elif learns_by == "teacher":
        settings = [f'distill={{teachers=["{parent}"]}}']
    else:
        data = load_training_set(load_recipe(tiny_recipe_path, (bank,)))
        everything = np.arange(len(data.batches.image_ids))
        cache_teacher_logits(
            tmp_path / "l.npz", [(read_teacher_run(parent, data), everything)], data.batches, 1
        )
        settings = [f'distill={{teacher_logits=["{tmp_path / "l.npz"}"]}}', bank]
    begin(load_recipe(tiny_recipe_path, tuple(settings)), tmp_path / "student")
    shutil.rmtree(parent)
    own, theirs = lineage_of_run(tmp_path / "student")
    assert (own.name, own.fingerprint) == (
        "tiny",
        lineage_of_run(tiny_recipe_path.parent / "runs/tiny")[0].fingerprint,
    )
    assert (theirs,) == inherited((THEIRS,))


def test_the_mean_of_teachers_has_the_data_of_all(parent, trained, tiny_recipe_path, tmp_path):
    data = load_training_set(load_recipe(tiny_recipe_path, ("batches.view_bank=1",)))
    rows = np.arange(len(data.batches.image_ids))

    def cached(run_dir: Path):
        path = tmp_path / f"{run_dir.name}.npz"
        cache_teacher_logits(path, [(read_teacher_run(run_dir, data), rows)], data.batches, 1)
        return load_teacher_logits(path)

    mean = average_teacher_logits([cached(trained[0]), cached(parent)])
    assert [data.name for data in mean.learned_from] == ["tiny", "milk10k"]
    # A file that was cached before says so once it is asked for again.
    write_lineage(parent, (THEIRS,))
    assert [data.name for data in cached(parent).learned_from] == ["milk10k"]
