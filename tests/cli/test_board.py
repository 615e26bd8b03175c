"""`board` and `evaluate --data` as they are typed, with a small bundle and a table of probabilities."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from dermdistill.classes import load_classes
from dermdistill.cli import app
from dermdistill.errors import DataError
from prepared_source import write_source

TINY = Path(__file__).parents[1] / "fixtures" / "tiny_int8"
CODES = load_classes("ham10000").codes


@pytest.fixture(scope="module")
def sources(tmp_path_factory):
    folder = tmp_path_factory.mktemp("sources")
    indexes = [write_source(folder / name, name) for name in ("clinic", "practice")]
    pd.concat(indexes)[["image_id", "source", "lesion_id", "group_id", "diagnosis"]].assign(
        split=lambda table: np.where(table["group_id"].str[-1].isin(list("0123")), "train", "test"), fold=-1
    ).to_csv(folder / "splits.csv", index=False)
    return folder


@pytest.fixture(scope="module")
def table(sources):
    ids = pd.read_csv(sources / "splits.csv")["image_id"]
    probs = np.random.default_rng(0).dirichlet(np.ones(7), len(ids)).round(4)
    path = sources / "rival.csv"
    pd.DataFrame(probs, columns=[code.upper() for code in CODES]).assign(image=ids).to_csv(path, index=False)
    return path


def _run(*arguments):
    return CliRunner().invoke(app, list(map(str, arguments)))


def test_models_against_sources(sources, table, tmp_path):
    out = tmp_path / "board"
    command = ["board", TINY, table, "--data", sources / "clinic", sources / "practice", "--resamples", 10]
    result = _run(*command, "--out", out)
    assert result.exit_code == 0, result.output
    for words in (
        "tiny_int8",
        "rival",
        "clinic dermoscopic",
        "practice clinical",
        "scc",
        "false reassurance",
    ):
        assert words in result.output, words
    board = pd.read_csv(out / "board.csv", keep_default_na=False)
    assert set(board["model"]) == {"tiny_int8 0.1.0", "rival"}
    assert set(board["source"]) == {"clinic", "practice"}
    content = json.loads((out / "board.json").read_text())
    assert content["command"] == (
        "dermdistill board tiny_int8 rival.csv --data clinic practice --out board --resamples 10"
    )
    assert str(tmp_path) not in (out / "board.md").read_text()
    assert "is prepared at 64 pixels" in result.output
    kept = {path: path.stat().st_mtime_ns for path in (out / "answers").iterdir()}
    again = _run(*command, "--out", out)
    assert again.exit_code == 0
    assert {path: path.stat().st_mtime_ns for path in (out / "answers").iterdir()} == kept


def test_only_the_split_that_is_asked_for(sources, table):
    command = ["board", table, sources / "clinic", "--splits", sources / "splits.csv", "--resamples", 10]
    result = _run(*command)
    assert result.exit_code == 0, result.output
    splits = pd.read_csv(sources / "splits.csv")
    count = ((splits["split"] == "test") & (splits["source"] == "clinic")).sum()
    assert f" {count} " in result.output
    refused = _run(*command, "--split", "train")
    assert isinstance(refused.exception, DataError)
    assert "what models learn from" in str(refused.exception)


def test_without_data_nothing_is_measured(table):
    assert "No prepared data set is named" in str(_run("board", table).exception)


def test_evaluate_reports_a_bundle_on_another_source(sources, tmp_path):
    command = ["evaluate", TINY, "--data", sources / "clinic", "--resamples", 10]
    refused = _run(*command)
    assert "Name a folder for the report" in str(refused.exception)
    result = _run(*command, "--out", tmp_path)
    assert result.exit_code in (0, 1), result.output
    assert "Kinds of lesion that the model does not know" in result.output
    predictions = pd.read_csv(tmp_path / "clinic/predictions.csv")
    assert len(predictions) == 84
    assert "scc" not in set(predictions["diagnosis"])
    assert len(pd.read_csv(tmp_path / "clinic/unknown_kinds.csv")) == 12
    report = json.loads((tmp_path / "clinic/report.json").read_text())
    assert report["class_priors_from"] == "what the model was trained on"
    assert report["n_images"] == 84
    slices = pd.read_csv(tmp_path / "clinic/slices.csv")
    assert {"under 40", "60 and over"} <= set(slices["slice"])
    refused = _run(*command, "--out", tmp_path, "--against", TINY)
    assert "do not go with --data" in str(refused.exception)


def test_evaluate_reports_conformal_sets_by_age_and_malignancy(make_predictions, tmp_path):
    frame = make_predictions(400, seed=2, splits=("val", "test"))
    frame.to_csv(tmp_path / "predictions.csv", index=False)
    ages = pd.DataFrame({"image_id": frame["image_id"], "age": np.where(np.arange(400) // 2 % 4, 60, 30)})
    ages.to_csv(tmp_path / "ages.csv", index=False)
    command = [
        "evaluate",
        tmp_path / "predictions.csv",
        "--resamples",
        10,
        "--conformal-by",
        "age-malignancy",
    ]
    assert "needs the ages of patients" in str(_run(*command).exception)
    result = _run(*command, "--metadata", tmp_path / "ages.csv")
    assert result.exit_code == 0, result.output
    assert "Coverage of conformal sets" in result.output
    table = pd.read_csv(tmp_path / "report/conformal_by_age_malignancy.csv")
    assert {("under 40", "mel"), ("40 and over", "benign")} <= set(
        zip(table["age"], table["kind"], strict=True)
    )
    assert (tmp_path / "report/conformal_by_age_malignancy.md").read_text().count("| under 40 |") == 6
