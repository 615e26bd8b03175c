import json
from pathlib import Path

import numpy as np
import pytest

from dermdistill.data.lineage.learned_from import UNTOLD, LearnedFrom, from_json, inherited, to_json, union
from dermdistill.data.lineage.trace import lineage_of_recipe, lineage_of_run, write_lineage
from dermdistill.errors import DataError, ModelError

HAM = LearnedFrom("ham10000", ("CC BY-NC 4.0",), "Tschandl (2018)", "h")
PAD = LearnedFrom("pad_ufes", ("CC BY 4.0",), "Pacheco (2020)", "p")
OURS = LearnedFrom("ours", ("Our terms",), "our clinic", "o")


@pytest.fixture
def data(tmp_path):
    """Makes a prepared folder of a source, as far as a lineage looks at it."""

    def make(source):
        folder = tmp_path / source.name
        folder.mkdir()
        said = {"source": source.name, "licences": list(source.licences), "citation": source.citation}
        (folder / "prepare.json").write_text(json.dumps(said | {"fingerprint": source.fingerprint}))
        return str(folder)

    return make


@pytest.fixture
def run(tmp_path):
    """Makes the folder of a run that says nothing but its recipe."""

    def make(name, **recipe):
        folder = tmp_path / name
        folder.mkdir()
        (folder / "config.json").write_text(json.dumps({"recipe": {"model": {"init": "imagenet"}} | recipe}))
        return str(folder)

    return make


def test_of_teachers_their_teachers_and_starts_as_far_as_they_go(data, run):
    first = run("first", data={"dir": data(PAD)})
    second = run("second", data={"dir": data(HAM)}, model={"init": first})
    recipe = {"model": {"init": "none"}, "data": {"dir": data(OURS)}, "distill": {"teachers": [second]}}
    assert lineage_of_recipe(recipe) == (OURS, *inherited((HAM, PAD)))


def test_of_several_sources_each_once(data):
    folders = [data(HAM), data(PAD)]
    recipe = {
        "model": {},
        "data": {"dir": None, "sources": [{"dir": folder} for folder in (*folders, folders[0])]},
    }
    assert lineage_of_recipe(recipe) == (HAM, PAD)


def test_what_a_run_has_written_counts_though_its_folders_are_gone(run):
    folder = run("old", data={"dir": "gone"})
    write_lineage(Path(folder), (HAM, PAD))
    assert lineage_of_run(Path(folder)) == (HAM, PAD)
    (Path(folder) / "lineage.json").write_text("{")
    with pytest.raises(DataError, match=r"lineage\.json cannot be read"):
        lineage_of_run(Path(folder))


@pytest.mark.parametrize("key", ["training_images", "views_key"])
def test_files_of_networks_and_of_logits_carry_it(key, data, tmp_path):
    told, untold, public = (tmp_path / f"{name}.npz" for name in ("told", "untold", "public"))
    np.savez(told, **{key: np.array("x"), "learned_from": np.array(to_json((HAM,)))})
    np.savez(untold, **{key: np.array("x")})
    np.savez(public, conv1_weight=np.zeros(3))
    recipe = {"model": {"init": str(public)}, "data": {"dir": data(OURS)}}
    assert lineage_of_recipe(recipe) == (OURS,)
    for path, learned_from in ((told, inherited((HAM,))), (untold, UNTOLD)):
        assert lineage_of_recipe({**recipe, "model": {"init": str(path)}}) == (OURS, *learned_from)
        assert lineage_of_recipe({**recipe, "distill": {"teacher_logits": [str(path)]}}) == (
            OURS,
            *learned_from,
        )


def test_a_start_that_is_gone_and_a_reopened_run_that_does_not_say_are_not_taken_for_nothing(data, run):
    recipe = {"model": {"init": "runs/gone"}, "data": {"dir": data(OURS)}}
    assert lineage_of_recipe(recipe) == (OURS, *UNTOLD)
    assert lineage_of_recipe({**recipe, "model": {"init": "gone.weights.h5"}}) == (OURS,)
    folder = Path(run("again", data=recipe["data"]))
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps(config | {"made_with": {"reopened_from": "x 1"}}))
    assert lineage_of_run(folder) == UNTOLD
    with pytest.raises(ModelError, match=r"config\.json"):
        lineage_of_run(folder.parent)


def test_two_tales_of_one_source_are_both_kept():
    other = LearnedFrom("HAM10000", ("CC0-1.0", "CC-BY-NC-4.0"), "Tschandl (2018); Rosendahl")
    (both,) = union((HAM,), (other,))
    assert both == LearnedFrom("ham10000", ("CC BY-NC 4.0", "CC0 1.0"), "Tschandl (2018); Rosendahl", "h")
    assert union((other,), (HAM,))[0].fingerprint == "h"
    assert from_json(to_json((HAM, both))) == (HAM, both)


@pytest.mark.parametrize(
    "part", [{"name": ""}, {"licences": ()}, {"licences": ("", "CC0 1.0")}, {"citation": ""}]
)
def test_a_part_that_is_missing_is_not_told(part):
    assert HAM.is_told
    assert not LearnedFrom(**vars(HAM) | part).is_told
