import json
import shutil
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO

import cv2
import numpy as np
import pytest

from dermdistill.bundle import BundleSpec, default_bundle_path, load_bundle_spec, sealed
from dermdistill.errors import BundleError, ImageError
from dermdistill.imaging import decode_image, resize_square
from dermdistill.inference import Prediction, load_bundle
from ham10000 import CLASSES, TABLE


def edit_spec(bundle_dir, **changes):
    """Write a bundle.json with other values, under a right hash, without the self-test's answer."""
    values = json.loads((bundle_dir / "bundle.json").read_text()) | {"self_test_answer": None} | changes
    spec = sealed(BundleSpec.model_validate(values))
    (bundle_dir / "bundle.json").write_text(spec.model_dump_json())


@pytest.fixture
def copied(tiny_dir, tmp_path):
    return shutil.copytree(tiny_dir, tmp_path / "bundle")


def test_float32_gives_what_keras_gave(engine, squares, keras_outputs):
    for index, square in enumerate(squares):
        outputs = engine.outputs(square)
        for name in ("logits", "class_maps", "embedding"):
            np.testing.assert_allclose(getattr(outputs, name), keras_outputs[name][index], atol=1e-4)


def test_int8_outputs_are_dequantised(int8_engine, squares, keras_outputs):
    for index, square in enumerate(squares):
        outputs = int8_engine.outputs(square)
        np.testing.assert_allclose(outputs.logits, keras_outputs["logits"][index], atol=0.3)
        np.testing.assert_allclose(outputs.class_maps, keras_outputs["class_maps"][index], atol=0.8)
        np.testing.assert_allclose(outputs.embedding, keras_outputs["embedding"][index], atol=0.03)


def test_a_prediction_from_the_stored_logits_by_hand(engine, squares, keras_outputs):
    [prediction] = engine.predict(squares[0])
    scaled = np.exp(keras_outputs["logits"][0].astype(float) / 1.5)  # the fixture's temperature
    expected = dict(zip(CLASSES, scaled / scaled.sum(), strict=True))
    assert list(prediction.probs) == list(CLASSES)
    for code in CLASSES:
        assert prediction.probs[code] == pytest.approx(expected[code], abs=1e-5)
    assert prediction.malignant_probability == pytest.approx(
        expected["akiec"] + expected["bcc"] + expected["mel"], abs=1e-5
    )
    # Melanoma has the highest probability, .52; dermatofibroma's .20 over its prior of .01 is larger.
    assert max(prediction.probs, key=prediction.probs.get) == "mel"
    assert prediction.diagnosis == "df"
    assert (prediction.name, prediction.plain) == (TABLE["df"].name, TABLE["df"].plain)
    maps = keras_outputs["class_maps"][0, ..., CLASSES.index("df")]
    np.testing.assert_allclose(prediction.heat_map, np.maximum(maps, 0) / maps.max(), atol=1e-4)
    assert (prediction.bundle.name, prediction.bundle.version) == ("tiny_float32", "0.1.0")
    assert prediction.conformal is None
    assert prediction.out_of_distribution is None


def test_the_decision_rule_is_the_bundles(copied, squares):
    edit_spec(copied, decision="argmax_p")
    assert load_bundle(copied).predict(squares[0])[0].diagnosis == "mel"


def test_bytes_path_string_and_array_give_one_answer(engine, jpeg, tmp_path):
    path = tmp_path / "lesion.jpg"
    path.write_bytes(jpeg)
    rgb = decode_image(jpeg)
    kinds = (jpeg, bytearray(jpeg), memoryview(jpeg), path, str(path), rgb, resize_square(rgb))
    answers = [engine.predict(kind)[0].logits for kind in kinds]
    for logits in answers[1:]:
        np.testing.assert_array_equal(logits, answers[0])


def test_a_list_is_answered_in_order_and_as_alone(engine, squares, jpeg):
    mixed = [squares[2], jpeg, squares[0], squares[1]] * 5
    together = engine.predict(mixed)
    for image, prediction in zip(mixed, together, strict=True):
        np.testing.assert_array_equal(prediction.logits, engine.predict(image)[0].logits)
    batch = engine.predict(squares)
    np.testing.assert_array_equal([p.logits for p in batch], [engine.predict(s)[0].logits for s in squares])


def test_eight_threads_get_the_answers_of_one(engine, squares):
    expected = [engine.outputs(square) for square in squares]

    def ask(number):
        got = engine.outputs(squares[number % 3])
        want = expected[number % 3]
        return all(
            np.array_equal(getattr(got, key), getattr(want, key))
            for key in ("logits", "class_maps", "embedding")
        )

    with ThreadPoolExecutor(8) as workers:
        assert all(workers.map(ask, range(400)))


def test_streaming_goes_on_after_a_bad_image_and_says_which(engine, jpeg):
    answers = list(engine.stream(iter([jpeg, b"no image", jpeg])))
    assert [isinstance(answer, Prediction) for answer in answers] == [True, False, True]
    assert isinstance(answers[1], ImageError)
    assert "image 2 is not an image file" in str(answers[1])
    with pytest.raises(ImageError, match="image 2"):
        engine.predict([jpeg, b"no image"])


def test_streaming_holds_only_a_few_images_at_a_time(engine, squares):
    taken = 0

    def endless():
        nonlocal taken
        while True:
            taken += 1
            yield squares[0]

    answers = engine.stream(endless())
    for _ in range(3):
        next(answers)
    answers.close()
    assert taken <= 4 * engine.threads + 3


@pytest.mark.parametrize("wrong", [3, None, [None], np.zeros((8, 8)), np.zeros((8, 8, 3), np.float32)])
def test_what_is_no_image_is_refused(engine, wrong):
    with pytest.raises(ImageError):
        engine.predict(wrong)


def test_what_is_nearly_an_image_is_refused_by_name(engine, jpeg, tmp_path):
    (tmp_path / "lesion.jpg").write_bytes(jpeg)
    with (tmp_path / "lesion.jpg").open("rb") as file:
        for wrong, kind in ((BytesIO(jpeg), "BytesIO"), (file, "BufferedReader"), ({"a.jpg": jpeg}, "dict")):
            said = rf"is a {kind}; give bytes \(of an open file: its read\(\)\), a path or an RGB array"
            with pytest.raises(ImageError, match=f"^image {said}"):
                engine.predict(wrong)
            with pytest.raises(ImageError, match=f"^image 2 {said}"):
                engine.predict([jpeg, wrong])


def test_a_path_that_cannot_be_one_does_not_end_the_stream(engine, jpeg):
    answers = list(engine.stream([jpeg, "a\0b", "http://x.org/a.jpg", jpeg]))
    assert [isinstance(answer, Prediction) for answer in answers] == [True, False, False, True]
    assert str(answers[1]).startswith(r"'a\x00b' is not a path")
    assert str(answers[2]) == "http://x.org/a.jpg is an address, not a file; download it first."


@pytest.mark.parametrize("threads", [-1, 0, "2", 1.5])
def test_threads_are_a_whole_number(tiny_dir, threads):
    with pytest.raises(
        ValueError, match=f"threads is {threads!r}; give a whole number of at least 1, or None"
    ):
        load_bundle(tiny_dir, threads=threads)


def test_a_changed_model_file_is_refused(copied):
    data = bytearray((copied / "model.tflite").read_bytes())
    data[-1000] ^= 255
    (copied / "model.tflite").write_bytes(data)
    with pytest.raises(BundleError, match="damaged or was changed"):
        load_bundle(copied)


def test_a_model_with_other_answers_is_refused_even_with_the_right_checksum(copied):
    self_test = load_bundle_spec(copied).self_test
    wrong = [*self_test.expected_logits[:6], self_test.expected_logits[6] + 0.02]
    edit_spec(copied, self_test=self_test.model_copy(update={"expected_logits": wrong}).model_dump())
    with pytest.raises(BundleError, match="fails its self-test"):
        load_bundle(copied)


@pytest.mark.parametrize(
    ("key", "value", "reason"),
    [
        ("input", {"size": 96}, r"takes \[1, 224, 224, 3\], bundle.json says \[1, 96, 96, 3\]"),
        (
            "outputs",
            {"logits": {"shape": [7]}, "class_maps": {"shape": [7, 7, 7]}, "embedding": {"shape": [9]}},
            "other outputs",
        ),
    ],
)
def test_a_model_that_does_not_fit_its_description_is_refused(copied, key, value, reason):
    edit_spec(copied, **{key: value})
    with pytest.raises(BundleError, match=reason):
        load_bundle(copied)


def test_a_file_that_is_no_model_is_refused(copied):
    from hashlib import sha256

    junk = b"TFL3" * 100
    (copied / "model.tflite").write_bytes(junk)
    edit_spec(copied, files={"model.tflite": {"sha256": sha256(junk).hexdigest(), "bytes": len(junk)}})
    with pytest.raises(BundleError, match="no LiteRT model"):
        load_bundle(copied)


def test_a_large_photograph_is_answered_like_its_small_copy(engine, jpeg):
    small = decode_image(jpeg)
    large = cv2.imencode(".jpg", cv2.resize(small[..., ::-1], (3600, 2700), interpolation=cv2.INTER_CUBIC))[1]
    [a], [b] = engine.predict(large.tobytes()), engine.predict(jpeg)
    assert a.diagnosis == b.diagnosis
    np.testing.assert_allclose(list(a.probs.values()), list(b.probs.values()), atol=0.01)


@pytest.mark.skipif(not default_bundle_path().is_dir(), reason="no bundle ships yet")
def test_the_shipped_bundle_answers(jpeg):
    [prediction] = load_bundle().predict(jpeg)
    assert list(prediction.probs) == ["akiec", "bcc", "bkl", "df", "mel", "nv", "scc", "vasc"]
    assert sum(prediction.probs.values()) == pytest.approx(1)
    assert prediction.heat_map.max() == pytest.approx(1)
    assert prediction.bundle.name == load_bundle_spec(default_bundle_path()).name
