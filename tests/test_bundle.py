import json
import shutil
from datetime import UTC, datetime

import numpy as np
import pytest
from pydantic import ValidationError

from dermdistill.bundle import (
    ArrayFile,
    BundleSpec,
    SelfTest,
    check_logits,
    default_bundle_path,
    load_bundle_spec,
    make_self_test,
    read_array,
    self_test_image,
    verify,
    write_bundle,
)
from dermdistill.errors import BundleError
from dermdistill.taxonomy import CLASSES

PARITY = {
    "split": "val",
    "n_images": 10,
    "max_abs_logit_difference": 1e-6,
    "max_abs_probability_difference": 1e-7,
    "top1_agreement": 1.0,
}


def spec_values() -> dict:
    return {
        "name": "tiny",
        "version": "0.1.0",
        "created": datetime(2026, 11, 1, tzinfo=UTC),
        "licences": {"weights": "CC-BY-NC-4.0"},
        "quantization": "float32",
        "outputs": {
            "logits": {"shape": [7]},
            "class_maps": {"shape": [7, 7, 7]},
            "embedding": {"shape": [4]},
        },
        "class_priors": dict.fromkeys(CLASSES, 1 / 7),
        "decision": "argmax_p",
        "parity": PARITY,
        "self_test": {"seed": 1, "expected_logits": [0.0] * 7, "tolerance": 0.01},
        "training": {
            "architecture": "tiny_cnn",
            "init": "none",
            "recipe": "none",
            "datasets": [],
            "seeds": [1],
        },
    }


@pytest.fixture
def bundle_dir(tmp_path):
    extra = {"mean.f32": np.arange(4, dtype="<f4").tobytes()}
    write_bundle(tmp_path / "tiny", BundleSpec.model_validate(spec_values()), b"model bytes", extra)
    return tmp_path / "tiny"


def test_what_is_written_is_read_back(bundle_dir):
    spec = verify(bundle_dir)
    assert spec.codes == CLASSES
    # sha256 of b"model bytes", by coreutils' sha256sum
    assert spec.files["model.tflite"].sha256.startswith("9cb7487000bc86ac")
    assert spec.files["model.tflite"].bytes == 11
    assert sorted(path.name for path in bundle_dir.iterdir()) == ["bundle.json", "mean.f32", "model.tflite"]
    assert list(bundle_dir.parent.iterdir()) == [bundle_dir], "temporary folders stay behind"


def test_an_array_is_raw_little_endian_float32(bundle_dir):
    spec = load_bundle_spec(bundle_dir)
    values = read_array(bundle_dir, spec, ArrayFile(file="mean.f32", shape=[2, 2]))
    np.testing.assert_array_equal(values, [[0, 1], [2, 3]])
    with pytest.raises(BundleError, match="holds 4 values"):
        read_array(bundle_dir, spec, ArrayFile(file="mean.f32", shape=[5]))


@pytest.mark.parametrize("name", ["model.tflite", "mean.f32"])
def test_one_changed_bit_is_refused(bundle_dir, name):
    data = bytearray((bundle_dir / name).read_bytes())
    data[3] ^= 1
    (bundle_dir / name).write_bytes(data)
    with pytest.raises(BundleError, match=f"{name} is damaged or was changed"):
        verify(bundle_dir)


def test_a_missing_file_is_refused(bundle_dir):
    (bundle_dir / "model.tflite").unlink()
    with pytest.raises(BundleError, match=r"model\.tflite cannot be read \(No such file"):
        verify(bundle_dir)


def test_an_unlisted_model_is_refused(bundle_dir):
    values = json.loads((bundle_dir / "bundle.json").read_text())
    del values["files"]["model.tflite"]
    (bundle_dir / "bundle.json").write_text(json.dumps(values))
    with pytest.raises(BundleError, match=r"lists no checksum for model\.tflite"):
        verify(bundle_dir)


@pytest.mark.parametrize(
    ("key", "value", "where"),
    [
        ("schema_version", 2, "schema_version"),
        ("temperature", 0, "temperature"),
        ("temperature", "NaN", "temperature"),
        ("decision", "coin", "decision"),
        ("surprise", 1, "surprise"),
        ("model_file", "../model.tflite", "model_file"),
        ("class_priors", {"nv": 1.0}, "class_priors"),
        ("class_priors", dict.fromkeys(CLASSES, 0.5), "class_priors must sum to 1"),
        ("created", "2026-11-01T00:00:00", "created"),
    ],
)
def test_a_spec_that_breaks_the_schema_is_one_sentence(bundle_dir, key, value, where):
    values = json.loads((bundle_dir / "bundle.json").read_text())
    values[key] = value
    (bundle_dir / "bundle.json").write_text(json.dumps(values))
    with pytest.raises(BundleError, match=where) as caught:
        load_bundle_spec(bundle_dir)
    assert "\n" not in str(caught.value)


def test_classes_in_another_order_are_refused():
    classes = [{"code": code, "name": code, "risk": "benign"} for code in reversed(CLASSES)]
    with pytest.raises(ValidationError, match="in this order"):
        BundleSpec.model_validate({**spec_values(), "classes": classes})


def test_a_class_with_another_risk_is_refused():
    classes = [{"code": code, "name": code, "risk": "benign"} for code in CLASSES]
    with pytest.raises(ValidationError, match="another risk"):
        BundleSpec.model_validate({**spec_values(), "classes": classes})


def test_later_parts_fit_in_the_schema_now(tmp_path):
    per_class = dict.fromkeys(CLASSES, 0.8)
    arrays = {
        name: {"file": f"{name}.f32", "shape": shape}
        for name, shape in {"mean": [4], "whitening": [4, 2], "class_means": [7, 2]}.items()
    }
    values = spec_values() | {
        "operating_points": [{"target": "mel", "sensitivity": 0.95, "threshold": 0.07, "split": "val"}],
        "conformal": {
            "split": "val",
            "n_calibration": dict.fromkeys(CLASSES, 20),
            "levels": [{"coverage": 0.9, "quantiles": per_class}, {"coverage": 0.95, "quantiles": per_class}],
        },
        "out_of_distribution": {
            **arrays,
            "distance_threshold": 9.0,
            "energy": {"threshold": -1.0},
            "split": "val",
        },
        "variants": [
            {
                "file": "model_int8.tflite",
                "format": "litert",
                "quantization": "int8",
                "parity": PARITY,
                "self_test": spec_values()["self_test"],
            }
        ],
    }
    extra = {"model_int8.tflite": b"q", "mean.f32": bytes(16), "whitening.f32": bytes(32)}
    spec = BundleSpec.model_validate(values)
    with pytest.raises(BundleError, match=r"lists no checksum for class_means\.f32"):
        write_bundle(tmp_path / "b", spec, b"m", extra)
    assert not (tmp_path / "b").exists(), "a bundle that does not verify must not appear"
    write_bundle(tmp_path / "b", spec, b"m", extra | {"class_means.f32": bytes(56)})
    assert verify(tmp_path / "b").conformal.levels[1].coverage == 0.95


def test_a_variant_is_quick_where_the_model_file_turns_its_images_and_it_does_not():
    once = {"file": "once.tflite", "format": "litert", "quantization": "int8", "parity": PARITY}
    once |= {"self_test": spec_values()["self_test"]}
    others = [once | {"file": "a.tflite", "quarter_turns": True}, once | {"file": "a.onnx", "format": "onnx"}]
    turns = {"input": {"size": 224, "quarter_turns": True}}
    spec = BundleSpec.model_validate(spec_values() | turns | {"variants": [*others, once]})
    assert spec.quick == spec.variants[2]
    assert BundleSpec.model_validate(spec_values() | turns | {"variants": others}).quick is None
    assert BundleSpec.model_validate(spec_values() | {"variants": [once]}).quick is None


def test_writing_replaces_a_bundle_but_nothing_else(bundle_dir, tmp_path):
    spec = BundleSpec.model_validate(spec_values() | {"version": "0.2.0"})
    write_bundle(bundle_dir, spec, b"newer")
    assert verify(bundle_dir).version == "0.2.0"
    assert not (bundle_dir / "mean.f32").exists()
    (tmp_path / "thesis").mkdir()
    (tmp_path / "thesis" / "chapter.txt").write_text("years of work")
    with pytest.raises(BundleError, match="is no bundle"):
        write_bundle(tmp_path / "thesis", spec, b"m")
    assert (tmp_path / "thesis" / "chapter.txt").exists()


def test_self_test_image_is_the_documented_integer_formula():
    image = self_test_image(224, seed=5)
    assert image.shape == (224, 224, 3)
    for y, x in [(0, 0), (112, 112), (223, 17)]:
        distance = (2 * y - 223) ** 2 + (2 * x - 223) ** 2
        light = distance * 256 // (2 * 224 * 224)
        pattern = (7 * y + 13 * x + 5) % 32
        expected = [70 + 150 * light // 256, 45 + 130 * light // 256, 40 + 110 * light // 256]
        assert image[y, x].tolist() == [value + pattern for value in expected]


def test_self_test_accepts_the_same_and_refuses_another_answer():
    made = make_self_test(lambda images: images.mean((1, 2, 3))[:, None] * np.ones(7), size=32, tolerance=0.1)
    right = np.array(made.expected_logits)
    check_logits(made, right + 0.09, name="m")
    for wrong in (right + 0.11, right[:6], np.full(7, np.nan)):
        with pytest.raises(BundleError, match="m fails its self-test"):
            check_logits(made, wrong, name="m")
    assert isinstance(made, SelfTest)


def test_default_bundle_can_be_named_by_the_environment(monkeypatch, tmp_path):
    monkeypatch.setenv("DERMDISTILL_BUNDLE", str(tmp_path))
    assert default_bundle_path() == tmp_path
    monkeypatch.delenv("DERMDISTILL_BUNDLE")
    assert default_bundle_path().parent.name == "bundles"


def test_a_folder_that_is_no_bundle_is_said_so(tmp_path):
    with pytest.raises(BundleError, match="give the folder of an exported bundle"):
        load_bundle_spec(tmp_path / "nothing")


def test_copying_a_bundle_keeps_it_valid(bundle_dir, tmp_path):
    verify(shutil.copytree(bundle_dir, tmp_path / "copy"))
