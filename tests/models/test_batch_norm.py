"""The fused batch normalisation against Keras's own layer."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from dermdistill.models import build_model
from dermdistill.models.batch_norm import BatchNormalization, fuse_batch_norm
from dermdistill.models.freeze import backbone_of


def plain_and_fused(**settings):
    layers = [
        kind(momentum=0.9, **settings) for kind in (keras.layers.BatchNormalization, BatchNormalization)
    ]
    rng = np.random.default_rng(0)
    for layer in layers:
        layer.build((None, None, None, 5))
    values = [rng.uniform(0.5, 2, weight.shape) for weight in layers[0].weights]
    for layer in layers:
        layer.set_weights(values)
    return layers


def images(dtype="float32"):
    return tf.constant(np.random.default_rng(1).normal(2.0, 3.0, (3, 4, 2, 5)), dtype)


def train(layer, inputs):
    """Output, gradients of its square's weighted sum, and the weights afterwards."""
    weight = tf.constant(np.random.default_rng(2).normal(size=inputs.shape), inputs.dtype)
    with tf.GradientTape() as tape:
        tape.watch(inputs)
        outputs = layer(inputs, training=True)
        total = tf.reduce_sum(tf.cast(weight * outputs * outputs, tf.float32))
    slopes = tape.gradient(total, [inputs, *[variable.value for variable in layer.trainable_variables]])
    return outputs, slopes, layer.get_weights()


@pytest.mark.parametrize("settings", [{}, {"scale": False}, {"center": False, "epsilon": 0.1}])
def test_training_gives_what_kerass_layer_gives(settings):
    plain, fused = plain_and_fused(**settings)
    (expected, slopes, weights), (actual, fused_slopes, fused_weights) = (
        train(layer, images()) for layer in (plain, fused)
    )
    np.testing.assert_allclose(actual, expected, rtol=1e-5, atol=1e-5)
    for one, other in zip(fused_slopes, slopes, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-4, atol=1e-4)
    for one, other in zip(fused_weights, weights, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-5, atol=1e-6)


def test_the_moving_statistics_are_those_of_the_batch():
    _, fused = plain_and_fused()
    before = fused.moving_mean.numpy(), fused.moving_variance.numpy()
    pixels = images().numpy().reshape(-1, 5)
    fused(images(), training=True)
    np.testing.assert_allclose(fused.moving_mean, 0.9 * before[0] + 0.1 * pixels.mean(0), rtol=1e-5)
    np.testing.assert_allclose(fused.moving_variance, 0.9 * before[1] + 0.1 * pixels.var(0), rtol=1e-5)


@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
def test_inference_and_frozen_layers_use_the_moving_statistics_and_leave_them(dtype):
    policy, tolerance = ("float32", 1e-5) if dtype == "float32" else ("mixed_bfloat16", 0.02)
    plain, fused = plain_and_fused(dtype=policy)
    before = fused.get_weights()
    expected = tf.cast(plain(images(dtype), training=False), tf.float32)
    answers = [fused(images(dtype), training=False)]
    fused.trainable = False
    answers.append(fused(images(dtype), training=True))
    for answer in answers:
        assert answer.dtype == dtype
        np.testing.assert_allclose(tf.cast(answer, tf.float32), expected, rtol=tolerance, atol=tolerance)
    np.testing.assert_array_equal(np.concatenate(fused.get_weights()), np.concatenate(before))


def test_in_bfloat16_the_output_is_bfloat16_and_the_statistics_are_not():
    plain, fused = plain_and_fused(dtype="mixed_bfloat16")
    (expected, _, weights), (actual, _, fused_weights) = (
        train(layer, images("bfloat16")) for layer in (plain, fused)
    )
    assert actual.dtype == tf.bfloat16
    np.testing.assert_allclose(
        tf.cast(actual, tf.float32), tf.cast(expected, tf.float32), rtol=0.02, atol=0.02
    )
    for one, other in zip(fused_weights, weights, strict=True):
        assert one.dtype == np.float32
        np.testing.assert_allclose(one, other, rtol=1e-5, atol=1e-6)


def test_vectors_go_kerass_way():
    layer = BatchNormalization(momentum=0.5)
    rows = np.array([[1.0], [3.0]], np.float32)
    np.testing.assert_allclose(layer(rows, training=True), [[-1.0], [1.0]], atol=1e-3)
    np.testing.assert_allclose(layer.moving_variance, [1.0])


@pytest.mark.parametrize("name", ["mobilenet_v2", "mobilenet_v3_small", "efficientnet_lite0", "tiny_cnn"])
def test_every_batch_norm_of_a_built_backbone_is_fused(name):
    kinds = {
        type(layer)
        for layer in backbone_of(build_model(name, num_classes=7)).layers
        if isinstance(layer, keras.layers.BatchNormalization)
    }
    assert kinds == {BatchNormalization}


def test_weights_files_of_kerass_own_network_and_of_the_fused_one_are_the_same(tmp_path):
    plain = keras.applications.MobileNetV2(
        weights=None, include_top=False, alpha=0.35, input_shape=(None, None, 3)
    )
    fused = fuse_batch_norm(plain)
    for source, target in ((plain, fused), (fused, plain)):
        source.set_weights([np.random.default_rng(3).normal(size=w.shape) for w in source.get_weights()])
        target.set_weights([np.zeros(w.shape) for w in target.get_weights()])
        source.save_weights(tmp_path / "x.weights.h5")
        target.load_weights(tmp_path / "x.weights.h5")
        for one, other in zip(target.get_weights(), source.get_weights(), strict=True):
            np.testing.assert_array_equal(one, other)
