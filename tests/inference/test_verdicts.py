import cv2
import numpy as np
import pytest
from pydantic import ValidationError

from dermdistill.bundle import BundleSpec, Conformal, load_bundle_spec, open_bundle, write_bundle
from dermdistill.bundle.verdicts import OutOfDistribution
from dermdistill.inference import ConformalSet, Outputs, load_bundle, overlay_png, scale_heat
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
    """The tiny bundle with a detector: mean 1, whitening picks features 0, 1 (doubled), two class means."""
    spec = load_bundle_spec(tiny_dir)
    whitening = np.zeros((8, 2), "<f4")
    whitening[0, 0], whitening[1, 1] = 1, 2
    arrays = {
        "mean": np.ones(8, "<f4"),
        "whitening": whitening,
        "class_means": np.array([[0, 0], [3, 4]], "<f4"),
    }
    detector = {name: {"file": f"{name}.f32", "shape": list(a.shape)} for name, a in arrays.items()}
    detector |= {"distance_threshold": 4.0, "split": "val", "energy": {"temperature": 2.0, "threshold": -1.0}}
    spec = BundleSpec.model_validate(
        spec.model_dump() | {"out_of_distribution": detector, "self_test_answer": None}
    )
    files = {f"{name}.f32": a.tobytes() for name, a in arrays.items()}
    write_bundle(tmp_path / "detecting", spec, (tiny_dir / "model.tflite").read_bytes(), files)
    return tmp_path / "detecting"


@pytest.mark.parametrize(
    ("embedding", "logit", "score", "refused"),
    [
        ((2, 1), 5.0, 0.25, False),  # whitened (1, 0): distance 1 to the first mean
        ((4, 3.5), 5.0, 0.25, False),  # whitened (3, 5): distance 1 to the second mean
        ((1, 3), 5.0, 9 / 4, True),  # whitened (0, 4): 16 to the first, 9 to the second
        ((1, 1), -5.0, 0.0, True),  # near, but the energy -2 log(7 exp(-5/2)) = 1.11 is above -1
    ],
)
def test_the_detector_measures_distance_and_energy(detecting_dir, embedding, logit, score, refused):
    detector = OutOfDistributionDetector.load(open_bundle(detecting_dir))
    vector = np.array([*embedding, *[0] * 6], np.float32)
    outputs = Outputs(np.full(7, logit, np.float32), np.zeros((7, 7, 7), np.float32), vector)
    verdict = detector.verdict(outputs)
    assert verdict.score == pytest.approx(score)
    assert verdict.energy == pytest.approx(-logit - 2 * np.log(7))
    assert verdict.refused is refused


@pytest.mark.parametrize(("distance", "length"), [("residual", 1), ("residual_per_length", np.sqrt(72))])
def test_the_residual_detector_measures_what_lies_outside_its_basis(tiny_dir, tmp_path, distance, length):
    """Mean 1 and a basis of the first feature and the diagonal of the next two: by hand."""
    basis = np.zeros((8, 2), "<f4")
    basis[0, 0], basis[1:3, 1] = 1, np.sqrt(0.5)
    detector = {
        "distance": distance,
        "mean": {"file": "mean.f32", "shape": [8]},
        "basis": {"file": "basis.f32", "shape": [8, 2]},
        "distance_threshold": 4.0,
        "split": "val",
    }
    values = load_bundle_spec(tiny_dir).model_dump() | {"out_of_distribution": detector}
    files = {"mean.f32": np.ones(8, "<f4").tobytes(), "basis.f32": basis.tobytes()}
    spec = BundleSpec.model_validate(values)
    write_bundle(tmp_path / "detecting", spec, (tiny_dir / "model.tflite").read_bytes(), files)
    loaded = OutOfDistributionDetector.load(open_bundle(tmp_path / "detecting"))

    def verdict(embedding):
        zeros = np.zeros((7, 7, 7), np.float32)
        return loaded.verdict(Outputs(np.zeros(7, np.float32), zeros, np.array(embedding, np.float32)))

    inside = verdict([9, 3, 3, 1, 1, 1, 1, 1])  # 8 along the first feature, 2 along both of the diagonal
    assert inside.score == pytest.approx(0, abs=1e-6)
    assert not inside.refused
    outside = verdict([9, 3, 1, 1, 3, 1, 1, 1])  # half of 2^2 off the diagonal, and 2^2 on the fifth
    assert outside.score == pytest.approx(6 / length / 4)
    assert (outside.refused, outside.energy) == (distance == "residual", None)
    assert verdict([1] * 8).score == 0


@pytest.mark.parametrize(
    ("distance", "shapes"),
    [
        ("residual", {"mean": [4], "whitening": [4, 2], "class_means": [7, 2]}),
        ("residual", {"mean": [4], "basis": [5, 2]}),
        ("residual_per_length", {"mean": [4], "whitening": [4, 2], "class_means": [7, 2]}),
        ("nearest_class", {"mean": [4], "basis": [4, 2]}),
        ("nearest_class", {"mean": [4], "whitening": [4, 2], "class_means": [7, 3]}),
    ],
)
def test_a_detector_without_the_arrays_of_its_distance_is_refused(distance, shapes):
    arrays = {name: {"file": f"{name}.f32", "shape": shape} for name, shape in shapes.items()}
    values = {"distance": distance, "distance_threshold": 1.0, "split": "val"} | arrays
    with pytest.raises(ValidationError, match=r"shapes must be mean \[f\]"):
        OutOfDistribution.model_validate(values)


def test_the_engine_applies_the_detector(detecting_dir, squares):
    [prediction] = load_bundle(detecting_dir).predict(squares[0])
    # whitened embedding (-.907, -1.973): squared length 4.71 over the threshold of 4
    assert prediction.out_of_distribution.score == pytest.approx(4.71 / 4, abs=0.01)
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
