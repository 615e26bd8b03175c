"""One picture has one answer: the browser's is Python's, whatever the size, the format or the orientation."""

import cv2
import numpy as np
import pytest

from dermdistill.imaging import resize_square
from dermdistill.inference import load_bundle
from dermdistill.inference.interpreter import LiteRTModel
from dermdistill.inference.out_of_distribution import OutOfDistributionDetector
from dermdistill.inference.probabilities import calibrate
from dermdistill.web.api.answers import answer
from exif import with_orientation
from synthetic import lesion_image

from .clinic import careful_bundle
from .engine import ask_engine, ask_engine_live, prepare
from .server import serving

REAL_IMAGES = 24


@pytest.fixture(scope="module")
def python():
    return load_bundle(threads=1)


@pytest.fixture(scope="module")
def open_page(browser, server):
    page = browser.new_page(base_url=server.address)
    page.goto("/")
    assert prepare(page)["engine"] == "device"
    yield page
    page.close()


def encoded(rgb, extension, *options):
    return cv2.imencode(extension, cv2.cvtColor(rgb, cv2.COLOR_RGB2BGR), options)[1].tobytes()


def assert_same(browser_answer, prediction, *, tolerance=0.01):
    """Probabilities agree within a hundredth at most; all that follows from them must be the same."""
    expected = answer(prediction).model_dump()
    assert browser_answer["engine"] == "device"
    for name in ("diagnosis", "name", "plain", "risk", "quality", "conformal", "assessment"):
        assert browser_answer[name] == expected[name], name
    for code, p in expected["probabilities"].items():
        assert browser_answer["probabilities"][code] == pytest.approx(p, abs=tolerance), code
    assert browser_answer["malignant_probability"] == pytest.approx(
        expected["malignant_probability"], abs=tolerance
    )
    detector, expected_detector = browser_answer["out_of_distribution"], expected["out_of_distribution"]
    assert detector["refused"] == expected_detector["refused"]
    assert detector["score"] == pytest.approx(expected_detector["score"], rel=0.05)
    difference = np.abs(np.array(browser_answer["heat_map"]) - expected["heat_map"])
    assert difference.mean() < 0.03
    assert difference.max() < 0.25


# Larger, enlarged, and squeezed one way. More sizes, and the faults of a photograph, are compared without a
# browser in tests/client/test_same_as_python.py.
@pytest.mark.parametrize(("width", "height"), [(600, 450), (100, 80), (1000, 150)])
def test_a_lossless_picture_has_the_same_answer_to_a_thousandth(open_page, python, width, height):
    picture = encoded(lesion_image("mel", 5, height=height, width=width), ".png")
    [prediction] = python.predict(picture)
    assert_same(ask_engine(open_page, picture), prediction, tolerance=0.001)


def test_a_frame_of_the_camera_is_looked_at_once_where_pictures_are_turned(browser, tmp_path):
    rgb = lesion_image("bcc", 5, height=448, width=448)
    picture = encoded(rgb, ".png")
    bundle = careful_bundle(tmp_path / "careful")
    with serving("--bundle", str(bundle)) as server, browser.new_page(base_url=server.address) as page:
        page.goto("/")
        assert prepare(page)["engine"] == "device"
        frame, still = ask_engine_live(page, picture), ask_engine(page, picture)
    python = load_bundle(bundle, threads=1)
    quick = python.spec.quick
    looks_once = LiteRTModel(python.bundle.contents[quick.file], python.spec, name=quick.file)
    outputs = looks_once(resize_square(rgb, python.spec.input.size))
    expected = calibrate(outputs.logits, python.spec.temperature)
    assert list(frame["probabilities"].values()) == pytest.approx(list(expected), abs=0.001)
    assert list(still["probabilities"].values()) != pytest.approx(list(expected), abs=0.01)
    # Each has its own threshold, of which the score is a share.
    distance = OutOfDistributionDetector.load(python.bundle).distance(outputs.embedding)
    assert frame["out_of_distribution"]["score"] == pytest.approx(
        distance / quick.distance_threshold, rel=0.05
    )


def test_a_frame_has_the_answer_of_a_picture_where_the_bundle_looks_once(open_page, python):
    picture = encoded(lesion_image("bcc", 5, height=448, width=448), ".png")
    assert python.spec.quick is None
    assert ask_engine_live(open_page, picture)["probabilities"] == pytest.approx(
        ask_engine(open_page, picture)["probabilities"]
    )


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_jpeg_is_seen_upright(open_page, python, orientation):
    picture = encoded(lesion_image("bcc", 8, height=450, width=600), ".jpg", cv2.IMWRITE_JPEG_QUALITY, 92)
    turned = with_orientation(picture, orientation)
    [prediction] = python.predict(turned)
    assert_same(ask_engine(open_page, turned, "image/jpeg"), prediction)


@pytest.mark.parametrize("diagnosis", ["bkl", "df", "mel", "vasc"])
def test_a_phone_s_large_photograph_has_the_same_answer_to_a_thousandth(open_page, python, diagnosis):
    rgb = lesion_image(diagnosis, 9, height=1008, width=1344)
    rgb = rgb + np.random.default_rng(1).normal(0, 5, rgb.shape)  # a sensor's noise
    jpeg = encoded(rgb.clip(0, 255).astype(np.uint8), ".jpg", cv2.IMWRITE_JPEG_QUALITY, 90)
    [prediction] = python.predict(jpeg)
    assert_same(ask_engine(open_page, jpeg, "image/jpeg"), prediction, tolerance=0.001)


def test_real_images_have_the_same_answers(open_page, python, ham10000_dir):
    paths = sorted((ham10000_dir / "images").glob("*.jpg"))
    for path in paths[:: len(paths) // REAL_IMAGES]:
        picture = path.read_bytes()
        [prediction] = python.predict(picture)
        assert_same(ask_engine(open_page, picture, "image/jpeg"), prediction)
