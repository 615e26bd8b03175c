import json

import numpy as np
import pandas as pd
from typer.testing import CliRunner

from dermdistill.cli import app
from dermdistill.errors import DataError, ModelError
from dermdistill.metrics.predictions import prob_columns, probs_of, read_predictions
from ham10000 import CLASSES


def _evaluate(*arguments):
    return CliRunner().invoke(app, ["evaluate", "--resamples", "20", *map(str, arguments)])


def _predictions(path, probs):
    rows = len(probs)
    frame = pd.DataFrame(
        {
            "image_id": [f"I{i}" for i in range(rows)],
            "lesion_id": [f"L{i}" for i in range(rows)],
            "diagnosis": [CLASSES[i % 7] for i in range(rows)],
            "split": "test",
        }
    )
    pd.concat([frame, pd.DataFrame(probs, columns=prob_columns(CLASSES))], axis=1).to_csv(path, index=False)
    return path


def test_a_run_is_scored_once_and_reported(own_run, tiny_run_dir):
    from dermdistill.models import load_run_model

    result = _evaluate(own_run)
    assert result.exit_code == 0, result.output
    assert "test: 42 images of 21 lesions" in result.output
    content = json.loads((own_run / "report/report.json").read_text())
    assert content["class_priors_from"] == "the train split of splits.csv"
    assert (own_run / "report/learning_curve.pdf").exists()

    frame = pd.read_csv(own_run / "predictions.csv").set_index("image_id")
    images = np.load(tiny_run_dir.parents[1] / "data/images.npy")
    position = int(frame.index[5].removeprefix("IMG_"))
    logits = np.asarray(load_run_model(own_run, image_size=None)(images[position : position + 1])["logits"])[
        0
    ]
    expected = np.exp(logits) / np.exp(logits).sum()
    np.testing.assert_allclose(frame.iloc[5][prob_columns(CLASSES)].astype(float), expected, atol=1e-5)

    scored = (own_run / "predictions.csv").stat().st_mtime_ns
    again = _evaluate(own_run, "--split", "val", "--against", own_run / "predictions.csv")
    assert (own_run / "predictions.csv").stat().st_mtime_ns == scored
    assert "val: 42 images" in again.output
    assert "Gain over the other" in again.output
    gains = pd.read_csv(own_run / "report/gain.csv")
    assert set(gains["gain"].dropna()) == {0}


def test_a_run_is_scored_at_the_pixels_of_its_last_phase(own_run):
    """Also where the images were prepared larger; the screen and both reports name pixels, run and rule."""
    config = json.loads((own_run / "config.json").read_text())
    config["recipe"]["phases"][-1]["image_size"] = 48
    (own_run / "config.json").write_text(json.dumps(config))
    result = _evaluate(own_run)
    assert result.exit_code == 0, result.output
    assert "Run tiny at 48 pixels. Each column is headed by the rule that decides" in result.output
    assert "Run tiny at 48 pixels." in (own_run / "report/report.md").read_text()
    source = json.loads((own_run / "report/report.json").read_text())["source"]
    assert (source["run"], source["image_size"]) == ("tiny", 48)
    own = probs_of(read_predictions(own_run / "predictions.csv"))
    again = _evaluate(own_run, "--image-size", "48")
    assert again.exit_code == 0
    assert not list(own_run.glob("predictions_*px.csv")), "its own size is scored once"
    assert _evaluate(own_run, "--image-size", "96").exit_code == 0
    assert np.abs(own - probs_of(read_predictions(own_run / "predictions_96px.csv"))).max() > 0.01


def test_what_is_scored_already_is_not_scored_otherwise(tmp_path):
    path = _predictions(tmp_path / "predictions.csv", np.full((14, 7), 1 / 7))
    for option in (["--tta"], ["--image-size", "96"]):
        result = _evaluate(path, *option)
        assert isinstance(result.exception, DataError)
        assert "give the run's folder" in str(result.exception)


def test_a_student_that_predicts_one_class_is_not_called_trained(tmp_path):
    probs = np.random.default_rng(0).dirichlet([1, 1, 1, 1, 1, 60, 1], 140)
    result = _evaluate(_predictions(tmp_path / "predictions.csv", probs))
    assert result.exit_code == 1
    assert "predicts one class only (nv): it learned nothing beyond the class shares" in result.output
    assert json.loads((tmp_path / "report/report.json").read_text())["collapsed"]


def test_a_class_that_the_measured_part_lacks_has_no_figures_and_no_harm(tmp_path):
    path = _predictions(tmp_path / "predictions.csv", np.random.default_rng(0).dirichlet([2] * 7, 700))
    frame = pd.read_csv(path)
    frame.loc[:349, "split"] = "val"
    frame[(frame["split"] == "val") | (frame["diagnosis"] != "df")].to_csv(path, index=False)
    result = _evaluate(path)
    assert result.exit_code == 0, result.output
    report = json.loads((tmp_path / "report/report.json").read_text())
    assert report["n_images"] == 300


def test_the_gains_shown_are_those_of_every_class_that_is_there(tmp_path):
    paths = []
    for seed in (0, 1):
        probs = np.random.default_rng(seed).dirichlet([2] * 7, 140)
        path = _predictions(tmp_path / f"{seed}.csv", probs)
        frame = pd.read_csv(path)
        frame[frame["diagnosis"] != "df"].to_csv(path, index=False)
        paths.append(path)
    result = _evaluate(paths[0], "--against", paths[1])
    assert result.exit_code == 0, result.output
    shown = result.output.partition("Gain over the other")[2]
    assert shown.count("specificity_akiec") == shown.count("specificity_bcc") == 3  # once for each rule
    assert "specificity_at_95" in shown
    assert "nan" not in shown
    assert "sensitivity_df" not in shown


def test_bad_input_is_one_sentence(tmp_path):
    path = _predictions(tmp_path / "predictions.csv", np.full((10, 7), 0.2))
    result = _evaluate(path)
    assert isinstance(result.exception, DataError)
    assert "10 rows do not sum to 1" in str(result.exception)
    assert _evaluate(tmp_path / "nowhere").exit_code == 2
    assert isinstance(_evaluate(tmp_path).exception, ModelError)


def test_figures_by_age_sex_and_site(tmp_path):
    rng = np.random.default_rng(0)
    probs = rng.dirichlet(np.ones(7), 140)
    path = _predictions(tmp_path / "predictions.csv", probs)
    rows = [f"I{i},L{i},nv,histo,{30 if i % 2 else 65},male,back" for i in range(140)]
    table = tmp_path / "metadata.csv"
    table.write_text("\n".join(["image_id,lesion_id,dx,dx_type,age,sex,localization", *rows]) + "\n")
    result = _evaluate(path, "--metadata", table)
    assert result.exit_code == 0, result.output
    slices = pd.read_csv(tmp_path / "report/slices.csv")
    assert slices["slice"].unique().tolist() == ["under 40", "60 and over", "male", "trunk"]
