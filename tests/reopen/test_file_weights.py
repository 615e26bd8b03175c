import numpy as np
import pytest

from dermdistill.export.formats import litert
from dermdistill.models import build_model
from dermdistill.models.freeze import backbone_of
from dermdistill.reopen.file_weights import FileWeights


@pytest.fixture(scope="module")
def model():
    model = build_model("tiny_cnn", num_classes=7, image_size=64)
    rng = np.random.default_rng(0)
    gamma, beta, mean, variance = rng.uniform(0.5, 2, (4, 8))
    backbone_of(model).get_layer("norm_1").set_weights([gamma, beta, mean, variance])
    model.get_layer("logits").bias.assign(np.arange(7))
    return model


def test_numbered_layers_are_told_apart():
    import keras

    image = keras.Input((8, 8, 3), batch_size=1)
    first = keras.layers.Conv2D(4, 3, name="conv")(image)
    model = keras.Model(image, keras.layers.Conv2D(6, 3, name="conv_1")(keras.layers.ReLU()(first)))
    found = FileWeights(litert.convert_float32(model)).kernels(["conv_1", "conv"])
    for name, (kernel, _) in found.items():
        np.testing.assert_allclose(kernel, model.get_layer(name).kernel, atol=1e-6)
    assert set(found) == {"conv", "conv_1"}


@pytest.mark.parametrize(
    ("convert", "tolerance"), [(litert.convert_float32, 1e-5), (litert.convert_float16, 2e-3)]
)
def test_a_kernel_has_its_normalisation_folded_in(model, convert, tolerance):
    backbone = backbone_of(model)
    kernel = np.asarray(backbone.get_layer("conv_1").kernel)
    norm = backbone.get_layer("norm_1")
    gamma, beta, mean, variance = norm.get_weights()
    factor = gamma / np.sqrt(variance + norm.epsilon)
    weights = FileWeights(convert(model))
    found = weights.kernels(["conv_1", "class_maps", "conv_9"])
    assert set(found) == {"conv_1", "class_maps"}
    first, bias = found["conv_1"]
    np.testing.assert_allclose(first, kernel * factor, atol=tolerance)
    np.testing.assert_allclose(bias, beta - mean * factor, atol=tolerance)
    np.testing.assert_array_equal(weights.added("logits"), np.arange(7))
    assert weights.added("conv_1") is None
