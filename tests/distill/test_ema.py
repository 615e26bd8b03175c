"""The weights that are validated and kept: the average, mixed with the start."""

import numpy as np
import pytest
from keras import ops

from dermdistill.distill.ema import WeightAverage
from dermdistill.models import build_model


def bias_of(model):
    return ops.convert_to_numpy(model.get_layer("logits").bias)


@pytest.mark.parametrize(("share", "expected"), [(0.0, 3.0), (0.5, 2.0), (0.25, 2.5)])
def test_what_is_kept_lies_between_start_and_average(share, expected):
    model = build_model("tiny_cnn", num_classes=7, image_size=16)
    bias = model.get_layer("logits").bias
    bias.assign(np.full(7, 1.0))
    average = WeightAverage(model, 0.0, share)  # without decay the average is the weight itself
    bias.assign(np.full(7, 3.0))
    average.update()
    with average.applied():
        np.testing.assert_allclose(bias_of(model), expected, rtol=1e-6)
    np.testing.assert_allclose(bias_of(model), 3.0)


def test_the_average_follows_the_weights_by_its_decay():
    model = build_model("tiny_cnn", num_classes=7, image_size=16)
    bias = model.get_layer("logits").bias
    bias.assign(np.zeros(7))
    average = WeightAverage(model, 0.9)
    for weight in (1.0, 2.0):
        bias.assign(np.full(7, weight))
        average.update()
    # Decays of 1/10 and 2/11: .9, then .9 * 2/11 + 2 * 9/11.
    with average.applied():
        np.testing.assert_allclose(bias_of(model), 0.9 * 2 / 11 + 2 * 9 / 11, rtol=1e-5)
