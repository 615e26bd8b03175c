"""What a step's learning rate is, and that steps use it."""

import numpy as np
import pytest
from keras import ops
from keras.optimizers import schedules

from dermdistill.distill.ema import WeightAverage
from dermdistill.distill.objective import Objective
from dermdistill.distill.optimizer import learning_rates, make_optimizer
from dermdistill.distill.recipe import OptimizerSection, Phase
from dermdistill.distill.step.contract import StepInput
from dermdistill.distill.step.make import make_step
from dermdistill.models import build_model


def test_rates_rise_in_a_line_and_fall_by_a_half_cosine():
    phase = Phase(epochs=3, learning_rate=0.4, final_share=0.25, warmup_epochs=1)
    rates = learning_rates(phase, steps_per_epoch=4)
    np.testing.assert_allclose(rates[:4], [0, 0.1, 0.2, 0.3], rtol=1e-6)
    # From 0.4 to a quarter of it: 0.1 + 0.3 * (1 + cos(pi * t / 8)) / 2.
    np.testing.assert_allclose(rates[[4, 8]], [0.4, 0.25], rtol=1e-6)
    assert rates[11] == pytest.approx(0.1 + 0.15 * (1 + np.cos(np.pi * 7 / 8)), rel=1e-6)
    assert len(rates) == 12


def test_rates_are_those_of_kerass_schedule():
    phase = Phase(epochs=2, learning_rate=3e-4, final_share=0.1, warmup_epochs=0.3)
    schedule = schedules.CosineDecay(0.0, 34, alpha=0.1, warmup_target=3e-4, warmup_steps=6)
    expected = [float(schedule(step)) for step in range(20)]
    np.testing.assert_allclose(learning_rates(phase, steps_per_epoch=20)[:20], expected, rtol=1e-5)


def test_without_warm_up_the_first_step_is_the_largest():
    rates = learning_rates(Phase(epochs=2, learning_rate=1e-3), steps_per_epoch=5)
    assert rates[0] == pytest.approx(1e-3)
    assert (np.diff(rates) < 0).all()


def test_a_step_moves_the_weights_by_its_rate():
    model = build_model("tiny_cnn", num_classes=7, image_size=16)
    optimizer = make_optimizer(model.trainable_variables, OptimizerSection(weight_decay=0))
    step = make_step(model, [], optimizer, Objective(), WeightAverage(model, 0.9))
    bias = model.get_layer("logits").bias
    images = np.random.default_rng(0).integers(0, 256, (4, 16, 16, 3), np.uint8)
    targets = np.eye(7, dtype=np.float32)[[0, 0, 0, 0]]
    moves = []
    for rate in (0.0, 0.01, 0.02):
        before = ops.convert_to_numpy(bias)
        step(StepInput(images, targets), rate)
        step.sync()
        moves.append(ops.convert_to_numpy(bias) - before)
    assert not moves[0].any()
    # Adam's steps are about as long as the rate, as long as the gradient keeps its sign.
    np.testing.assert_allclose(np.abs(moves[1]), 0.01, rtol=0.1)
    np.testing.assert_allclose(np.abs(moves[2]), 0.02, rtol=0.1)
