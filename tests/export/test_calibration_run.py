"""A student that has learned from the val split is calibrated by another that has not."""

import json
from dataclasses import replace

import numpy as np
import pytest

from dermdistill.errors import BundleError
from dermdistill.export.calibration_run import load_calibration_run
from dermdistill.export.export import export_run, write_scores
from dermdistill.export.settings import Settings
from dermdistill.inference import load_bundle
from dermdistill.metrics.predictions import probs_of, read_predictions


def export(run, study, model, bundle_dir, **settings):
    chosen = Settings(name="tiny", version="1.2.3", quantization="float32", resamples=20)
    exported = export_run(
        run, study, model, bundle_dir, replace(chosen, **settings), on_progress=lambda *_: None
    )
    write_scores(exported, bundle_dir)
    return bundle_dir


@pytest.fixture(scope="module")
def calibration_run(tiny_bundle):
    return tiny_bundle


@pytest.fixture(scope="module")
def student(tiny_run):
    """The run as one that has learned from val, its model twice as sure."""
    import keras

    run, study, model = tiny_run
    surer = keras.models.clone_model(model)
    surer.set_weights(model.get_weights())
    for name in ("class_maps", "logits"):
        layer = surer.get_layer(name)
        layer.set_weights([weights * 2 for weights in layer.get_weights()])
    config = json.loads(json.dumps(run.config))
    config["recipe"]["data"]["with_val"] = True
    return replace(run, config=config), study, surer


def test_it_is_calibrated_by_its_calibration_run_and_measured_by_itself(student, calibration_run, tmp_path):
    bundle_dir = export(*student, tmp_path / "student", calibrated_by=calibration_run)
    spec, fitted = load_bundle(bundle_dir).spec, load_bundle(calibration_run).spec
    assert spec.training.calibrated_by == "tiny 1.2.3"
    assert fitted.training.calibrated_by is None
    assert spec.temperature == pytest.approx(fitted.temperature, rel=1e-6)
    assert [p.threshold for p in spec.operating_points] == pytest.approx(
        [p.threshold for p in fitted.operating_points], rel=1e-6
    )
    assert spec.conformal.levels[0].quantiles == pytest.approx(fitted.conformal.levels[0].quantiles, rel=1e-6)
    mine, others = (
        read_predictions(path.with_name(f"{path.name}_predictions.csv"))
        for path in (bundle_dir, calibration_run)
    )
    val = (mine["split"] == "val").to_numpy()
    np.testing.assert_allclose(probs_of(mine[val]), probs_of(others[val]), atol=1e-6)
    squared = np.square(probs_of(others[~val]))
    np.testing.assert_allclose(probs_of(mine[~val]), squared / squared.sum(axis=1, keepdims=True), atol=1e-4)
    with pytest.raises(BundleError, match="has learned from the val split itself"):
        load_calibration_run(*student[:2], bundle_dir, quarter_turns=False)


def test_without_a_calibration_run_it_is_not_exported(student, tmp_path):
    with pytest.raises(BundleError, match="give --calibrated-by"):
        export(*student, tmp_path / "student")
    assert not list(tmp_path.iterdir())


def test_who_kept_val_apart_needs_none(tiny_run, calibration_run):
    run, study, _ = tiny_run
    assert load_calibration_run(run, study, None, quarter_turns=False) is None
    with pytest.raises(BundleError, match="leave --calibrated-by out"):
        load_calibration_run(run, study, calibration_run, quarter_turns=False)


def test_a_calibration_run_is_of_the_same_network_and_split_and_looks_alike(student, calibration_run):
    run, study, _ = student
    assert load_calibration_run(run, study, calibration_run, quarter_turns=False).spec.name == "tiny"
    with pytest.raises(BundleError, match="averages over other views"):
        load_calibration_run(run, study, calibration_run, quarter_turns=True)
    config = json.loads(json.dumps(run.config))
    config["recipe"]["model"]["name"] = "mobilenet_v2"
    other = replace(study, fingerprints=study.fingerprints | {"splits": "of another file"})
    with pytest.raises(BundleError, match="is of the network tiny_cnn and is of another split"):
        load_calibration_run(replace(run, config=config), other, calibration_run, quarter_turns=False)
