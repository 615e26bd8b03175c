import cv2
import numpy as np
import pytest
from pydantic import ValidationError

from dermdistill.bundle import BundleSpec, Conformal, load_bundle_spec, open_bundle, write_bundle
from dermdistill.bundle.verdicts import OutOfDistribution
from dermdistill.inference import ConformalSet, load_bundle, overlay_png, scale_heat
from dermdistill.inference.conformal import conformal_sets
from dermdistill.inference.out_of_distribution import OutOfDistributionDetector
from dermdistill.inference.probabilities import calibrate, decide, malignant_probability
from ham10000 import CLASSES


def test_calibration_is_softmax_of_scaled_logits():
    # exp(0), exp(1), exp(2) over their sum, computed by hand
    got = calibrate(np.array([0, 2, 4], np.float32), 2.0)
    np.testing.assert_allclose(got, [0.09003057, 0.24472847, 0.66524096], atol=1e-7)
    np.testing.assert_allclose(calibrate(np.array([1000, 0], np.float32), 1.0), [1, 0])


def test_decision_and_malignancy(tiny_dir):
    spec = load_bundle_spec(tiny_dir)  # priors .03 .05 .11 .01 .11 .67 .02
    probs = np.array([0.05, 0.05, 0.10, 0.005, 0.30, 0.475, 0.02])
    assert decide(probs, spec) == CLASSES.index("mel")  # .30 / .11 is the largest quotient, 2.7
    assert decide(probs, spec.model_copy(update={"decision": "argmax_p"})) == CLASSES.index("nv")
    assert malignant_probability(probs, spec) == pytest.approx(0.40)


def test_conformal_sets_are_the_classes_within_their_own_quantile():
    probs = dict(zip(CLASSES, (0.04, 0.02, 0.10, 0.01, 0.25, 0.57, 0.01), strict=True))
    level = {"coverage": 0.9, "quantiles": dict.fromkeys(CLASSES, 0.8) | {"bkl": 0.95, "nv": 0.4}}
    conformal = Conformal.model_validate(
        {"split": "val", "n_calibration": dict.fromkeys(CLASSES, 50), "levels": [level]}
    )
    # 1 - p: mel .75 <= .8 yes, bkl .90 <= .95 yes, nv .43 <= .4 no, others > .9
    assert conformal_sets(probs, conformal) == (ConformalSet(0.9, ("mel", "bkl")),)
    assert conformal_sets(probs, None) is None


@pytest.fixture
def detecting_dir(tiny_dir, tmp_path):
    """The tiny bundle with a detector: mean 1, basis the first feature and the next two's diagonal."""
    basis = np.zeros((8, 2), "<f4")
    basis[0, 0], basis[1:3, 1] = 1, np.sqrt(0.5)
    detector = {
        "mean": {"file": "mean.f32", "shape": [8]},
        "basis": {"file": "basis.f32", "shape": [8, 2]},
        "distance_threshold": 0.5,
        "split": "val",
    }
    changes = {"out_of_distribution": detector, "self_test_answer": None}
    spec = BundleSpec.model_validate(load_bundle_spec(tiny_dir).model_dump() | changes)
    files = {"mean.f32": np.ones(8, "<f4").tobytes(), "basis.f32": basis.tobytes()}
    write_bundle(tmp_path / "detecting", spec, (tiny_dir / "model.tflite").read_bytes(), files)
    return tmp_path / "detecting"


@pytest.mark.parametrize(
    ("embedding", "score", "refused"),
    [
        ([9, 3, 3, 1, 1, 1, 1, 1], 0, False),  # 8 along the first feature, 2 along both of the diagonal
        # Half of 2^2 off the diagonal and 2^2 on the fifth, by the length sqrt(8^2 + 2^2 + 2^2), over .5.
        ([9, 3, 1, 1, 3, 1, 1, 1], 6 / np.sqrt(72) / 0.5, True),
        ([1] * 8, 0, False),
        ([np.nan] * 8, np.nan, True),
    ],
)
def test_the_detector_measures_what_lies_outside_its_basis(detecting_dir, embedding, score, refused):
    detector = OutOfDistributionDetector.load(open_bundle(detecting_dir))
    verdict = detector.verdict(np.array(embedding, np.float32))
    assert verdict.score == pytest.approx(score, abs=1e-6, nan_ok=True)
    assert verdict.refused is refused


@pytest.mark.parametrize(("mean", "basis"), [([4], [5, 2]), ([4], [8]), ([4, 1], [4, 2])])
def test_a_detector_whose_arrays_do_not_fit_is_refused(mean, basis):
    values = {"mean": {"file": "mean.f32", "shape": mean}, "basis": {"file": "basis.f32", "shape": basis}}
    with pytest.raises(ValidationError, match=r"shapes must be mean \[f\], basis \[f, d\]"):
        OutOfDistribution.model_validate(values | {"distance_threshold": 1.0, "split": "val"})


def test_the_engine_applies_the_detector(detecting_dir, squares):
    engine = load_bundle(detecting_dir)
    [prediction] = engine.predict(squares[0])
    x = engine.outputs(squares[0]).embedding.astype(float) - 1
    outside = (x[1] - x[2]) ** 2 / 2 + (x[3:] ** 2).sum()
    assert prediction.out_of_distribution.score == pytest.approx(outside / np.sqrt((x**2).sum()) / 0.5)
    assert prediction.out_of_distribution.refused


def test_heat_is_the_positive_part_scaled_to_one():
    np.testing.assert_allclose(scale_heat(np.array([[-3, 1], [0, 4]], np.float32)), [[0, 0.25], [0, 1]])
    np.testing.assert_array_equal(scale_heat(np.array([[-3, -1]], np.float32)), [[0, 0]])


def test_overlay_colours_hot_places_and_keeps_cold_ones():
    image = np.full((60, 80, 3), (10, 120, 200), np.uint8)
    heat = np.zeros((2, 2), np.float32)
    heat[0, 1] = 1
    drawn = cv2.imdecode(np.frombuffer(overlay_png(image, heat, opacity=0.5), np.uint8), 1)[..., ::-1]
    assert drawn.shape == image.shape
    np.testing.assert_array_equal(drawn[-5:, :5], image[-5:, :5])
    hottest = cv2.applyColorMap(np.array([[255]], np.uint8), cv2.COLORMAP_INFERNO)[0, 0, ::-1]
    np.testing.assert_allclose(drawn[0, -1], (image[0, 0] + hottest.astype(float)) / 2, atol=0.6)
