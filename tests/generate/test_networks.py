import keras
import numpy as np
import pytest

from dermdistill.generate.layers import SpectralLayer, Styled
from dermdistill.generate.networks import build_discriminator, build_generator
from dermdistill.generate.recipe import NetworkSection

SMALL = NetworkSection(width=4, critic_width=4, noise=6)


@pytest.mark.parametrize("size", [16, 64])
def test_a_picture_depends_on_noise_and_class_and_on_no_other_of_its_batch(size):
    keras.utils.set_random_seed(0)
    generator = build_generator(SMALL, num_classes=3, image_size=size)
    noise = np.random.default_rng(0).normal(size=(3, 6)).astype(np.float32)
    pictures = np.asarray(generator([noise, np.array([0, 0, 1], np.int32)]))
    assert pictures.shape == (3, size, size, 3)
    assert np.abs(pictures).max() <= 1
    np.testing.assert_allclose(
        np.asarray(generator([noise[:1], np.array([0], np.int32)])), pictures[:1], atol=1e-5
    )
    other = np.asarray(generator([noise[:1], np.array([1], np.int32)]))
    assert np.abs(other - pictures[:1]).max() > 1e-3


def test_the_score_depends_on_the_class():
    keras.utils.set_random_seed(0)
    discriminator = build_discriminator(SMALL, num_classes=3, image_size=16)
    images = np.random.default_rng(0).uniform(-1, 1, (2, 16, 16, 3)).astype(np.float32)
    scores = [np.asarray(discriminator([images, np.full(2, k, np.int32)])) for k in range(3)]
    assert scores[0].shape == (2,)
    assert np.abs(scores[0] - scores[1]).max() > 1e-5


def test_the_kernel_is_divided_by_its_largest_singular_value():
    keras.utils.set_random_seed(0)
    layer = SpectralLayer(5)
    inputs = np.random.default_rng(0).normal(size=(4, 7)).astype(np.float32)
    for _ in range(60):  # the power iteration goes on in each step of a training
        layer(inputs, training=True)
    kernel = np.asarray(layer.kernel.value)
    largest = np.linalg.svd(kernel, compute_uv=False)[0]
    np.testing.assert_allclose(np.asarray(layer(inputs)), inputs @ kernel / largest, rtol=1e-3, atol=1e-4)


def test_a_style_sets_mean_and_deviation_of_each_channel():
    layer = Styled()
    features = np.random.default_rng(0).normal(3, 5, (2, 8, 8, 4)).astype(np.float32)
    layer(features, np.zeros((2, 3), np.float32))
    layer.kernel.assign(np.zeros((3, 8)))
    layer.bias.assign(np.array([1, 1, 1, 1, 7, 7, 7, 7]))
    styled = np.asarray(layer(features, np.zeros((2, 3), np.float32)))
    np.testing.assert_allclose(styled.mean((1, 2)), 7, atol=1e-4)
    np.testing.assert_allclose(styled.std((1, 2)), 2, atol=1e-3)
