import json

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure
from sklearn.metrics import confusion_matrix

from dermdistill.errors import DataError
from dermdistill.evaluate.figures.charts import draw_reliability, draw_sensitivity
from dermdistill.evaluate.figures.paper import Caption, write_figure
from dermdistill.evaluate.report.analyse import analyse
from dermdistill.evaluate.report.frames import decision_curve_frame, reliability_frame
from dermdistill.evaluate.report.learning_curve import learning_curve_frame
from dermdistill.evaluate.report.text import headline, markdown
from dermdistill.evaluate.report.write import report_json, write_report
from dermdistill.metrics.calibration import fit_temperature
from dermdistill.metrics.predictions import labels_of, probs_of, select_split, with_probs
from dermdistill.metrics.thresholds import positives
from ham10000 import CLASSES, TABLE

PRIORS = dict(zip(CLASSES, [0.03, 0.05, 0.11, 0.02, 0.11, 0.66, 0.02], strict=True))
SOURCE = {"file": "predictions.csv", "sha256": "0" * 64}


def _analyse(predictions, **settings):
    settings = {
        "split": "test",
        "class_priors": PRIORS,
        "class_priors_from": "a test",
        "resamples": 50,
    } | settings
    return analyse(predictions, TABLE, **settings)


@pytest.fixture(scope="module")
def predictions(make_predictions):
    return make_predictions(600, seed=8, splits=("val", "test"), images_per_lesion=2)


def test_figures_are_those_of_the_split_alone(predictions):
    report = _analyse(predictions)
    test = select_split(predictions, "test")
    assert (report.n_images, report.n_lesions) == (len(test), test["lesion_id"].nunique())
    assert sum(counts["images"] for counts in report.classes.values()) == len(test)
    right = probs_of(test).argmax(axis=1) == labels_of(test)
    assert report.decisions["argmax_p"]["accuracy"].value == pytest.approx(right.mean())
    by_prior = (probs_of(test) / list(PRIORS.values())).argmax(axis=1) == labels_of(test)
    assert report.decisions["argmax_p_over_prior"]["accuracy"].value == pytest.approx(by_prior.mean())


def test_calibration_is_fitted_on_val_and_measured_on_test(predictions):
    report = _analyse(predictions)
    val = select_split(predictions, "val")
    assert report.calibrated.temperature == pytest.approx(fit_temperature(labels_of(val), probs_of(val)))
    assert report.calibrated.n_fit_images == len(val)
    changed = predictions.copy()
    in_val = changed["split"] == "val"
    changed.loc[in_val] = with_probs(changed[in_val], np.full((int(in_val.sum()), 7), 1 / 7))
    for rule, values in _analyse(changed).decisions.items():
        assert values["accuracy"] == report.decisions[rule]["accuracy"]


def test_val_itself_is_reported_without_calibration(predictions):
    report = _analyse(predictions, split="val")
    assert report.calibrated is None
    assert any("val is what calibration is fitted on" in warning for warning in report.warnings)


def test_a_file_without_val_rows_is_reported_without_calibration(make_predictions):
    report = _analyse(make_predictions(100))
    assert report.calibrated is None
    assert report.warnings[-1].startswith("was not calibrated: predictions has no rows of split 'val'")


def test_a_collapsed_model_is_marked(make_predictions):
    frame = make_predictions(200, splits=("val", "test"))
    report = _analyse(with_probs(frame, np.tile(list(PRIORS.values()), (200, 1))))
    assert report.collapsed
    assert "learned nothing beyond the class shares" in report.warnings[0]
    assert "**Warning:** the model gives every image the same probabilities" in markdown(report, SOURCE)


def test_the_json_is_plain_and_small(predictions):
    text = report_json(_analyse(predictions), SOURCE)
    content = json.loads(text, parse_constant=lambda name: pytest.fail(f"{name} is no JSON"))
    assert content["source"] == SOURCE
    assert content["decisions"]["argmax_p"]["accuracy"].keys() == {"value", "low", "high", "undefined"}
    assert content["calibrated"]["operating_points"][0]["target"] == "melanoma"
    assert len(text) < 40_000


def test_what_cannot_be_given_is_null(make_predictions):
    frame = make_predictions(60).assign(diagnosis="nv")
    content = json.loads(report_json(_analyse(frame), SOURCE))
    assert content["probabilities"]["melanoma_auc"]["value"] is None


def test_every_figure_has_png_pdf_and_table(predictions, tmp_path):
    history = tmp_path / "history.jsonl"
    history.write_text('{"epoch": 1, "loss": 2.0}\n{"epoch": 2, "loss": 1.0, "seconds": 9}\n{"epoch": 3, "lo')
    report = _analyse(predictions)
    write_report(report, predictions, TABLE, tmp_path / "report", source=SOURCE, history_path=history)
    names = {
        "confusion_matrix_argmax_p",
        "confusion_matrix_argmax_p_over_prior",
        "confusion_matrix_argmax_p_over_root_prior",
        "decision_curve",
        "learning_curve",
        "precision_recall",
        "referral",
        "reliability",
        "roc",
        "sensitivity",
    }
    files = {path.name for path in (tmp_path / "report").iterdir()}
    expected = {f"{name}.{suffix}" for name in names for suffix in ("png", "pdf", "csv")}
    assert files == expected | {"report.json", "report.md", "report.tex"}
    assert (tmp_path / "report/roc.png").read_bytes().startswith(b"\x89PNG")
    assert (tmp_path / "report/roc.pdf").read_bytes().startswith(b"%PDF")
    curve = pd.read_csv(tmp_path / "report/learning_curve.csv")
    assert curve.to_dict("list") == {"epoch": [1, 2], "figure": ["loss", "loss"], "value": [2.0, 1.0]}
    test = select_split(predictions, "test")
    matrix = pd.read_csv(tmp_path / "report/confusion_matrix_argmax_p.csv", index_col="diagnosis")
    decided = [CLASSES[k] for k in probs_of(test).argmax(axis=1)]
    np.testing.assert_array_equal(matrix, confusion_matrix(test["diagnosis"], decided, labels=list(CLASSES)))
    reliability = pd.read_csv(tmp_path / "report/reliability.csv")
    raw = reliability[reliability["probabilities"] == "as the model gave them"]
    ece = (raw["images"] * (raw["confidence"] - raw["accuracy"]).abs()).sum() / raw["images"].sum()
    assert ece == pytest.approx(report.probabilities["ece"].value, abs=1e-5)
    assert raw["ece"].unique() == pytest.approx([ece], abs=1e-5)


def test_slices_are_written_where_there_is_metadata(predictions, tmp_path):
    metadata = pd.DataFrame(
        {"age": "under 40", "sex": "female", "site": "leg"}, index=pd.Index(predictions["image_id"])
    )
    write_report(
        _analyse(predictions), predictions, TABLE, tmp_path / "report", source=SOURCE, metadata=metadata
    )
    slices = pd.read_csv(tmp_path / "report/slices.csv")
    assert slices["slice"].unique().tolist() == ["under 40", "female", "leg"]
    assert "| age | under 40 | " in (tmp_path / "report/slices.md").read_text()
    assert "fewer than 30 lesions" in (tmp_path / "report/slices.md").read_text()
    assert (tmp_path / "report/slices.png").exists()


def test_net_benefit_by_hand():
    """Ten images, two melanomas at .6 and .2, one mole at .3: at .25 one true and one false referral."""
    labels = np.full(10, CLASSES.index("nv"))
    labels[:2] = CLASSES.index("mel")
    probs = np.zeros((10, 7))
    probs[:, CLASSES.index("mel")] = [0.6, 0.2, 0.3, *[0.1] * 7]
    curve = decision_curve_frame(labels, probs, positives(TABLE, CLASSES)).set_index(
        ["target", "threshold", "strategy"]
    )["net_benefit"]
    assert curve["melanoma", 0.25, "model"] == pytest.approx(0.1 - 0.1 / 3)
    assert curve["melanoma", 0.25, "refer all"] == pytest.approx(0.2 - 0.8 / 3)
    assert curve["melanoma", 0.25, "refer none"] == 0
    assert curve["malignant", 0.5, "model"] == pytest.approx(0.1)


def test_the_same_table_gives_the_same_bytes(predictions, tmp_path):
    frame = reliability_frame(labels_of(predictions), probs_of(predictions), name="raw")
    for name in ("one", "two"):
        write_figure(frame, draw_reliability, tmp_path / name, "reliability", Caption("a", "b"))
    for path in (tmp_path / "one").iterdir():
        assert path.read_bytes() == (tmp_path / "two" / path.name).read_bytes(), path.name


def test_a_damaged_history_is_refused(tmp_path):
    history = tmp_path / "history.jsonl"
    history.write_text('nonsense\n{"epoch": 2}\n')
    with pytest.raises(DataError, match=r"line 1 of .* is no JSON object"):
        learning_curve_frame(history)


def test_the_headline_shows_what_a_bundle_does(predictions):
    report = _analyse(predictions)
    table = headline(report).set_index("figure")
    column = f"calibrated (T = {report.calibrated.temperature:.2f})"
    assert list(table.columns) == ["argmax_p", "argmax_p_over_root_prior", "argmax_p_over_prior", column]
    assert table.loc["balanced accuracy", column] == str(report.calibrated.decision["balanced_accuracy"])
    assert table.loc["ece", "argmax_p"] == str(report.probabilities["ece"])


def test_classes_without_an_image_have_their_place_in_the_figure():
    """Of seven places only the fifth is taken; all seven names must fit on the axis."""
    rows = [
        ("argmax_p", code, 5, 5, 0.5, 0.4, 0.6) if code == "mel" else ("argmax_p", code, 0, 0, *[np.nan] * 3)
        for code in CLASSES
    ]
    columns = ["decision", "diagnosis", "images", "lesions", "sensitivity", "low", "high"]
    axes = Figure().add_subplot()
    draw_sensitivity(pd.DataFrame(rows, columns=columns), axes)
    assert axes.get_xlim() == (-0.5, 6.5)
