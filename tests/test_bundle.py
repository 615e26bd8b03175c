import hashlib
import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime

import numpy as np
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from pydantic import ValidationError

from dermdistill.bundle import (
    ArrayFile,
    BundleSpec,
    SelfTest,
    check_logits,
    class_specs,
    default_bundle_path,
    load_bundle_spec,
    make_self_test,
    open_bundle,
    sealed,
    self_test_image,
    write_bundle,
)
from dermdistill.classes import PRESETS, load_classes
from dermdistill.errors import BundleError
from ham10000 import CLASSES, TABLE

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
        "class_table": "ham10000",
        "classes": class_specs(TABLE),
        "melanoma": "mel",
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
    spec = open_bundle(bundle_dir).spec
    assert spec.codes == CLASSES
    # sha256 of b"model bytes", by coreutils' sha256sum
    assert spec.files["model.tflite"].sha256.startswith("9cb7487000bc86ac")
    assert spec.files["model.tflite"].bytes == 11
    assert sorted(path.name for path in bundle_dir.iterdir()) == ["bundle.json", "mean.f32", "model.tflite"]
    assert list(bundle_dir.parent.iterdir()) == [bundle_dir], "temporary folders stay behind"


def test_an_array_is_raw_little_endian_float32(bundle_dir):
    bundle = open_bundle(bundle_dir)
    values = bundle.array(ArrayFile(file="mean.f32", shape=[2, 2]))
    np.testing.assert_array_equal(values, [[0, 1], [2, 3]])
    with pytest.raises(BundleError, match="holds 4 values"):
        bundle.array(ArrayFile(file="mean.f32", shape=[5]))


@pytest.mark.parametrize("name", ["model.tflite", "mean.f32"])
def test_one_changed_bit_is_refused(bundle_dir, name):
    data = bytearray((bundle_dir / name).read_bytes())
    data[3] ^= 1
    (bundle_dir / name).write_bytes(data)
    with pytest.raises(BundleError, match=f"{name} is damaged or was changed"):
        open_bundle(bundle_dir)


def test_a_missing_file_is_refused(bundle_dir):
    (bundle_dir / "model.tflite").unlink()
    with pytest.raises(BundleError, match=r"model\.tflite cannot be read \(No such file"):
        open_bundle(bundle_dir)


def test_an_unlisted_model_is_refused(bundle_dir):
    spec = load_bundle_spec(bundle_dir)
    without = spec.model_copy(update={"files": {"mean.f32": spec.files["mean.f32"]}})
    (bundle_dir / "bundle.json").write_text(sealed(without).model_dump_json())
    with pytest.raises(BundleError, match=r"lists no checksum for model\.tflite"):
        open_bundle(bundle_dir)


@pytest.mark.parametrize(
    ("key", "value", "where"),
    [
        ("schema_version", 1, "schema_version"),
        ("temperature", 0, "temperature"),
        ("temperature", "NaN", "temperature"),
        ("decision", "coin", "decision"),
        ("surprise", 1, "surprise"),
        ("model_file", "../model.tflite", "model_file"),
        ("class_priors", {"nv": 1.0}, "class_priors"),
        ("class_priors", dict.fromkeys(CLASSES, 0.5), "class_priors must sum to 1"),
        ("melanoma", "scc", "calls scc melanoma"),
        ("classes", [], "fewer than two classes"),
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


def test_its_classes_are_a_table():
    assert BundleSpec.model_validate(spec_values()).table.malignant == TABLE.malignant
    twice = [*class_specs(TABLE)[:6], class_specs(TABLE)[0]]
    with pytest.raises(ValidationError, match="the code akiec twice"):
        BundleSpec.model_validate({**spec_values(), "classes": twice})


@pytest.mark.parametrize(
    ("part", "said"),
    [
        ({"outputs": {"logits": {"shape": [6]}}}, "outputs must have shapes"),
        ({"self_test": {"seed": 1, "expected_logits": [0.0] * 6, "tolerance": 0.01}}, "one logit for each"),
    ],
)
def test_everything_has_as_many_classes(part, said):
    values = spec_values()
    part = {key: {**values[key], **value} for key, value in part.items()}
    with pytest.raises(ValidationError, match=said):
        BundleSpec.model_validate(values | part)


@pytest.mark.parametrize("preset", PRESETS)
def test_a_bundle_of_any_table_is_valid(preset):
    table = load_classes(preset)
    count = len(table)
    outputs = {"logits": [count], "class_maps": [7, 7, count], "embedding": [4]}
    values = spec_values() | {
        "class_table": table.name,
        "classes": class_specs(table),
        "outputs": {name: {"shape": shape} for name, shape in outputs.items()},
        "class_priors": dict.fromkeys(table.codes, 1 / count),
        "self_test": {"seed": 1, "expected_logits": [0.0] * count, "tolerance": 0.01},
    }
    assert BundleSpec.model_validate(values).codes == table.codes


def test_later_parts_fit_in_the_schema_now(tmp_path):
    per_class = dict.fromkeys(CLASSES, 0.8)
    arrays = {
        name: {"file": f"{name}.f32", "shape": shape}
        for name, shape in {"mean": [4], "basis": [4, 2]}.items()
    }
    values = spec_values() | {
        "operating_points": [{"target": "melanoma", "sensitivity": 0.95, "threshold": 0.07, "split": "val"}],
        "conformal": {
            "split": "val",
            "n_calibration": dict.fromkeys(CLASSES, 20),
            "levels": [{"coverage": 0.9, "quantiles": per_class}, {"coverage": 0.95, "quantiles": per_class}],
        },
        "out_of_distribution": {**arrays, "distance_threshold": 9.0, "split": "val"},
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
    extra = {"model_int8.tflite": b"q", "mean.f32": bytes(16)}
    spec = BundleSpec.model_validate(values)
    with pytest.raises(BundleError, match=r"lists no checksum for basis\.f32"):
        write_bundle(tmp_path / "b", spec, b"m", extra)
    assert not (tmp_path / "b").exists(), "a bundle that does not verify must not appear"
    write_bundle(tmp_path / "b", spec, b"m", extra | {"basis.f32": bytes(32)})
    assert open_bundle(tmp_path / "b").spec.conformal.levels[1].coverage == 0.95


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
    assert open_bundle(bundle_dir).spec.version == "0.2.0"
    assert not (bundle_dir / "mean.f32").exists()
    (tmp_path / "thesis").mkdir()
    (tmp_path / "thesis" / "chapter.txt").write_text("years of work")
    with pytest.raises(BundleError, match="is not a bundle"):
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
    open_bundle(shutil.copytree(bundle_dir, tmp_path / "copy"))


def bit_flips(data: bytes, step: int) -> Iterator[bytes]:
    """Every `step`th of the copies that differ by one bit."""
    for place in range(0, 8 * len(data), step):
        changed = bytearray(data)
        changed[place // 8] ^= 1 << place % 8
        yield bytes(changed)


def test_no_changed_bit_of_bundle_json_changes_what_it_says(tmp_path):
    """A threshold of .08 became .88 by one bit. A flip is refused, or says the same, as 0.10 and 0.1 do."""
    spec = load_bundle_spec(default_bundle_path())
    data = (default_bundle_path() / "bundle.json").read_bytes()
    refused = 0
    for changed in bit_flips(data, 151):
        (tmp_path / "bundle.json").write_bytes(changed)
        try:
            assert load_bundle_spec(tmp_path) == spec
        except BundleError:
            refused += 1
    assert refused > 0.99 * len(data) * 8 / 151


def test_a_changed_threshold_is_refused(bundle_dir):
    text = (bundle_dir / "bundle.json").read_text()
    changed = text.replace('"temperature": 1.0', '"temperature": 1.1')
    assert changed != text
    (bundle_dir / "bundle.json").write_text(changed)
    with pytest.raises(BundleError, match="it is not what its spec_sha256 was made of"):
        load_bundle_spec(bundle_dir)


def test_the_hash_is_of_the_canonical_form_of_all_other_fields(bundle_dir):
    values = json.loads((bundle_dir / "bundle.json").read_text())
    said = values.pop("spec_sha256")
    ints = {"conformal": None}  # nothing here is a float that JSON writers spell in two ways, but these
    values["temperature"], values["parity"]["top1_agreement"] = 1, 1
    values["self_test"]["expected_logits"] = [0] * 7
    values["parity"]["max_abs_logit_difference"] = 0.000001
    assert values["conformal"] == ints["conformal"]
    text = json.dumps(values, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    text = text.replace("1e-06", "0.000001").replace("1e-07", "1e-7")
    assert hashlib.sha256(text.encode()).hexdigest() == said


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"temperature": 1.0', '"temperature": 1.0, "temperature": 9.0'),
        ('"temperature": 1.0', '"temperature": NaN'),
        ('"temperature": 1.0', '"temperature": 1e999'),
        ('"n_images": 10', '"n_images": ' + "1" * 5000),
        ('"licences": {', '"licences": ' + "[" * 50_000 + "{"),
    ],
)
def test_json_that_readers_understand_differently_is_refused(bundle_dir, old, new):
    text = (bundle_dir / "bundle.json").read_text()
    assert old in text
    (bundle_dir / "bundle.json").write_text(text.replace(old, new, 1))
    with pytest.raises(BundleError, match="is not a valid bundle") as caught:
        load_bundle_spec(bundle_dir)
    assert len(str(caught.value)) < 500


@pytest.mark.parametrize("name", ["bundle.json", "model.tflite", "mean.f32"])
def test_a_link_in_a_bundle_is_refused_even_to_the_same_bytes(bundle_dir, tmp_path, name):
    (bundle_dir / name).rename(tmp_path / "elsewhere")
    (bundle_dir / name).symlink_to(tmp_path / "elsewhere")
    with pytest.raises(BundleError, match=rf"{name} cannot be read \(it is a link\)"):
        open_bundle(bundle_dir)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="the system has no named pipes")
def test_a_pipe_in_a_bundle_is_refused_without_waiting_for_its_writer(bundle_dir):
    (bundle_dir / "model.tflite").unlink()
    os.mkfifo(bundle_dir / "model.tflite")
    with pytest.raises(BundleError, match="it is not a plain file"):
        open_bundle(bundle_dir)


def test_a_file_longer_than_listed_is_refused_before_it_is_read(bundle_dir):
    with (bundle_dir / "mean.f32").open("r+b") as file:
        file.truncate(1 << 40)  # a hole: it takes no space on the disk, and a terabyte in memory
    with pytest.raises(BundleError, match=r"mean\.f32 is damaged or was changed"):
        open_bundle(bundle_dir)


def signed(bundle_dir, folder):
    """Sign a bundle; return the public key's file."""
    key = Ed25519PrivateKey.generate()
    public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    (folder / "public.pem").write_bytes(public)
    (bundle_dir / "bundle.json.sig").write_bytes(key.sign((bundle_dir / "bundle.json").read_bytes()))
    return folder / "public.pem"


def test_where_a_key_is_named_only_what_it_signed_is_opened(bundle_dir, tmp_path, monkeypatch):
    (tmp_path / "other").mkdir()
    public, other = signed(bundle_dir, tmp_path), signed(bundle_dir, tmp_path / "other")
    assert open_bundle(bundle_dir), "without a key nobody asks"
    monkeypatch.setenv("DERMDISTILL_BUNDLE_KEY", str(other))
    assert open_bundle(bundle_dir)
    monkeypatch.setenv("DERMDISTILL_BUNDLE_KEY", str(public))
    with pytest.raises(BundleError, match="is not the signature of this"):
        open_bundle(bundle_dir)
    (bundle_dir / "bundle.json.sig").unlink()
    with pytest.raises(BundleError, match="ask for a signed bundle"):
        open_bundle(bundle_dir)
    monkeypatch.setenv("DERMDISTILL_BUNDLE_KEY", str(bundle_dir / "bundle.json"))
    with pytest.raises(BundleError, match="is not a readable public key"):
        open_bundle(bundle_dir)


SPEC = "tiny/bundle.json"


def test_a_signature_by_openssl_as_the_documents_show_it(bundle_dir, tmp_path, monkeypatch):
    if shutil.which("openssl") is None:
        pytest.fail("there is no openssl on this machine (Debian, Ubuntu: apt install openssl)")
    for words in (
        ["genpkey", "-algorithm", "ed25519", "-out", "private.pem"],
        ["pkey", "-in", "private.pem", "-pubout", "-out", "public.pem"],
        ["pkeyutl", "-sign", "-rawin", "-inkey", "private.pem", "-in", SPEC, "-out", f"{SPEC}.sig"],
    ):
        subprocess.run(["openssl", *words], cwd=tmp_path, check=True, capture_output=True)
    monkeypatch.setenv("DERMDISTILL_BUNDLE_KEY", str(tmp_path / "public.pem"))
    assert open_bundle(bundle_dir).spec.name == "tiny"
