import keras
import numpy as np
import pytest

from dermdistill.errors import ModelError
from dermdistill.models import build_model
from dermdistill.models.freeze import backbone_of, freeze_until, set_batch_norm_momentum


def test_a_backbone_file_fills_the_backbone_and_leaves_the_head(tmp_path):
    source = build_model("tiny_cnn", image_size=32)
    path = tmp_path / "start.weights.h5"
    backbone_of(source).save_weights(path)
    model = build_model("tiny_cnn", image_size=None, init=str(path))
    for one, other in zip(backbone_of(model).get_weights(), backbone_of(source).get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize(
    ("init", "sentence"),
    [
        ("somewhere", "no starting point"),
        ("missing.weights.h5", "do not load"),
        ("missing.h5", "do not load"),
        ("imagenet", "no ImageNet weights"),
    ],
)
def test_a_start_that_is_not_there_is_one_clear_sentence(init, sentence, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ModelError, match=sentence):
        build_model("tiny_cnn", init=init)


def test_weights_of_another_network_are_refused(tmp_path):
    other = keras.Sequential([keras.Input((4,)), keras.layers.Dense(3)])
    path = tmp_path / "other.weights.h5"
    other.save_weights(path)
    with pytest.raises(ModelError, match="do not load"):
        build_model("tiny_cnn", init=str(path))


def test_freezing_keeps_the_first_layers_and_can_be_undone():
    model = build_model("tiny_cnn", image_size=32)
    everything = len(model.trainable_variables)
    freeze_until(model, "norm_1")
    assert len(model.trainable_variables) == everything - 3  # a kernel, gamma, beta
    freeze_until(model, None)
    assert len(model.trainable_variables) == everything
    with pytest.raises(ModelError, match="no layer"):
        freeze_until(model, "block_99")


def test_batch_norm_momentum_reaches_every_norm():
    model = build_model("tiny_cnn", image_size=32)
    set_batch_norm_momentum(model, 0.5)
    norms = [
        layer for layer in backbone_of(model).layers if isinstance(layer, keras.layers.BatchNormalization)
    ]
    assert [norm.momentum for norm in norms] == [0.5, 0.5, 0.5]
