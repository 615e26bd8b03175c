import numpy as np
import pytest
from typer.testing import CliRunner

from dermdistill.cli import app
from dermdistill.data.splits import make_splits, write_splits
from dermdistill.errors import BundleError, ModelError
from dermdistill.models import load_run_model


@pytest.fixture
def reopened(tiny_run_dir, tiny_bundle):
    home = tiny_run_dir.parents[1]

    def reopened(out, splits=home / "splits.csv", bundle=tiny_bundle):
        words = ["--bundle", bundle, "--data", home / "data", "--splits", splits, "--out", out]
        return CliRunner().invoke(app, ["reopen", *map(str, words)])

    return reopened


def test_the_run_of_a_bundle_answers_as_the_run_it_was_made_of(reopened, tiny_run_dir, tmp_path):
    result = reopened(tmp_path / "again")
    assert result.exit_code == 0, result.output
    assert "it answers as the bundle's file on 100.0% of 84 training images" in result.output
    assert "WARNING" not in result.output
    images = np.load(tiny_run_dir.parents[1] / "data/images.npy")[::8]
    first, again = (
        load_run_model(run, image_size=None).predict(images, verbose=0)["logits"]
        for run in (tiny_run_dir, tmp_path / "again")
    )
    np.testing.assert_allclose(again, first, atol=1e-3 * first.std())
    assert CliRunner().invoke(app, ["evaluate", str(tmp_path / "again"), "--resamples", "20"]).exit_code == 0


def test_another_split_is_warned_of(reopened, tiny_run_dir, tmp_path):
    import pandas as pd

    home = tiny_run_dir.parents[1]
    index = pd.read_csv(home / "data/index.csv", dtype=str, keep_default_na=False)
    write_splits(make_splits(index, val=0.25, test=0.25, seed=7), tmp_path / "other.csv", {"seed": 7})
    result = reopened(tmp_path / "again", splits=tmp_path / "other.csv")
    assert result.exit_code == 0, result.output
    assert "another split" in result.output


def test_what_is_no_bundle_is_one_sentence(reopened, tmp_path):
    result = reopened(tmp_path / "again", bundle=tmp_path)
    assert isinstance(result.exception, BundleError)
    assert not (tmp_path / "again").exists()


def test_a_folder_that_is_there_is_named_before_any_work(reopened, tmp_path):
    result = reopened(tmp_path, bundle=tmp_path)
    assert isinstance(result.exception, ModelError)
    assert "is there already" in str(result.exception)
