import json
from dataclasses import replace

import pytest

from dermdistill.data.study import Study
from dermdistill.errors import DataError
from dermdistill.export.provenance import HAM10000, dataset_of, start_of, training_of
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
    (tmp_path / "splits.csv").write_text("image_id\n")
    return Run(
        tmp_path / "run",
        {"recipe": {"name": "a", "model": {"name": "b"}}},
        (tmp_path,),
        tmp_path / "splits.csv",
    )


def test_nothing_is_said_of_data_that_nobody_named(run):
    def prepared(**said):
        (run.data_dirs[0] / "prepare.json").write_text(json.dumps(said))
        return dataset_of(run, None, None, None)

    ham = {"source": "ham10000", "licences": ["CC BY-NC 4.0"], "citation": "Tschandl"}
    assert prepared(**ham).name == "HAM10000"
    said = prepared(source="milk10k", licences=["CC BY-NC 4.0", "CC0 1.0"], citation="MILK10k (2025)")
    assert (said.name, said.licence, said.source) == (
        *("milk10k", "CC BY-NC 4.0; CC0 1.0", "MILK10k (2025)"),
    )
    for unknown in ({"licences": [""], "citation": "ours"}, {"licences": ["mine"], "citation": ""}):
        with pytest.raises(DataError, match=r"licence or origin of .* is not known"):
            prepared(source="ours", **unknown)
    with pytest.raises(DataError, match="all three"):
        dataset_of(run, "Ours", None, None)
    assert dataset_of(run, "Ours", "CC0-1.0", "our clinic").licence == "CC0-1.0"


def test_a_bundle_names_the_data_and_the_split_of_the_training_not_those_that_lie_there_now(run):
    fingerprints = {"data": "d" * 64, "splits": "5" * 64}
    study = Study(None, None, {"data": "now", "splits": "5" * 63 + "6"}, None, {})
    said = training_of(replace(run, config=run.config | {"fingerprints": fingerprints}), study, HAM10000)
    assert (said.datasets[0].fingerprint, said.splits_sha256) == ("d" * 64, "5" * 64)
    assert training_of(run, study, HAM10000).splits_sha256 == study.fingerprints["splits"]
    of_splits_alone = replace(run, config=run.config | {"fingerprints": {"splits": "5" * 64}})
    assert training_of(of_splits_alone, study, HAM10000).datasets[0].fingerprint is None
