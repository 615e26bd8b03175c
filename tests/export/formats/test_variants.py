"""ONNX and float16 files of a tiny student, each opened by its own runtime and compared with Keras."""

import hashlib
from importlib import util

import numpy as np
import pytest

from dermdistill.bundle import check_logits, load_bundle_spec, self_test_image
from dermdistill.errors import BundleError
from dermdistill.export.formats import onnx, variants
from dermdistill.export.formats.litert import convert_float16, convert_float32, opened
from dermdistill.export.formats.variants import check_variants, prove_variant


@pytest.fixture(scope="module")
def images(tiny_run):
    return np.load(tiny_run[0].data_dirs[0] / "images.npy")[::20]


def test_onnx_gives_every_output_under_its_name_for_any_batch(tiny_run, images):
    _, _, model = tiny_run
    outputs = onnx.opened(onnx.convert_onnx(model))(images)
    expected = model.predict_on_batch(images)
    assert set(outputs) == {"logits", "class_maps", "embedding"}
    for name, values in outputs.items():
        np.testing.assert_allclose(values, expected[name], atol=1e-4, err_msg=name)


def test_float16_halves_the_file_and_rounds_little(tiny_run, images):
    _, _, model = tiny_run
    data = convert_float16(model)
    # The tiny net is mostly graph, so less than half of its file is weights.
    assert len(data) < 0.8 * len(convert_float32(model))
    expected = model.predict_on_batch(images)["logits"]
    got = np.concatenate([opened(data)(image[None]) for image in images])
    difference = np.abs(got - expected).max()
    assert 0 < difference < 0.02 * np.abs(expected).max()


def test_a_bundle_holds_its_variants_with_checksum_parity_and_self_test(tiny_run, tmp_path):
    from dermdistill.export.export import export_run
    from dermdistill.export.settings import Settings

    settings = Settings(
        name="tiny", version="1.0.0", quantization="float32", variants=("float16", "onnx"), resamples=20
    )
    export_run(*tiny_run, tmp_path / "bundle", settings, on_progress=lambda *_: None)
    spec = load_bundle_spec(tmp_path / "bundle")
    assert [(v.file, v.format, v.quantization) for v in spec.variants] == [
        ("model_float16.tflite", "litert", "float16"),
        ("model.onnx", "onnx", "float32"),
    ]
    for variant in spec.variants:
        data = (tmp_path / "bundle" / variant.file).read_bytes()
        assert spec.files[variant.file].sha256 == hashlib.sha256(data).hexdigest()
        assert (variant.parity.split, variant.parity.n_images) == ("val", spec.parity.n_images)
        is_onnx = variant.format == "onnx"
        assert variant.parity.max_abs_probability_difference <= (1e-3 if is_onnx else 0.05)
        image = self_test_image(96, variant.self_test.seed)[None]
        logits = onnx.opened(data)(image)["logits"] if is_onnx else opened(data)(image)
        check_logits(variant.self_test, logits, name=variant.file)


def test_a_variant_that_answers_differently_is_refused(tiny_run, images):
    from dermdistill.export.parity import measure_parity

    _, _, model = tiny_run
    true = model.predict_on_batch(images)["logits"]
    labels = np.zeros(len(images), np.intp)

    def measure(logits):
        return measure_parity(
            true + np.eye(7)[0] / 10, logits, labels, split="val", rule="argmax_p", priors=np.ones(7)
        )

    with pytest.raises(BundleError, match=r"model\.onnx \(float32\) differs too much.*nothing was written"):
        prove_variant(
            "onnx",
            onnx.convert_onnx(model),
            "int8",
            images,
            measure,
            size=96,
            quarter_turns=False,
        )


def test_what_cannot_be_made_is_refused_before_any_work(monkeypatch):
    with pytest.raises(BundleError, match="is float32 already"):
        check_variants(["float32"], "float32", quarter_turns=False)
    with pytest.raises(BundleError, match="looks once already"):
        check_variants(["one_view"], "int8", quarter_turns=False)
    monkeypatch.setattr(onnx, "find_spec", lambda name: None if name == "tf2onnx" else util.find_spec(name))
    with pytest.raises(BundleError, match=r"ONNX needs tf2onnx, .*dermdistill\[onnx\]"):
        check_variants(["onnx"], "int8", quarter_turns=False)
    check_variants(["float32", "float16"], "int8", quarter_turns=False)
    with pytest.raises(BundleError, match="four views already"):
        check_variants(["careful"], "int8", quarter_turns=True)
    check_variants(["one_view"], "int8", quarter_turns=True)
    check_variants(["careful"], "int8", quarter_turns=False)
    assert set(variants.VARIANTS) == {"float32", "float16", "onnx", "one_view", "careful"}
