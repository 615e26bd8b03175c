import json
from dataclasses import replace

import pytest

from dermdistill.bundle import Dataset
from dermdistill.data.study import Study
from dermdistill.errors import DataError
from dermdistill.export.provenance import datasets_of, licence_of, said_dataset, start_of, training_of
from dermdistill.runs import Run


def test_a_start_is_named_without_its_folder_and_followed_through_earlier_runs(tmp_path):
    run_dir = tmp_path / "first"
    run_dir.mkdir()
    init = "/somewhere/private/backbone.weights.h5"
    (run_dir / "config.json").write_text(json.dumps({"recipe": {"model": {"init": init}}}))
    assert start_of(init) == "backbone.weights.h5"
    assert start_of(str(run_dir)) == "first, which started from backbone.weights.h5"
    assert start_of("imagenet") == "imagenet"


@pytest.fixture
def run(tmp_path):
    """A run on data that say what `prepared` lets them say."""
    (tmp_path / "splits.csv").write_text("image_id\n")
    data = {"dir": str(tmp_path), "splits": str(tmp_path / "splits.csv")}
    config = {"recipe": {"name": "a", "model": {"name": "b"}, "data": data}}
    (tmp_path / "run").mkdir()
    (tmp_path / "run/config.json").write_text(json.dumps(config))
    return Run(tmp_path / "run", config, (tmp_path,), tmp_path / "splits.csv")


@pytest.fixture
def prepared(run):
    def say(**said):
        (run.data_dirs[0] / "prepare.json").write_text(json.dumps(said))

    return say


SAID = Dataset(name="Ours", licence="CC0-1.0", source="our clinic")


def test_what_a_preparation_knew_is_said_and_stays(run, prepared):
    prepared(source="milk10k", licences=["CC BY-NC 4.0", "CC-0"], citation="MILK10k (2025)", fingerprint="f1")
    known = Dataset(
        name="milk10k", licence="CC-BY-NC-4.0; CC0-1.0", source="MILK10k (2025)", fingerprint="f1"
    )
    assert datasets_of(run, None) == [known]
    assert datasets_of(run, SAID) == [known, SAID]
    assert licence_of([known, SAID]) == "CC-BY-NC-4.0; CC0-1.0"


@pytest.mark.parametrize(
    ("unknown", "filled"),
    [
        ({"licences": [""], "citation": "Smith"}, ("photos", "CC0-1.0", "Smith; Ours, our clinic")),
        ({"licences": ["mine"], "citation": ""}, ("photos", "CC0-1.0; mine", "Ours, our clinic")),
        (
            {"licences": ["", "mine"], "citation": "Smith"},
            ("photos", "CC0-1.0; mine", "Smith; Ours, our clinic"),
        ),
        ({"source": "", "licences": [], "citation": ""}, ("Ours", "CC0-1.0", "our clinic")),
    ],
)
def test_what_nothing_tells_must_be_said_and_fills_in_only_what_is_missing(unknown, filled, run, prepared):
    prepared(**{"source": "photos"} | unknown)
    with pytest.raises(
        DataError, match=r"licence or origin of .* is not known, and .*run has learned from it"
    ):
        datasets_of(run, None)
    (dataset,) = datasets_of(run, SAID)
    assert (dataset.name, dataset.licence, dataset.source) == filled


def test_a_person_says_all_three_or_nothing():
    assert said_dataset(None, None, None) is None
    assert said_dataset("Ours", "CC BY 4.0", "our clinic").licence == "CC-BY-4.0"
    with pytest.raises(DataError, match="all three"):
        said_dataset("Ours", None, "our clinic")


def test_a_bundle_names_the_split_of_the_training_not_the_one_that_lies_there_now(run):
    fingerprints = {"data": "d" * 64, "splits": "5" * 64}
    study = Study(None, None, {"data": "now", "splits": "5" * 63 + "6"}, None, {})
    said = training_of(replace(run, config=run.config | {"fingerprints": fingerprints}), study, [SAID])
    assert (said.datasets, said.splits_sha256) == ([SAID], "5" * 64)
    assert training_of(run, study, [SAID]).splits_sha256 == study.fingerprints["splits"]
