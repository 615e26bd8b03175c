"""Weights in a small file: what is written starts the same network, and says what it has seen."""

import numpy as np
import pytest

from dermdistill.errors import ModelError
from dermdistill.models import build_model
from dermdistill.models.portable import is_portable, portable_seen, write_portable


@pytest.fixture(scope="module")
def network():
    import keras

    keras.utils.set_random_seed(3)
    model = build_model("tiny_cnn", num_classes=7, image_size=32)
    model.set_weights([np.asarray(weight) + 0.1 for weight in model.weights])
    return model


@pytest.fixture(scope="module")
def path(network, tmp_path_factory):
    path = tmp_path_factory.mktemp("weights") / "tiny.weights.npz"
    write_portable(path, network, about="a test", seen=["B", "A", "A"], learned_from=())
    return path


def test_a_network_that_starts_there_answers_alike(network, path):
    again = build_model("tiny_cnn", num_classes=7, image_size=32, init=str(path))
    images = np.random.default_rng(0).integers(0, 256, (4, 32, 32, 3), np.uint8)
    expected, got = (model.predict_on_batch(images)["logits"] for model in (network, again))
    np.testing.assert_allclose(got, expected, atol=5e-3 * np.abs(expected).max())
    for first, second in zip(network.weights, again.weights, strict=True):
        np.testing.assert_allclose(np.asarray(second), np.asarray(first), rtol=2**-11, atol=1e-7)


def test_kernels_are_half_as_large_and_what_is_small_stays_exact(network, path):
    with np.load(path) as stored:
        arrays = [stored[name] for name in stored.files if "/" in name]
        assert str(stored["about"]) == "a test"
    assert {array.dtype for array in arrays if array.ndim > 1} == {np.dtype(np.float16)}
    assert {array.dtype for array in arrays if array.ndim == 1} == {np.dtype(np.float32)}
    assert len(arrays) == len(network.weights)


def test_it_says_what_it_has_seen_and_other_files_say_nothing(path, tmp_path):
    assert portable_seen(path) == {"A", "B"}
    np.savez(tmp_path / "torch.npz", **{"features.0.weight": np.zeros(3)})
    (tmp_path / "broken.npz").write_bytes(path.read_bytes()[:100])
    for other in (tmp_path / "torch.npz", tmp_path / "broken.npz", tmp_path / "none.npz"):
        assert not is_portable(other)
        assert portable_seen(other) == frozenset()


@pytest.mark.parametrize(
    ("settings", "message"),
    [(("mobilenet_v3_small", 7), "weights of tiny_cnn"), (("tiny_cnn", 3), "other shapes")],
)
def test_another_network_does_not_start_there(path, settings, message):
    name, classes = settings
    with pytest.raises(ModelError, match=message):
        build_model(name, num_classes=classes, image_size=32, init=str(path))
