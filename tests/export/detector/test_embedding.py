"""The longer embedding: the old one and means of earlier sums, alike in variance; nothing else changes."""

import numpy as np
import pytest

from dermdistill.export.detector.embedding import last_sums, with_layered_embedding
from dermdistill.export.int8.equalise import equalise
from dermdistill.models.build import build_model
from dermdistill.models.freeze import backbone_of


@pytest.fixture(scope="module")
def student():
    import keras

    keras.utils.set_random_seed(0)
    model = build_model("mobilenet_v2_a75", num_classes=7, image_size=64)
    rng = np.random.default_rng(0)
    for layer in backbone_of(model).layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            layer.gamma.assign(rng.uniform(0.5, 1.5, layer.gamma.shape))
    model.get_layer("class_maps").kernel.assign(rng.normal(size=model.get_layer("class_maps").kernel.shape))
    return model


@pytest.fixture(scope="module")
def images():
    return np.random.default_rng(1).integers(0, 256, (24, 64, 64, 3), np.uint8)


def test_the_widest_stages_end_where_mobilenet_v2_has_its_last_sums(student):
    assert last_sums(backbone_of(student)) == ["block_12_add", "block_15_add"]
    # At three quarters of the width the first two stages are alike, so that the later one stands for both.
    assert last_sums(backbone_of(student), stages=9) == [f"block_{n}_add" for n in (5, 9, 12, 15)]


def test_it_is_the_embedding_and_the_means_of_sums_scaled_to_its_variance(student, images):
    import keras
    import tensorflow as tf

    backbone = backbone_of(student)
    sums = keras.Model(backbone.input, [backbone.get_layer(f"block_{n}_add").output for n in (12, 15)])
    before = student.predict_on_batch(images)["embedding"]
    scaled = tf.cast(images, tf.float32) / 127.5 - 1
    expected = [before]
    for values in sums(scaled, training=False):
        means = values.numpy().mean(axis=(1, 2))
        expected.append(means * np.sqrt(before.var(axis=0).sum() / means.var(axis=0).sum()))
    longer = with_layered_embedding(student, images).predict_on_batch(images)["embedding"]
    np.testing.assert_allclose(longer, np.concatenate(expected, axis=1), rtol=2e-3, atol=2e-5)


def test_the_answers_stay_and_so_does_the_model_itself(student, images):
    before = student.predict_on_batch(images)
    after = with_layered_embedding(student, images).predict_on_batch(images)
    for name in ("logits", "class_maps"):
        np.testing.assert_allclose(after[name], before[name], atol=1e-6)
    np.testing.assert_array_equal(student.predict_on_batch(images)["embedding"], before["embedding"])


def test_a_network_without_sums_keeps_its_embedding(images):
    tiny = build_model("tiny_cnn", num_classes=7, image_size=64)
    assert with_layered_embedding(tiny, images) is tiny


def test_channels_are_equalised_for_int8_as_before(student, images):
    """What stays out of equalising loses more to rounding, so the residual sums must not count as leaving."""
    import keras

    scaled = images.astype(np.float32) / 127.5 - 1
    copy, longer = keras.models.clone_model(student), with_layered_embedding(student, images)
    copy.set_weights(student.get_weights())
    before = longer.predict_on_batch(images)
    groups = equalise(backbone_of(longer), scaled)
    assert groups == equalise(backbone_of(copy), scaled) > 20
    for name, values in longer.predict_on_batch(images).items():
        np.testing.assert_allclose(values, before[name], rtol=1e-3, atol=1e-4, err_msg=name)
