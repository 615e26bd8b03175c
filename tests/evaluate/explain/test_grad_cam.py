import os
import subprocess
import sys

import keras
import numpy as np
import pytest

from dermdistill.evaluate.explain.grad_cam import GradCam, grad_cam
from dermdistill.models import build_model
from synthetic import lesion_image

RNG = np.random.default_rng(4)
CODES = ("mel", "nv", "bcc")
CHOSEN = np.array([4, 5, 0])


def pictures(size):
    return np.stack([lesion_image(code, seed, height=size, width=size) for seed, code in enumerate(CODES)])


def with_random_head(name, size):
    """A model of random weights whose batch-norm statistics fit the pictures, so that no feature is dead."""
    keras.utils.set_random_seed(2)
    model = build_model(name, num_classes=7, image_size=size)
    for layer in model.layers:
        for norm in getattr(layer, "layers", []):
            if isinstance(norm, keras.layers.BatchNormalization):
                norm.momentum = 0.0
    model(pictures(size), training=True)
    head = model.get_layer("class_maps")
    head.set_weights([RNG.normal(size=head.kernel.shape)])
    model.get_layer("logits").set_weights([RNG.normal(size=7)])
    return model


@pytest.mark.parametrize(
    ("name", "size", "side"),
    [
        ("tiny_cnn", 32, 4),
        ("mobilenet_v2", 64, 2),
        pytest.param("resnet50", 64, 2, marks=pytest.mark.slow),
        pytest.param("densenet169", 64, 2, marks=pytest.mark.slow),
    ],
)
def test_the_positive_class_map_is_grad_cam(name, size, side):
    model = with_random_head(name, size)
    images = pictures(size)
    class_maps = model.predict_on_batch(images)["class_maps"]
    cam = GradCam(model)
    features = cam.features(images)
    for code in range(7):
        heat = cam.heat(features, np.full(3, code))
        positive = np.maximum(class_maps[..., code], 0)
        assert heat.shape == (3, side, side)
        np.testing.assert_allclose(heat, positive / side**2, rtol=1e-3, atol=1e-3 * positive.max() / side**2)
    peaks = np.maximum(class_maps, 0).max(axis=(1, 2))
    assert (peaks > 0).mean() > 0.7, "the test must not compare empty maps"


def test_channel_weights_are_the_kernel_over_the_area():
    model = with_random_head("tiny_cnn", 32)
    cam = GradCam(model)
    kernel = keras.ops.convert_to_numpy(model.get_layer("class_maps").kernel)[0, 0]
    gradient = cam.gradient(cam.features(pictures(32)), CHOSEN)
    expected = np.broadcast_to(kernel[:, CHOSEN].T[:, None, None] / 16, gradient.shape)
    np.testing.assert_allclose(gradient, expected, rtol=1e-5)


def test_cut_in_two_the_model_still_gives_its_logits():
    model = with_random_head("tiny_cnn", 32)
    cam = GradCam(model)
    whole = keras.ops.convert_to_numpy(model(pictures(32), training=False)["logits"])
    np.testing.assert_allclose(cam.logits(cam.features(pictures(32))), whole, rtol=1e-4, atol=1e-4)


def bent_model():
    """A model whose head is not linear: its gradient differs from place to place and image to image."""
    keras.utils.set_random_seed(5)
    image = keras.Input((16, 16, 3), dtype="uint8")
    scaled = keras.layers.Rescaling(1 / 64, offset=-2)(keras.ops.cast(image, "float32"))
    features = keras.layers.Conv2D(5, 5, strides=4, activation="tanh")(scaled)
    maps = keras.layers.Conv2D(7, 1, activation="tanh", name="class_maps")(features)
    pooled = keras.layers.GlobalAveragePooling2D()(maps)
    logits = keras.layers.Dense(7)(keras.ops.tanh(keras.layers.Dense(9)(pooled)))
    return keras.Model(image, {"logits": logits, "class_maps": maps})


def bent_logits(model, features):
    """The head of `bent_model` in numpy, float64."""
    kernel, bias = (w.astype(np.float64) for w in model.get_layer("class_maps").get_weights())
    hidden, out = (layer for layer in model.layers if isinstance(layer, keras.layers.Dense))
    pooled = np.tanh(features @ kernel[0, 0] + bias).mean(axis=(1, 2))
    first, second = (layer.get_weights() for layer in (hidden, out))
    return np.tanh(pooled @ first[0] + first[1]) @ second[0] + second[1]


def test_the_gradient_is_that_of_finite_differences():
    model = bent_model()
    cam = GradCam(model)
    features = cam.features(pictures(16))
    exact = features.astype(np.float64)
    np.testing.assert_allclose(cam.logits(features), bent_logits(model, exact), rtol=1e-4, atol=1e-5)
    numeric = np.zeros(features.shape)
    step = 1e-5
    for place in np.ndindex(*features.shape[1:]):
        shift = np.zeros(features.shape)
        shift[:, *place] = step
        rise = bent_logits(model, exact + shift) - bent_logits(model, exact - shift)
        numeric[:, *place] = rise[np.arange(3), CHOSEN] / (2 * step)
    assert np.ptp(numeric, axis=(1, 2)).min() > 0, "a gradient alike everywhere would prove little"
    np.testing.assert_allclose(cam.gradient(features, CHOSEN), numeric, rtol=1e-3, atol=1e-6)
    expected = np.maximum(np.einsum("bhwc,bc->bhw", exact, numeric.mean(axis=(1, 2))), 0)
    np.testing.assert_allclose(cam.heat(features, CHOSEN), expected, rtol=1e-3, atol=1e-6)


JAX = """
import sys
import numpy as np
from dermdistill.evaluate.explain.grad_cam import grad_cam
from dermdistill.models import build_model
model = build_model("tiny_cnn", num_classes=7, image_size=32)
given = np.load(sys.argv[1])
model.set_weights([given[f"arr_{i}"] for i in range(len(model.get_weights()))])
np.save(sys.argv[2], grad_cam(model, given["images"], given["chosen"]))
"""


@pytest.mark.slow
def test_jax_gives_the_same_heat(tmp_path):
    model = with_random_head("tiny_cnn", 32)
    np.savez(tmp_path / "given.npz", *model.get_weights(), images=pictures(32), chosen=CHOSEN)
    subprocess.run(
        [sys.executable, "-c", JAX, str(tmp_path / "given.npz"), str(tmp_path / "heat.npy")],
        check=True,
        env=os.environ | {"KERAS_BACKEND": "jax", "JAX_PLATFORMS": "cpu"},
    )
    expected = grad_cam(model, pictures(32), CHOSEN)
    np.testing.assert_allclose(np.load(tmp_path / "heat.npy"), expected, rtol=1e-3, atol=1e-5)
    assert expected.max() > 0
