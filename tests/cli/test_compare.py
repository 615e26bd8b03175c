import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import balanced_accuracy_score
from typer.testing import CliRunner

from dermdistill.bundle import load_bundle_spec
from dermdistill.cli import app
from dermdistill.errors import DataError
from dermdistill.metrics.predictions import prob_columns, read_predictions, write_predictions
from ham10000 import CLASSES

RESULTS = Path(__file__).parents[2] / "results"
ONE_SOURCE = RESULTS / "ablations" / "mobilenet_v2_one_source_with_val"
SHIPPED = Path(__file__).parents[2] / "src" / "dermdistill" / "bundles" / "mobilenet_v2"


def _compare(*arguments):
    return CliRunner().invoke(app, ["compare", "--resamples", "20", *map(str, arguments)])


def test_results_stand_in_the_table_and_on_the_frontier(tmp_path):
    """With a second "experiment" of two seeds: the same answers, and the same with each image's reversed."""
    frame = read_predictions(ONE_SOURCE / "predictions.csv.xz")
    write_predictions(frame, tmp_path / "mobilenet_v2" / "predictions.csv")
    model = load_bundle_spec(SHIPPED).files["model.tflite"].sha256
    (tmp_path / "mobilenet_v2" / "report.json").write_text(json.dumps({"source": {"model_sha256": model}}))
    flipped = frame.copy()
    flipped.iloc[:, 4:] = frame.iloc[:, :3:-1].to_numpy()
    write_predictions(frame, tmp_path / "other_0" / "predictions.csv")
    write_predictions(flipped, tmp_path / "other_1" / "predictions.csv")
    out = tmp_path / "out"
    folders = [tmp_path / name for name in ("mobilenet_v2", "other_0", "other_1")]
    result = _compare(
        *folders, "--out", out, "--baseline", "mobilenet_v2", "--splits", RESULTS / "splits.csv",
        "--bundle", SHIPPED,
    )  # fmt: skip
    assert result.exit_code == 0, result.output
    assert "no bundle.json tells its file's size: other." in result.output.replace("\n", " ")
    table = pd.read_csv(out / "comparison.csv").set_index(["experiment", "decision", "figure"])
    report = json.loads((ONE_SOURCE / "report.json").read_text())
    for rule, figures in report["decisions"].items():
        row = table.loc[("mobilenet_v2", rule, "balanced_accuracy")]
        assert row["value"] == pytest.approx(figures["balanced_accuracy"]["value"], abs=1e-5)
    assert table.loc[("other", "any", "macro_auc"), "seeds"] == 2
    assert table.loc[("other", "any", "macro_auc"), "sure"] in ("yes", "no")
    assert (out / "comparison.md").read_text().count("\n") == 4
    frontier = pd.read_csv(out / "frontier.csv")
    size = (SHIPPED / "model.tflite").stat().st_size / 1e6
    assert frontier["megabytes"].tolist() == [pytest.approx(size, abs=1e-5)]
    assert (out / "frontier.pdf").exists()


def test_a_folder_without_predictions_is_named(tmp_path):
    result = _compare(tmp_path, "--out", tmp_path / "out")
    assert isinstance(result.exception, DataError)
    assert "predictions.csv" in str(result.exception)


def test_runs_are_decided_by_the_priors_that_they_learned(tmp_path):
    """By the train split of their own table, as `evaluate` decides, and not by what val happens to hold."""
    rng = np.random.default_rng(0)
    truth = ["mel", "nv"] * 50
    probs = rng.dirichlet([1.0] * 7, 100)
    frame = pd.DataFrame(probs, columns=prob_columns(CLASSES))
    frame.insert(0, "image_id", [f"I{i}" for i in range(100)])
    frame.insert(1, "lesion_id", [f"L{i}" for i in range(100)])
    frame.insert(2, "diagnosis", truth)
    frame.insert(3, "split", ["val"] * 20 + ["test"] * 80)
    write_predictions(frame, tmp_path / "a" / "predictions.csv")
    shares = {"mel": 90, "nv": 10}
    learned = [f"T{code}{i},T{code}{i},{code},train,0\n" for code, n in shares.items() for i in range(n)]
    (tmp_path / "own.csv").write_text("image_id,lesion_id,diagnosis,split,fold\n" + "".join(learned))
    data = {"dir": str(tmp_path / "data"), "splits": str(tmp_path / "own.csv")}
    (tmp_path / "a" / "config.json").write_text(json.dumps({"recipe": {"data": data}}))
    result = _compare(tmp_path / "a", "--out", tmp_path / "out")
    assert result.exit_code == 0, result.output
    assert "the train split of own.csv" in " ".join(result.output.split())
    # Between the two classes that it has learned; the other five were never seen.
    of_mel, of_nv = probs[20:, CLASSES.index("mel")] / 90.5, probs[20:, CLASSES.index("nv")] / 10.5
    expected = balanced_accuracy_score(truth[20:], np.where(of_mel > of_nv, "mel", "nv"))
    table = pd.read_csv(tmp_path / "out" / "comparison.csv").set_index(["decision", "figure"])
    assert table.loc[("argmax_p_over_prior", "balanced_accuracy"), "value"] == pytest.approx(expected)
