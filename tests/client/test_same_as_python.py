"""The browser's engine computes what Python's does, on the same input: every step around the network."""

import cv2
import numpy as np
import pytest

from dermdistill.bundle import BundleSpec, default_bundle_path, open_bundle, self_test_image
from dermdistill.bundle.verdicts import OutOfDistribution
from dermdistill.imaging import resize_square
from dermdistill.inference import check_quality, scale_heat
from dermdistill.inference.conformal import conformal_sets
from dermdistill.inference.out_of_distribution import OutOfDistributionDetector
from dermdistill.inference.pictures.kind import PictureRecogniser, seen_picture, spec_for, sure_kind
from dermdistill.inference.probabilities import calibrate, decide, malignant_probability
from dermdistill.inference.quality.hair import hair_over
from dermdistill.inference.quality.lesion_region import lesion_region
from synthetic import lesion_image, with_hair

from .engine import as_bytes, run_engine

SIZE = 224
BUNDLE = open_bundle(default_bundle_path())
SPEC = BUNDLE.spec
SIZES = [
    (600, 450),  # HAM10000's size
    (224, 224),  # nothing to do
    (448, 448),  # blocks of four, which OpenCV rounds in a way of its own
    (672, 896),  # whole factors
    (225, 777),
    (1000, 1333),
    (100, 80),  # enlarged
    (1000, 150),  # enlarged one way, squeezed the other
    (1200, 100),  # where a last bit decides which pixel is read
    (200, 170),
    (100, 200),
    (3, 2),
    (1, 1),
]


def noise(width, height):
    return np.random.default_rng(width * height).integers(0, 256, (height, width, 3), np.uint8)


def lesion(width, height):
    return lesion_image("mel", 5, height=height, width=width)


@pytest.mark.parametrize("draw", [noise, lesion])
def test_every_pixel_is_resized_alike(draw):
    pictures = [draw(width, height) for width, height in SIZES]
    calls = [("squash", rgb, rgb.shape[1], rgb.shape[0], SIZE) for rgb in pictures]
    for rgb, (width, height), squashed in zip(pictures, SIZES, run_engine(*calls), strict=True):
        different = as_bytes(squashed, (SIZE, SIZE, 3)) != resize_square(rgb, SIZE)
        assert not different.any(), f"{width} x {height}: {different.sum()} values differ"


@pytest.mark.parametrize(("size", "seed"), [(224, 1), (225, 65535)])
def test_the_self_test_image_is_the_same(size, seed):
    [image] = run_engine(("self_test_image", size, seed))
    np.testing.assert_array_equal(as_bytes(image, (size, size, 3)), self_test_image(size, seed))


def rimmed(light):
    """A lesion inside a dermatoscope's black rim."""
    y, x = np.mgrid[:450, :450]
    rgb = lesion_image("nv", 2, height=450, width=600)[:, 75:525] * light
    return np.where(np.hypot(y - 225, x - 225)[..., None] > 180, 0, rgb).astype(np.uint8)


NAEVUS = lesion_image("nv", 2, height=450, width=600)
PHOTOGRAPHS = {
    "blurred": cv2.GaussianBlur(NAEVUS, (0, 0), 12),
    "too_dark": NAEVUS // 8,
    "too_bright": 255 - (255 - NAEVUS) // 12,
    "too_small": cv2.resize(NAEVUS, (150, 120), interpolation=cv2.INTER_AREA),
    "out_of_frame": NAEVUS[225:, 150:450],
    "hair": with_hair(NAEVUS[:, 75:525], 9, seed=4),
    "too_dark inside a rim": rimmed(0.25),
    "nothing: a rim": rimmed(1),
    "nothing: noise": noise(300, 300),
}


def test_a_photograph_has_the_same_warnings():
    squares = [resize_square(rgb, SIZE) for rgb in PHOTOGRAPHS.values()]
    sides = [min(rgb.shape[:2]) for rgb in PHOTOGRAPHS.values()]
    calls = [("quality", square, SIZE, side) for square, side in zip(squares, sides, strict=True)]
    given = run_engine(*calls)
    for name, square, side, codes in zip(PHOTOGRAPHS, squares, sides, given, strict=True):
        assert codes == [warning.code for warning in check_quality(square, shorter_side=side)], name
        assert name.startswith("nothing") or name.split()[0] in codes
    assert "too_dark" not in given[list(PHOTOGRAPHS).index("nothing: a rim")]


def test_the_lesion_s_region_and_the_hair_over_it_are_the_same():
    pictures = [lesion_image(code, seed) for code in ("mel", "bkl", "vasc", "nv") for seed in (1, 2)]
    squares = [resize_square(with_hair(rgb, 6, seed=3), SIZE) for rgb in pictures]
    greys = [cv2.cvtColor(square, cv2.COLOR_RGB2GRAY) for square in squares]
    regions = [lesion_region(square) for square in squares]
    found = run_engine(*(("lesion_region", square, SIZE) for square in squares))
    for region, answered in zip(regions, found, strict=True):
        np.testing.assert_array_equal(as_bytes(answered, region.shape), region)
    hair = run_engine(
        *(("hair_over", grey, SIZE, region) for grey, region in zip(greys, regions, strict=True))
    )
    expected = [hair_over(grey, region) for grey, region in zip(greys, regions, strict=True)]
    assert max(expected) > 0.01
    assert hair == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("decision", ["argmax_p_over_prior", "argmax_p"])
def test_logits_are_read_alike(decision):
    spec = SPEC.model_copy(update={"decision": decision})
    logits = np.random.default_rng(7).normal(0, 3, (200, len(spec.codes))).astype(np.float32)
    described = spec.model_dump(mode="json")
    read = run_engine(*(("read_logits", row.tolist(), described) for row in logits))
    for row, given in zip(logits, read, strict=True):
        probs = calibrate(row, spec.temperature)
        assert given["probabilities"] == pytest.approx(list(probs), abs=1e-12)
        assert given["chosen"] == decide(probs, spec)
        assert given["malignant_probability"] == pytest.approx(malignant_probability(probs, spec), abs=1e-12)
        sets = conformal_sets(dict(zip(spec.codes, probs.tolist(), strict=True)), spec.conformal)
        assert [(s["coverage"], tuple(s["codes"])) for s in given["conformal"]] == [
            (s.coverage, s.codes) for s in sets
        ]


def shipped_detector():
    parameters = SPEC.out_of_distribution
    return parameters, tuple(BUNDLE.array(array) for array in parameters.arrays)


def made_up_detector(distance="residual_per_length"):
    rng = np.random.default_rng(3)
    files = {name: {"file": name, "shape": shape} for name, shape in {"mean": [6], "basis": [6, 2]}.items()}
    parameters = OutOfDistribution(distance=distance, distance_threshold=7.0, split="val", **files)
    return parameters, tuple(
        rng.normal(0, 1, tuple(array.shape)).astype(np.float32) for array in parameters.arrays
    )


def plain_residual():
    return made_up_detector("residual")


@pytest.mark.parametrize("made", [shipped_detector, made_up_detector, plain_residual])
def test_what_is_no_lesion_is_told_alike(made):
    parameters, arrays = made()
    detector = OutOfDistributionDetector(parameters, tuple(array.astype(np.float64) for array in arrays))
    rng = np.random.default_rng(4)
    embeddings = np.abs(rng.normal(0, 2, (20, len(arrays[0])))).astype(np.float32)
    values = [array.ravel().tolist() for array in arrays]
    [judged] = run_engine(("judge", parameters.model_dump(mode="json"), values, embeddings.tolist()))
    for embedding, given in zip(embeddings, judged, strict=True):
        expected = detector.verdict(embedding)
        assert given["score"] == pytest.approx(expected.score, rel=1e-9)
        assert given["refused"] is expected.refused


@pytest.mark.parametrize("refused", [False, True])
def test_the_kind_of_picture_and_its_numbers_are_the_same(refused):
    clinical = {
        "temperature": 2.5,
        "class_priors": dict.fromkeys(SPEC.codes, 1 / len(SPEC.codes)),
        "operating_points": [
            point.model_dump() | {"threshold": point.threshold / 2} for point in SPEC.operating_points
        ],
    }
    described = SPEC.model_dump() | {
        "pictures": {
            "weights": {"file": "weights.f32", "shape": SPEC.outputs["embedding"].shape},
            "bias": -0.25,
            "split": "test",
            "kinds": {"dermoscopic": {}, "clinical": clinical},
        }
    }
    spec = BundleSpec.model_validate(described)
    rng = np.random.default_rng(8)
    weights = rng.normal(0, 0.1, SPEC.outputs["embedding"].shape).astype(np.float32)
    embeddings = rng.normal(0, 1, (30, len(weights))).astype(np.float32)
    recogniser = PictureRecogniser(spec.pictures, weights.astype(np.float64))
    call = ("see_picture", spec.model_dump(mode="json"), weights.tolist(), embeddings.tolist(), refused)
    [seen] = run_engine(call)
    kinds = set()
    for embedding, given in zip(embeddings, seen, strict=True):
        p = recogniser.dermoscopic_probability(embedding)
        kinds.add(sure_kind(p, spec.pictures.sure_from))
        assert given["dermoscopic_probability"] == pytest.approx(p, rel=1e-9)
        assert given["kind"] == seen_picture(p, refused=refused).kind
        expected = spec_for(spec, sure_kind(p, spec.pictures.sure_from)).model_dump(mode="json")
        assert given["numbers"] == {name: expected[name] for name in given["numbers"]}
    assert kinds == {"dermoscopic", "clinical", None}


def test_a_heat_map_is_scaled_alike():
    maps = np.random.default_rng(5).normal(0, 1, (7, 7, 3)).astype(np.float32)
    calls = [("scale_heat", maps.ravel().tolist(), list(maps.shape), chosen) for chosen in range(3)]
    for chosen, heat in enumerate(run_engine(*calls)):
        np.testing.assert_allclose(heat, scale_heat(maps[..., chosen]), atol=6e-5)
