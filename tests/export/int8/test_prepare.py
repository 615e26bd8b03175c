"""Equalising and folding change nothing in float; correcting takes off what rounding adds."""

import numpy as np
import pytest

from dermdistill.export.int8.bias_correction import added_by_rounding, rounded
from dermdistill.export.int8.equalise import equalise
from dermdistill.export.int8.prepare import ready_for_int8


@pytest.fixture(scope="module")
def inverted_residuals():
    """A backbone with what MobileNetV2 is made of: expansion, depthwise, projection, a residual addition."""
    import keras
    from keras import layers

    keras.utils.set_random_seed(3)
    image = keras.Input((32, 32, 3))

    def normalised(x, relu):
        x = layers.BatchNormalization()(x)
        return layers.ReLU(6.0)(x) if relu else x

    x = normalised(layers.Conv2D(8, 3, strides=2, padding="same", use_bias=False)(image), True)
    x = normalised(layers.Conv2D(6, 1, use_bias=False)(x), False)
    y = normalised(layers.Conv2D(24, 1, use_bias=False)(x), True)
    y = layers.ZeroPadding2D(1)(y)
    y = normalised(layers.DepthwiseConv2D(3, use_bias=False)(y), True)
    y = normalised(layers.Conv2D(6, 1, use_bias=False)(y), False)
    y = layers.Add()([x, y])
    y = normalised(layers.Conv2D(16, 1, use_bias=False)(y), True)
    model = keras.Model(image, y)
    rng = np.random.default_rng(0)
    for layer in model.layers:
        if isinstance(layer, layers.BatchNormalization):
            layer.gamma.assign(np.exp(rng.normal(-1, 1, layer.gamma.shape)))  # loud and quiet channels
            layer.beta.assign(rng.normal(0, 0.3, layer.beta.shape))
    return model


def _copy(model):
    import keras

    copy = keras.models.clone_model(model)
    copy.set_weights(model.get_weights())
    return copy


def test_equalised_channels_give_the_same_answers(inverted_residuals):
    images = np.random.default_rng(1).normal(size=(16, 32, 32, 3)).astype(np.float32)
    model = _copy(inverted_residuals)
    # Five groups: stem, residual stream, expansion, depthwise; the last leaves the backbone.
    assert equalise(model, images) == 4
    np.testing.assert_allclose(model(images), inverted_residuals(images), atol=2e-5)


def test_quiet_channels_get_loud(inverted_residuals):
    import keras

    images = np.random.default_rng(1).normal(size=(16, 32, 32, 3)).astype(np.float32)
    model = _copy(inverted_residuals)
    relu = next(layer for layer in model.layers if isinstance(layer, keras.layers.ReLU))
    listener = keras.Model(model.input, relu.output)
    before = np.asarray(listener(images)).max(axis=(0, 1, 2))
    equalise(model, images)
    after = np.asarray(listener(images)).max(axis=(0, 1, 2))
    assert before.min() < 2
    heard = before > 6 / 64
    np.testing.assert_allclose(after[heard], np.maximum(before[heard], 6 / 1.1), rtol=1e-3)


def test_rounding_by_hand():
    kernel = np.zeros((1, 1, 2, 2))
    kernel[0, 0] = [[1.27, 0.5], [0.634, 0.0]]  # steps .01 and .5/127
    np.testing.assert_allclose(rounded(kernel, depthwise=False)[0, 0], [[1.27, 0.5], [0.63, 0.0]])
    added = added_by_rounding(kernel, np.array([10.0, 100.0]), False)
    np.testing.assert_allclose(added, [-0.4, 0.0], atol=1e-6)


def test_depthwise_kernels_round_by_channel():
    kernel = np.zeros((1, 2, 2, 1))
    kernel[0, :, 0, 0], kernel[0, :, 1, 0] = [1.27, 0.004], [12.7, 0.04]
    np.testing.assert_allclose(
        added_by_rounding(kernel, np.array([2.0, 3.0]), True), [-0.008, -0.12], atol=1e-6
    )


def test_a_ready_student_differs_by_the_correction_alone(tiny_run):
    _, _, model = tiny_run
    images = np.load(tiny_run[0].data_dirs[0] / "images.npy")[:16]
    ready = ready_for_int8(model, images)
    before, after = (np.asarray(m(images)["logits"]) for m in (model, ready))
    assert 0 < np.abs(after - before).max() < 0.1 * before.std()
    assert model.get_layer("logits") is not ready.get_layer("logits")


def test_a_silent_channel_is_not_made_so_loud_that_the_runtime_refuses_its_weights(inverted_residuals):
    """XNNPACK takes no weight whose step is 256 times the step of the output."""
    import keras

    images = np.random.default_rng(1).normal(size=(16, 32, 32, 3)).astype(np.float32)
    model = _copy(inverted_residuals)
    layer = next(it for it in model.layers if isinstance(it, keras.layers.DepthwiseConv2D))
    normalisation = layer._outbound_nodes[0].operation
    gamma, beta = (np.array(each) for each in (normalisation.gamma, normalisation.beta))
    gamma[0], beta[0] = 1000 / np.abs(np.asarray(layer.kernel)[:, :, 0]).max(), -1e4  # silent: 0 after ReLU
    normalisation.gamma.assign(gamma)
    normalisation.beta.assign(beta)
    expected = model(images)
    equalise(model, images)
    np.testing.assert_allclose(model(images), expected, atol=2e-5)
    weights = np.abs(np.asarray(layer.kernel)[:, :, 0]).max() * np.asarray(normalisation.gamma)[0]
    # What it reads has become louder, so it may too, but not to the 1,000 again. The variance is 1.
    assert weights == pytest.approx(500, rel=0.01)
