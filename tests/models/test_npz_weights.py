import math

import keras
import numpy as np
import pytest

from dermdistill.errors import ModelError
from dermdistill.models import build_model
from dermdistill.models.freeze import backbone_of
from dermdistill.models.weights import load_npz_weights


def arrays_for(backbone):
    """Random arrays in PyTorch's layout for every layer of a backbone."""
    rng = np.random.default_rng(0)
    arrays = {}
    for layer in backbone.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            for part in ("weight", "bias", "running_mean", "running_var"):
                arrays[f"{layer.name}.{part}"] = rng.uniform(0.5, 1.5, layer.gamma.shape).astype(np.float16)
        elif isinstance(layer, keras.layers.DepthwiseConv2D):
            height, width, channels, _ = layer.kernel.shape
            arrays[f"{layer.name}.weight"] = rng.normal(size=(channels, 1, height, width))
        elif isinstance(layer, keras.layers.Conv2D):
            height, width, inputs, outputs = layer.kernel.shape
            arrays[f"{layer.name}.weight"] = rng.normal(size=(outputs, inputs, height, width))
    return arrays


def test_a_convolution_computes_what_the_other_layout_says(tmp_path):
    image = keras.Input((5, 5, 2))
    x = keras.layers.Conv2D(3, 3, use_bias=False, name="conv")(image)
    x = keras.layers.DepthwiseConv2D(3, use_bias=False, name="depthwise")(x)
    network = keras.Model(image, keras.layers.BatchNormalization(epsilon=1e-3, name="norm")(x))
    arrays = arrays_for(network)
    np.savez(tmp_path / "start.npz", **arrays)
    load_npz_weights(network, tmp_path / "start.npz")
    pixels = np.random.default_rng(1).normal(size=(5, 5, 2))
    # Worked out window by window in PyTorch's index order.
    windows = np.array([[pixels[y : y + 3, x : x + 3] for x in range(3)] for y in range(3)])
    middle = np.einsum("yxhwi,oihw->yxo", windows, arrays["conv.weight"])
    deep = np.einsum("hwc,chw->c", middle, arrays["depthwise.weight"][:, 0])
    scale = arrays["norm.weight"] / np.sqrt(arrays["norm.running_var"].astype(float) + 1e-3)
    expected = (deep - arrays["norm.running_mean"]) * scale + arrays["norm.bias"]
    np.testing.assert_allclose(network.predict(pixels[None], verbose=0)[0, 0, 0], expected, rtol=1e-4)


@pytest.mark.parametrize(("number", "published"), [(0, 4_652_008), (1, 5_416_680), (2, 6_092_072)])
def test_efficientnet_lite_takes_a_whole_checkpoint_and_has_the_published_size(number, published, tmp_path):
    model = build_model(f"efficientnet_lite{number}", num_classes=7)
    backbone = backbone_of(model)
    # 1,281,000 parameters are the 1,000-class layer that is not here.
    assert sum(math.prod(weight.shape) for weight in backbone.trainable_variables) == published - 1_281_000
    assert model.output["class_maps"].shape[1:3] == (7, 7)
    assert backbone.output.shape[-1] == 1280
    np.savez(tmp_path / "start.npz", **arrays_for(backbone))
    model = build_model(
        f"efficientnet_lite{number}", num_classes=7, image_size=None, init=str(tmp_path / "start.npz")
    )
    stem = backbone_of(model).get_layer("conv_stem").kernel
    with np.load(tmp_path / "start.npz") as stored:
        np.testing.assert_allclose(stem[1, 2, 0, 5], stored["conv_stem.weight"][5, 0, 1, 2], rtol=1e-6)


@pytest.mark.parametrize("damage", ["missing", "shape", "file"])
def test_arrays_of_another_network_are_refused_in_a_sentence(damage, tmp_path):
    path = tmp_path / "start.npz"
    backbone = backbone_of(build_model("tiny_cnn", num_classes=7))
    arrays = arrays_for(backbone)
    if damage == "missing":
        del arrays["norm_2.running_var"]
    elif damage == "shape":
        arrays["conv_2.weight"] = arrays["conv_2.weight"][:, :-1]
    np.savez(path, **arrays)
    if damage == "file":
        path.write_bytes(b"no archive")
    with pytest.raises(ModelError, match=r"another network|no \.npz archive"):
        build_model("tiny_cnn", num_classes=7, init=str(path))
