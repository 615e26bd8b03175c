"""The script that gives EfficientNet-B0 the kernels of EfficientNet-Lite0."""

import runpy
from pathlib import Path

import keras
import numpy as np
import pytest
from typer import BadParameter

from dermdistill.models.build import scale_input
from dermdistill.models.registry import get_model_spec

SCRIPT = runpy.run_path(str(Path("recipes/teachers") / "efficientnet_b0_start.py"))


@pytest.fixture(scope="module")
def networks():
    rng = np.random.default_rng(0)
    lite0, b0 = (get_model_spec(name)[1]() for name in ("efficientnet_lite0", "efficientnet_b0"))
    lite0.set_weights([rng.uniform(0.05, 0.15, weight.shape) for weight in lite0.weights])
    SCRIPT["fill_from_lite0"](b0, lite0)
    return lite0, b0


@pytest.mark.parametrize(
    ("layer", "source"),
    [
        ("block1a_dwconv", "blocks_0_0_conv_dw"),
        ("block1a_project_conv", "blocks_0_0_conv_pw"),
        ("block2b_dwconv", "blocks_1_1_conv_dw"),
        ("block4c_expand_bn", "blocks_3_2_bn1"),
        ("block7a_project_bn", "blocks_6_0_bn3"),
        ("top_conv", "conv_head"),
    ],
)
def test_each_kernel_is_that_of_the_same_place(networks, layer, source):
    lite0, b0 = networks
    for value, expected in zip(
        b0.get_layer(layer).get_weights(), lite0.get_layer(source).get_weights(), strict=True
    ):
        np.testing.assert_array_equal(value, expected)


def test_a_picture_reaches_the_first_layers_alike(networks):
    lite0, b0 = networks
    image = np.random.default_rng(1).integers(0, 256, (1, 32, 32, 3)).astype(np.float32)
    first = keras.Model(b0.input, b0.get_layer("stem_bn").output)(scale_input(image, "torch"))
    expected = keras.Model(lite0.input, lite0.get_layer("bn1").output)(image / 127.5 - 1)
    # Without the last row and column, where the padding is of another colour.
    np.testing.assert_allclose(first[:, :-1, :-1], expected[:, :-1, :-1], rtol=1e-4, atol=1e-4)


def test_every_excitation_starts_open(networks):
    _, b0 = networks
    gates = [layer.output for layer in b0.layers if layer.name.endswith("se_expand")]
    for gate in keras.Model(b0.input, gates)(np.full((1, 32, 32, 3), 0.4)):
        np.testing.assert_allclose(gate, 1 / (1 + np.exp(-4.0)), rtol=1e-5)


def test_weights_of_another_network_are_one_clear_sentence(tmp_path):
    np.savez(tmp_path / "other.npz", conv=np.zeros(3))
    with pytest.raises(BadParameter, match="no weights for layer 'conv_stem'"):
        SCRIPT["main"](tmp_path / "other.npz", tmp_path / "start.weights.h5")
    assert not list(tmp_path.glob("*.h5"))


def test_the_start_needs_a_name_that_init_knows(tmp_path):
    with pytest.raises(BadParameter, match=r"must end in \.weights\.h5"):
        SCRIPT["main"](tmp_path / "lite0.npz", tmp_path / "start.h5")
