import importlib
from functools import cache, partial

import keras
import numpy as np
import pytest

from dermdistill.errors import ModelError
from dermdistill.models import build_model, get_model_spec, model_names, register_model
from dermdistill.models.build import scale_input
from dermdistill.models.freeze import backbone_of
from dermdistill.models.registry import ModelSpec

# The module of keras.applications whose preprocess_input says what the published weights expect.
KERAS_MODULE = {
    "densenet169": "densenet",
    "inception_v3_mixed8": "inception_v3",
    "mobilenet_v2": "mobilenet_v2",
    "mobilenet_v2_a35": "mobilenet_v2",
    "mobilenet_v2_a50": "mobilenet_v2",
    "mobilenet_v2_a75": "mobilenet_v2",
    "resnet50": "resnet50",
    "resnet50v2": "resnet_v2",
}
# Some pad by the parity of a declared side: at 112 pixels a stride of 2 meets seven by seven.
PADDED = ("mobilenet_v2", "mobilenet_v3_small", "efficientnet_lite0")
for_any_size = partial(build_model, num_classes=7, image_size=None)
built_once = cache(for_any_size)
WITH_SCALING_INSIDE = ("mobilenet_v3_large", "mobilenet_v3_small")


def test_every_model_is_accounted_for():
    lite = {f"efficientnet_lite{number}" for number in range(3)}
    assert set(model_names()) == {*KERAS_MODULE, *WITH_SCALING_INSIDE, *lite, "efficientnet_b0", "tiny_cnn"}


@pytest.mark.parametrize("name", sorted(KERAS_MODULE))
def test_the_graph_normalises_as_the_published_weights_expect(name):
    image = np.random.default_rng(0).integers(0, 256, (1, 4, 4, 3)).astype(np.float32)
    module = importlib.import_module(f"keras.applications.{KERAS_MODULE[name]}")
    spec, _ = get_model_spec(name)
    scaled = keras.ops.convert_to_numpy(scale_input(image, spec.scaling))
    np.testing.assert_allclose(scaled, module.preprocess_input(image.copy()), rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("name", model_names())
def test_every_model_keeps_the_contract(name):
    model = (built_once if name in PADDED else for_any_size)(name)
    assert model.input.dtype == "uint8"
    assert {key: output.dtype for key, output in model.output.items()} == {
        "logits": "float32",
        "class_maps": "float32",
        "embedding": "float32",
    }
    assert model.output["logits"].shape == (None, 7)
    assert model.output["class_maps"].shape == (None, None, None, 7)
    assert len(model.output["embedding"].shape) == 2
    # What an average of weights takes, and what a network that is filled by arrays answers by.
    assert {weight.dtype for weight in model.weights} == {"float32"}
    if name in WITH_SCALING_INSIDE:
        backbone = next(layer for layer in model.layers if isinstance(layer, keras.Model))
        assert any(isinstance(layer, keras.layers.Rescaling) for layer in backbone.layers)


def test_at_224_pixels_there_are_seven_by_seven_class_maps_whose_mean_is_the_logit():
    model = build_model("mobilenet_v2", num_classes=7)
    assert model.count_params() == pytest.approx(2.26e6, rel=0.01)
    rng = np.random.default_rng(1)
    head = model.get_layer("class_maps")
    head.set_weights([rng.normal(size=head.kernel.shape)])
    bias = rng.normal(size=7).astype(np.float32)
    model.get_layer("logits").set_weights([bias])
    outputs = model(rng.integers(0, 256, (1, 224, 224, 3), np.uint8), training=False)
    maps = keras.ops.convert_to_numpy(outputs["class_maps"])
    assert maps.shape == (1, 7, 7, 7)
    np.testing.assert_allclose(outputs["logits"], maps.mean(axis=(1, 2)) + bias, rtol=1e-4, atol=1e-4)
    embedding = keras.ops.convert_to_numpy(outputs["embedding"])
    np.testing.assert_allclose(outputs["logits"], embedding @ head.kernel[0, 0] + bias, rtol=1e-3, atol=1e-3)


@pytest.mark.parametrize("name", PADDED)
def test_a_model_for_one_image_size_answers_as_the_one_that_was_trained_for_any(name):
    trained = built_once(name)
    scored = build_model(name, num_classes=7, image_size=112)
    scored.set_weights(trained.get_weights())
    image = np.random.default_rng(0).integers(0, 256, (1, 112, 112, 3), np.uint8)
    expected, actual = (model.predict_on_batch(image)["embedding"] for model in (trained, scored))
    np.testing.assert_allclose(actual, expected, rtol=1e-4, atol=1e-4 * np.abs(expected).max())


def test_a_name_is_registered_once_and_an_unknown_one_says_what_there_is():
    with pytest.raises(ModelError, match="twice"):
        register_model("tiny_cnn", ModelSpec(scaling="inside", source="nowhere"))(lambda shape: None)
    with pytest.raises(ModelError, match="mobilenet_v2"):
        build_model("mobilenet_v9", num_classes=7)


@pytest.mark.parametrize(("name", "million"), [("a75", 2.61), ("a50", 1.95), ("a35", 1.66)])
def test_narrower_mobilenets_have_the_published_sizes_and_ask_for_their_own_weights(
    name, million, monkeypatch
):
    asked = []
    whole = keras.applications.MobileNetV2

    def instead_of_a_download(weights, **settings):
        if weights == "imagenet":
            asked.append(settings["alpha"])
        return whole(weights=None, **settings)

    monkeypatch.setattr(keras.applications, "MobileNetV2", instead_of_a_download)
    backbone = backbone_of(build_model(f"mobilenet_v2_{name}", num_classes=7, image_size=32, init="imagenet"))
    assert asked == [int(name[1:]) / 100]
    # The published counts hold a head of 1000 classes on 1280 features.
    assert backbone.count_params() + 1281 * 1000 == pytest.approx(million * 1e6, rel=0.03)
