import numpy as np
import pytest
from typer.testing import CliRunner

from dermdistill.cli import app
from dermdistill.data.splits import make_splits, write_splits
from dermdistill.errors import BundleError, ModelError
from dermdistill.models import load_run_model
from tiny_run import make_run


@pytest.fixture(scope="module")
def exported(tmp_path_factory):
    run_dir = make_run(tmp_path_factory.mktemp("reopen"))
    made = CliRunner().invoke(app, ["export", str(run_dir), "--format", "float32", "--resamples", "20"])
    assert made.exit_code == 0, made.output
    return run_dir


def reopened(run_dir, out, splits="splits.csv", bundle="bundle"):
    home = run_dir.parents[1]
    words = ["--bundle", run_dir / bundle, "--data", home / "data", "--splits", home / splits, "--out", out]
    return CliRunner().invoke(app, ["reopen", *map(str, words)])


def test_the_run_of_a_bundle_answers_as_the_run_it_was_made_of(exported, tmp_path):
    result = reopened(exported, tmp_path / "again")
    assert result.exit_code == 0, result.output
    assert "it answers as the bundle's file on 100.0% of 84 training images" in result.output
    assert "WARNING" not in result.output
    images = np.load(exported.parents[1] / "data/images.npy")[::8]
    first, again = (
        load_run_model(run).predict(images, verbose=0)["logits"] for run in (exported, tmp_path / "again")
    )
    np.testing.assert_allclose(again, first, atol=1e-3 * first.std())
    assert CliRunner().invoke(app, ["evaluate", str(tmp_path / "again"), "--resamples", "20"]).exit_code == 0


def test_another_split_is_warned_of(exported, tmp_path):
    import pandas as pd

    home = exported.parents[1]
    index = pd.read_csv(home / "data/index.csv", dtype=str, keep_default_na=False)
    write_splits(make_splits(index, val=0.25, test=0.25, seed=7), home / "other.csv", {"seed": 7})
    result = reopened(exported, tmp_path / "again", splits="other.csv")
    assert result.exit_code == 0, result.output
    assert "another split" in result.output


def test_what_is_no_bundle_is_one_sentence(exported, tmp_path):
    result = reopened(exported, tmp_path / "again", bundle=".")
    assert isinstance(result.exception, BundleError)
    assert not (tmp_path / "again").exists()


def test_a_folder_that_is_there_is_named_before_any_work(exported, tmp_path):
    result = reopened(exported, tmp_path, bundle=".")
    assert isinstance(result.exception, ModelError)
    assert "is there already" in str(result.exception)
