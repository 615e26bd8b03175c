import keras
import numpy as np
import pytest

from dermdistill.errors import ModelError
from dermdistill.models import build_model, get_model_spec, load_run_model
from dermdistill.models.build import scale_input
from dermdistill.models.freeze import backbone_of, freeze_until, set_batch_norm_momentum
from dermdistill.models.weights import load_initial_weights


def test_a_backbone_file_fills_the_backbone_and_leaves_the_head(tmp_path):
    source = build_model("tiny_cnn", num_classes=7, image_size=32)
    path = tmp_path / "start.weights.h5"
    backbone_of(source).save_weights(path)
    model = build_model("tiny_cnn", num_classes=7, image_size=None, init=str(path))
    for one, other in zip(backbone_of(model).get_weights(), backbone_of(source).get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)


def test_a_truncated_network_starts_with_the_first_layers_of_the_downloaded_network(monkeypatch):
    whole = keras.applications.InceptionV3(weights=None, include_top=False, input_shape=(96, 96, 3))
    downloads = []

    def download(**settings):
        downloads.append(settings["weights"])
        return whole

    image = np.random.default_rng(0).integers(0, 256, (1, 96, 96, 3), dtype=np.uint8)
    expected = keras.Model(whole.input, whole.get_layer("mixed8").output)(image / 127.5 - 1)
    spec, build_truncated = get_model_spec("inception_v3_mixed8")
    truncated = build_truncated()
    monkeypatch.setattr(keras.applications, "InceptionV3", download)
    load_initial_weights(None, truncated, spec, "imagenet")
    assert downloads == ["imagenet"]
    np.testing.assert_allclose(truncated(image / 127.5 - 1), expected, atol=1e-6)


def test_a_network_that_begins_later_answers_as_the_downloaded_one_does(monkeypatch):
    """Keras's EfficientNet-B0: its own normalisation, and, with ImageNet weights, a layer that mends it."""
    rng = np.random.default_rng(0)
    spec, build = get_model_spec("efficientnet_b0")
    backbone = build()
    whole = keras.applications.EfficientNetB0(weights=None, include_top=False, input_shape=(64, 64, 3))
    whole.set_weights([rng.uniform(0.05, 0.15, weight.shape) for weight in whole.weights])
    monkeypatch.setattr(keras.applications, "EfficientNetB0", lambda **_: whole)
    load_initial_weights(None, backbone, spec, "imagenet")

    image = rng.integers(0, 256, (1, 64, 64, 3)).astype(np.float32)
    mean, deviation = np.array([0.485, 0.456, 0.406]), np.array([0.229, 0.224, 0.225])
    normalised = (image / 255 - mean) / np.sqrt(deviation)  # as the published weights have it
    mended = normalised / np.sqrt(deviation)
    expected = keras.Model(whole.get_layer("stem_conv_pad").input, whole.output)(mended)
    np.testing.assert_allclose(backbone(scale_input(image, spec.scaling)), expected, rtol=1e-4)


@pytest.mark.parametrize(
    ("init", "sentence"),
    [
        ("somewhere", "not a starting point"),
        ("missing.weights.h5", "do not load"),
        ("missing.h5", "do not load"),
        ("imagenet", "no ImageNet weights"),
    ],
)
def test_a_start_that_is_not_there_is_one_clear_sentence(init, sentence, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ModelError, match=sentence):
        build_model("tiny_cnn", num_classes=7, init=init)


def test_weights_of_another_network_are_refused(tmp_path):
    other = keras.Sequential([keras.Input((4,)), keras.layers.Dense(3)])
    path = tmp_path / "other.weights.h5"
    other.save_weights(path)
    with pytest.raises(ModelError, match="do not load"):
        build_model("tiny_cnn", num_classes=7, init=str(path))


@pytest.mark.parametrize(
    "content", ["", '{"recipe": ', "[]", "{}", '{"recipe": {"model": {"name": "tiny_cnn"}}}']
)
def test_a_run_whose_config_is_damaged_is_refused(content, tmp_path):
    build_model("tiny_cnn", num_classes=7, image_size=32).save_weights(tmp_path / "best.weights.h5")
    (tmp_path / "config.json").write_text(content)
    with pytest.raises(ModelError, match=r"config\.json (cannot|does not say which model).*train again"):
        load_run_model(tmp_path)


def test_freezing_keeps_the_first_layers_and_can_be_undone():
    model = build_model("tiny_cnn", num_classes=7, image_size=32)
    everything = len(model.trainable_variables)
    freeze_until(model, "norm_1")
    assert len(model.trainable_variables) == everything - 3  # a kernel, gamma, beta
    freeze_until(model, None)
    assert len(model.trainable_variables) == everything
    with pytest.raises(ModelError, match="no layer"):
        freeze_until(model, "block_99")


def test_batch_norm_momentum_reaches_every_norm():
    model = build_model("tiny_cnn", num_classes=7, image_size=32)
    set_batch_norm_momentum(model, 0.5)
    norms = [
        layer for layer in backbone_of(model).layers if isinstance(layer, keras.layers.BatchNormalization)
    ]
    assert [norm.momentum for norm in norms] == [0.5, 0.5, 0.5]
