import keras
import numpy as np
import pytest

from dermdistill.errors import ModelError
from dermdistill.models import build_model
from dermdistill.models.freeze import backbone_of
from dermdistill.models.narrowing import narrow_weights


def test_the_channels_that_do_something_are_kept_and_the_rest_cut():
    """A wide network of which all but so many channels are dead computes what the narrow one does."""
    wide = backbone_of(build_model("mobilenet_v2", image_size=64))
    narrow = backbone_of(build_model("mobilenet_v2_a50", image_size=64))
    rng = np.random.default_rng(0)
    alive = {}  # by width: what is added along a residual connection has the same channels alive
    for layer in wide.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            gamma, beta, mean, variance = (
                rng.uniform(0.5, 1.5, value.shape) for value in layer.get_weights()
            )
            width, count = len(gamma), narrow.get_layer(layer.name).gamma.shape[0]
            dead = np.ones(width, bool)
            dead[alive.setdefault(width, rng.permutation(width)[:count])] = False
            gamma[dead] = beta[dead] = 0
            layer.set_weights([gamma, beta, mean, variance])
    narrow_weights(wide, narrow)
    images = rng.uniform(-1, 1, (2, 64, 64, 3)).astype(np.float32)
    expected = np.asarray(wide(images))
    assert expected.std() > 0.1
    np.testing.assert_allclose(np.asarray(narrow(images)), expected, atol=1e-3)


def test_a_narrow_network_starts_from_the_file_of_a_wide_one(tmp_path):
    wide = backbone_of(build_model("mobilenet_v2", image_size=64))
    path = tmp_path / "wide.weights.h5"
    wide.save_weights(path)
    narrow = backbone_of(build_model("mobilenet_v2_a75", image_size=64, init=f"narrowed:{path}"))
    filters = narrow.get_layer("Conv1").get_weights()[0].reshape(27, -1).T
    all_filters = wide.get_layer("Conv1").get_weights()[0].reshape(27, -1).T
    assert len(filters) == 24
    assert {tuple(row) for row in filters} <= {tuple(row) for row in all_filters}
    weakest_kept, strengths = np.abs(filters).sum(1).min(), np.abs(all_filters).sum(1)
    assert (strengths > weakest_kept).sum() == 23


@pytest.mark.parametrize(
    ("name", "init"), [("mobilenet_v2", "narrowed:imagenet"), ("mobilenet_v2_a50", "narrowed:.")]
)
def test_what_cannot_be_narrowed_is_one_clear_sentence(name, init):
    with pytest.raises(ModelError, match="takes a narrow network"):
        build_model(name, image_size=64, init=init)


def test_a_network_of_another_family_is_refused():
    narrow = backbone_of(build_model("mobilenet_v2_a35", image_size=64))
    with pytest.raises(ModelError, match="same family"):
        narrow_weights(backbone_of(build_model("tiny_cnn", image_size=64)), narrow)
    with pytest.raises(ModelError, match="same family"):
        narrow_weights(narrow, backbone_of(build_model("mobilenet_v2", image_size=64)))
