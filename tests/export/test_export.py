"""One tiny student all the way to a bundle; TensorFlow runs here and in `test_litert` only."""

import json

import numpy as np
import pandas as pd
import pytest

from dermdistill.bundle import load_bundle_spec
from dermdistill.data.splits import read_splits
from dermdistill.data.views.degrade import degraded
from dermdistill.errors import BundleError
from dermdistill.export.detector.drawn import negative_images
from dermdistill.export.export import export_run
from dermdistill.export.formats import litert
from dermdistill.export.formats.litert import file_logits
from dermdistill.export.settings import Settings
from dermdistill.inference import load_bundle
from dermdistill.metrics.calibration import apply_temperature
from dermdistill.metrics.predictions import probs_of, read_predictions
from ham10000 import CLASSES

SETTINGS = Settings(name="tiny", version="1.2.3", quantization="float32", resamples=20)


def _export(tiny_run, bundle_dir, **settings):
    chosen = Settings(**(vars(SETTINGS) | settings))
    return export_run(*tiny_run, bundle_dir, chosen, on_progress=lambda *_: None)


@pytest.fixture(scope="module")
def exported(tiny_bundle):
    return tiny_bundle


def test_the_engine_answers_as_keras_does(tiny_run, exported):
    run, _, model = tiny_run
    image = np.load(run.data_dirs[0] / "images.npy")[17]
    outputs = {name: np.asarray(values)[0] for name, values in model(image[None]).items()}
    engine = load_bundle(exported)
    answer = engine.outputs(image)
    for name, expected in outputs.items():
        np.testing.assert_allclose(getattr(answer, name), expected, atol=1e-5, err_msg=name)
    scaled = np.exp(outputs["logits"] / engine.spec.temperature)
    probs = list(engine.predict_one(image).probs.values())
    np.testing.assert_allclose(probs, scaled / scaled.sum(), atol=1e-5)


def test_with_int8_the_conversion_itself_is_measured_too(tiny_run, tmp_path, monkeypatch):
    # A network of a few random weights loses more to rounding than any that ships.
    monkeypatch.setattr("dermdistill.export.parity.MIN_TOP1_AGREEMENT", 0.5)
    monkeypatch.setattr("dermdistill.export.parity.MAX_BALANCED_ACCURACY_DROP", 0.5)
    exported = _export(tiny_run, tmp_path / "rounded", quantization="int8")
    spec = load_bundle(tmp_path / "rounded").spec
    assert spec.quantization == "int8"
    assert 0 < spec.float_parity.max_abs_probability_difference <= 1e-3
    assert spec.parity.max_abs_probability_difference > spec.float_parity.max_abs_probability_difference
    assert spec.variants == exported.spec.variants == [], "measured, not shipped"
    assert not (tmp_path / "rounded/model_float32.tflite").exists()


def test_a_file_that_turns_its_images_says_so_and_is_measured_as_it_answers(tiny_run, exported, tmp_path):
    run, _, model = tiny_run
    image = np.load(run.data_dirs[0] / "images.npy")[17]
    _export(tiny_run, tmp_path / "turns", quarter_turns=True, variants=("one_view", "onnx"))
    engine = load_bundle(tmp_path / "turns")
    views = np.stack([np.rot90(image, turns) for turns in range(4)])
    answers = np.asarray(model(views)["logits"])
    np.testing.assert_allclose(engine.outputs(image).logits, answers.mean(axis=0), atol=1e-5)
    assert engine.spec.parity.max_abs_logit_difference < 1e-3
    assert engine.spec.input.quarter_turns
    assert not load_bundle(exported).spec.input.quarter_turns
    once, of_onnx = engine.spec.variants
    assert (once.file, once.quantization, once.quarter_turns) == ("model_one_view.tflite", "float32", False)
    assert of_onnx.quarter_turns
    looks_once = (tmp_path / "turns" / once.file).read_bytes()
    np.testing.assert_allclose(file_logits(looks_once, image[None])[0], answers[0], atol=1e-5)
    assert once.parity.max_abs_logit_difference < 1e-3
    assert 0 < once.distance_threshold != engine.spec.out_of_distribution.distance_threshold
    turns = engine.spec.turn_agreement
    assert (turns.split, turns.diagnosis, turns.alarm) == ("test", 1.0, 1.0), "a float file turns exactly"


def test_a_file_of_one_view_is_the_default_and_may_have_a_careful_one_beside_it(tiny_run, exported, tmp_path):
    assert Settings.quarter_turns is False
    run, _, model = tiny_run
    _export(tiny_run, tmp_path / "careful", variants=("careful",))
    spec = load_bundle(tmp_path / "careful").spec
    (careful,) = spec.variants
    assert (careful.file, careful.quarter_turns, spec.quick) == ("model_careful.tflite", True, None)
    image = np.load(run.data_dirs[0] / "images.npy")[17]
    views = np.stack([np.rot90(image, turns) for turns in range(4)])
    data = (tmp_path / "careful" / careful.file).read_bytes()
    expected = np.asarray(model(views)["logits"]).mean(axis=0)
    np.testing.assert_allclose(file_logits(data, image[None])[0], expected, atol=1e-5)
    assert 0 < careful.distance_threshold != spec.out_of_distribution.distance_threshold


def test_the_agreement_between_quarter_turns_is_counted(tiny_run, exported):
    _, study, _ = tiny_run
    engine = load_bundle(exported)
    rows = study.rows("test")
    same_class = same_alarm = 0
    for image in study.images(rows):
        answers = [
            engine.predict_one(np.ascontiguousarray(np.rot90(image, turns)), quality=False)
            for turns in range(4)
        ]
        same_class += len({answer.diagnosis for answer in answers}) == 1
        same_alarm += len({answer.assessment.level == "see_doctor" for answer in answers}) == 1
    turns = engine.spec.turn_agreement
    assert turns.n_images == len(rows)
    assert turns.diagnosis == pytest.approx(same_class / len(rows), abs=1e-6)
    assert turns.alarm == pytest.approx(same_alarm / len(rows), abs=1e-6)


def test_figures_are_those_of_the_file_that_ships(exported):
    """Score test again with the engine alone and compare with what bundle.json claims."""
    engine = load_bundle(exported)
    predictions = read_predictions(exported.with_name("tiny_predictions.csv"), split="test")
    scaled = apply_temperature(probs_of(predictions), engine.spec.temperature)
    priors = np.array([engine.spec.class_priors[code] for code in CLASSES])
    chosen = np.array(CLASSES)[(scaled / priors).argmax(axis=1)]
    claimed = engine.spec.metrics.values
    assert claimed["accuracy"].value == pytest.approx((chosen == predictions["diagnosis"]).mean(), abs=1e-5)
    assert engine.spec.metrics.split == "test"
    assert engine.spec.metrics.n_images == len(predictions)
    want = ("melanoma", 0.95)
    point = next(p for p in engine.spec.operating_points if (p.target, p.sensitivity) == want)
    mel = predictions["diagnosis"] == "mel"
    referred = scaled[:, CLASSES.index("mel")] >= point.threshold
    assert point.measured_sensitivity == pytest.approx(referred[mel].mean(), abs=1e-5)
    assert point.measured_specificity == pytest.approx((~referred)[~mel].mean(), abs=1e-5)
    careful = scaled[:, CLASSES.index("mel")] >= point.cautious.threshold
    assert point.cautious.measured_sensitivity == pytest.approx(careful[mel].mean(), abs=1e-5)
    assert 0 < point.cautious.confidence < 0.9  # six melanomas are too few to promise 95 %


def test_the_bundle_says_where_it_comes_from(tiny_run, exported):
    spec = load_bundle_spec(exported)
    splits = read_splits(tiny_run[0].splits_path)
    shares = splits.loc[splits["split"] == "train", "diagnosis"].value_counts(normalize=True)
    assert spec.class_priors == pytest.approx(shares.to_dict(), abs=1e-3)
    assert (spec.name, spec.version, spec.quantization) == ("tiny", "1.2.3", "float32")
    assert spec.training.architecture == "tiny_cnn"
    assert (
        spec.training.splits_sha256
        == json.loads(tiny_run[0].splits_path.with_suffix(".json").read_text())["sha256"]
    )
    assert spec.parity.max_abs_probability_difference <= 1e-4
    assert spec.parity.n_images == (splits["split"] == "val").sum()
    assert str(tiny_run[0].run_dir.parent) not in (exported / "bundle.json").read_text()
    assert (
        spec.conformal.n_calibration["mel"]
        == ((splits["split"] == "val") & (splits["diagnosis"] == "mel")).sum()
    )


def test_the_report_names_the_file(exported):
    source = json.loads((exported.with_name("tiny_report") / "report.json").read_text())["source"]
    assert source["model_sha256"] == load_bundle_spec(exported).files["model.tflite"].sha256


def test_a_file_that_differs_is_not_written(tiny_run, tmp_path, monkeypatch):
    """Converted from other weights than Keras answers with, as a broken converter would."""
    _, _, model = tiny_run
    head = model.get_layer("class_maps")
    kernel = head.get_weights()[0]
    convert = litert.convert_float32

    def other(model):
        head.set_weights([kernel * 1.01])
        try:
            return convert(model)
        finally:
            head.set_weights([kernel])

    monkeypatch.setattr(litert, "convert_float32", other)
    with pytest.raises(BundleError, match="differs too much from its Keras student"):
        _export(tiny_run, tmp_path / "bundle")
    assert list(tmp_path.iterdir()) == []


def test_on_jax_it_is_told_before_any_work(tiny_run, tmp_path, monkeypatch):
    import keras

    monkeypatch.setattr(keras.backend, "backend", lambda: "jax")
    with pytest.raises(BundleError, match=r"Keras runs on jax here; .* KERAS_BACKEND=tensorflow"):
        _export(tiny_run, tmp_path / "bundle")


def test_a_collapsed_student_is_not_exported(tiny_run, tmp_path):
    _, _, model = tiny_run
    head = model.get_layer("class_maps")
    kernel = head.get_weights()[0]
    head.set_weights([np.zeros_like(kernel)])
    try:
        with pytest.raises(BundleError, match="answers every validation image alike"):
            _export(tiny_run, tmp_path / "bundle")
    finally:
        head.set_weights([kernel])
    assert not (tmp_path / "bundle").exists()


def test_predictions_beside_the_bundle_cover_val_and_test(exported):
    frame = pd.read_csv(exported.with_name("tiny_predictions.csv"))
    assert frame["split"].value_counts().to_dict() == {"val": 42, "test": 42}


def test_the_detector_in_the_bundle_accepts_lesions_and_knows_other_pictures(tiny_run, exported):
    engine = load_bundle(exported)
    images = np.load(tiny_run[0].data_dirs[0] / "images.npy")
    splits = read_splits(tiny_run[0].splits_path)
    lesions = splits[splits["split"] == "test"]
    verdicts = [engine.predict_one(images[i]).out_of_distribution for i in lesions.index]
    refused = lesions.assign(refused=[v.refused for v in verdicts]).groupby("lesion_id")["refused"].any()
    assert engine.spec.out_of_distribution.accepted_share == pytest.approx(1 - refused.mean(), abs=1e-5)
    noise = [engine.predict_one(image) for image in negative_images("noise", 5, size=96)]
    assert all(prediction.out_of_distribution.refused for prediction in noise)


def test_one_in_forty_pictures_takes_part_in_the_detector_degraded_as_well(tiny_run, exported):
    engine = load_bundle(exported)
    images = np.load(tiny_run[0].data_dirs[0] / "images.npy")
    splits = read_splits(tiny_run[0].splits_path)
    train = splits[splits["split"] == "train"]
    chosen = train[::40]
    pictures = [images[i] for i in train.index]
    pictures += [
        degraded(images[i], np.random.default_rng([0, number])) for number, i in enumerate(chosen.index)
    ]
    embeddings = pd.DataFrame([engine.outputs(picture).embedding for picture in pictures])
    classes = pd.concat([train["diagnosis"], chosen["diagnosis"]]).to_numpy()
    mean = engine.bundle.array(engine.spec.out_of_distribution.mean)
    np.testing.assert_allclose(mean, embeddings.groupby(classes).mean().mean(), rtol=1e-4, atol=1e-5)
