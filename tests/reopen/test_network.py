"""A bundle's file gives back the Keras network that it was made of, ready to train on."""

import numpy as np
import pytest

from dermdistill.bundle import default_bundle_path, open_bundle
from dermdistill.errors import ModelError
from dermdistill.export.formats import litert
from dermdistill.export.formats.quarter_turns import as_it_answers
from dermdistill.models import build_model, get_model_spec, registry
from dermdistill.models.freeze import backbone_of
from dermdistill.reopen import network
from dermdistill.reopen.network import agreement, reopen

BUNDLE = open_bundle(default_bundle_path())
SHIPPED = BUNDLE.spec
FILE = BUNDLE.contents[SHIPPED.model_file]


@pytest.fixture(scope="module")
def lesions(make_lesion):
    return np.stack([make_lesion(("nv", "mel", "bcc")[seed % 3], seed) for seed in range(24)])


def tiny_spec(quantization):
    training = SHIPPED.training.model_copy(update={"architecture": "tiny_cnn"})
    size = SHIPPED.input.model_copy(update={"size": 64})
    seven = [entry for entry in SHIPPED.classes if entry.code != "scc"]
    changed = {"training": training, "input": size, "quantization": quantization, "classes": seven}
    return SHIPPED.model_copy(update=changed)


@pytest.mark.parametrize(("quantization", "tolerance"), [("float32", 1e-4), ("float16", 0.01), ("int8", 0.1)])
def test_the_network_answers_as_the_one_that_was_exported(student, pictures, quantization, tolerance):
    exact = student.predict_on_batch(pictures)
    made = {
        "float32": lambda: litert.convert_float32(student),
        "float16": lambda: litert.convert_float16(student),
        "int8": lambda: litert.convert_int8(student, pictures),
    }
    again = reopen(tiny_spec(quantization), made[quantization](), pictures).predict_on_batch(pictures)
    spread = exact["logits"].std()
    np.testing.assert_allclose(again["logits"], exact["logits"], atol=tolerance * spread)


def test_it_goes_on_normalising_as_it_does_when_it_answers(student, pictures):
    model = reopen(tiny_spec("float32"), litert.convert_float32(student), pictures)
    backbone, scaled = backbone_of(model), pictures.astype(np.float32) / 127.5 - 1
    asked = np.asarray(backbone(scaled, training=False))
    np.testing.assert_allclose(backbone(scaled, training=True), asked, atol=1e-3 * asked.std())


def test_the_shipped_bundle_opens_again(lesions):
    model = reopen(SHIPPED, FILE, lesions)
    turns = SHIPPED.input.quarter_turns
    assert agreement(model, FILE, lesions, quarter_turns=turns) >= 0.9
    logits = as_it_answers(model, quarter_turns=turns).predict_on_batch(lesions)["logits"]
    of_file = litert.file_logits(FILE, lesions)
    assert np.abs(logits - of_file).mean() < 0.05 * of_file.std()


def test_a_network_that_answers_otherwise_is_refused(lesions):
    always_vascular = build_model("mobilenet_v2", num_classes=7)
    always_vascular.get_layer("logits").bias.assign([0, 0, 0, 0, 0, 0, 9])
    with pytest.raises(ModelError, match=r"answers as the file on only "):
        agreement(always_vascular, FILE, lesions)


def test_a_file_of_another_network_is_refused(lesions):
    training = SHIPPED.training.model_copy(update={"architecture": "mobilenet_v2_a75"})
    with pytest.raises(ModelError, match="holds another network"):
        reopen(SHIPPED.model_copy(update={"training": training}), FILE, lesions)


def test_images_of_another_size_are_refused(pictures):
    with pytest.raises(ModelError, match="looks at 224 pixels, the prepared images have 64"):
        reopen(SHIPPED, FILE, pictures)


def test_a_normalisation_without_a_scale_is_refused(student, pictures, monkeypatch):
    import keras

    made = litert.convert_float32(student)

    def unscaled(*settings, **more):
        model = build_model(*settings, **more)
        for layer in backbone_of(model).layers:
            if isinstance(layer, keras.layers.BatchNormalization):
                layer.scale = False
        return model

    monkeypatch.setattr(network, "build_model", unscaled)
    with pytest.raises(ModelError, match="cannot be reopened"):
        reopen(tiny_spec("float32"), made, pictures)


def test_a_normalisation_before_its_kernel_is_refused(pictures, monkeypatch):
    import keras

    def normalised_first():
        image = keras.Input((None, None, 3))
        x = keras.layers.BatchNormalization(name="first")(image)
        x = keras.layers.Conv2D(8, 3, use_bias=False, name="conv")(x)
        return keras.Model(image, keras.layers.BatchNormalization(name="second")(x), name="odd")

    spec = get_model_spec("tiny_cnn")[0]
    monkeypatch.setitem(registry._REGISTRY, "odd", (spec, normalised_first))
    training = SHIPPED.training.model_copy(update={"architecture": "odd"})
    made = litert.convert_float32(build_model("odd", num_classes=7, image_size=64))
    with pytest.raises(ModelError, match="cannot be reopened"):
        reopen(tiny_spec("float32").model_copy(update={"training": training}), made, pictures)
