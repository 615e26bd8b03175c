import numpy as np
import pytest
from scipy.special import softmax

from dermdistill.models import build_model
from dermdistill.models.turned import averaged_over_turns


@pytest.fixture(scope="module")
def model():
    model = build_model("tiny_cnn", image_size=None)
    model.get_layer("class_maps").kernel.assign(np.random.default_rng(0).normal(size=(1, 1, 32, 7)))
    return model


@pytest.fixture(scope="module")
def pictures():
    return np.random.default_rng(1).integers(0, 256, (3, 32, 32, 3), dtype=np.uint8)


def test_the_answer_is_the_mean_probability_over_four_quarter_turns(model, pictures):
    turned = [model(np.rot90(pictures, turns, axes=(1, 2)).copy()) for turns in range(4)]
    probs = np.mean([softmax(np.asarray(each["logits"], np.float64), axis=1) for each in turned], axis=0)
    answer = averaged_over_turns(model)(pictures)
    np.testing.assert_allclose(np.exp(answer["logits"]), probs, rtol=1e-4)
    embedding = np.mean([np.asarray(each["embedding"]) for each in turned], axis=0)
    np.testing.assert_allclose(answer["embedding"], embedding, rtol=1e-4, atol=1e-6)


def test_a_turned_picture_is_answered_alike_and_weights_are_shared(model, pictures):
    turned = averaged_over_turns(model)
    quarter = np.ascontiguousarray(np.rot90(pictures, 1, axes=(1, 2)))
    np.testing.assert_allclose(turned(quarter)["logits"], turned(pictures)["logits"], atol=1e-5)
    assert np.abs(np.asarray(model(quarter)["logits"]) - np.asarray(model(pictures)["logits"])).max() > 1e-3
    assert {id(weight) for weight in turned.weights} == {id(weight) for weight in model.weights}
