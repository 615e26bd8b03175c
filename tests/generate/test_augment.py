import numpy as np
import pytest

from dermdistill.generate.augment import changed, draw_changes

NEUTRAL = {"color": [[0.5, 0.5, 0.5]], "shift": [[0, 0]], "hole": [[-100, -100]]}


@pytest.fixture
def images():
    return np.random.default_rng(0).uniform(-1, 1, (1, 16, 16, 3)).astype(np.float32)


def apply(images, **other):
    drawn = {name: np.array(values, np.float32) for name, values in (NEUTRAL | other).items()}
    return np.asarray(changed(images, drawn))


def test_the_neutral_draw_changes_nothing(images):
    np.testing.assert_allclose(apply(images), images, atol=1e-6)


def test_a_shift_moves_and_fills_with_nothing(images):
    moved = apply(images, shift=[[2, -1]])
    np.testing.assert_allclose(moved[0, 2:, :-1], images[0, :-2, 1:], atol=1e-6)
    assert not moved[0, :2].any()
    assert not moved[0, :, -1].any()


def test_a_hole_is_half_as_wide_as_the_picture(images):
    cut = apply(images, hole=[[8, 8]])
    assert not cut[0, 4:12, 4:12].any()
    np.testing.assert_allclose(cut[0, :4], images[0, :4], atol=1e-6)


def test_colours_change_as_in_the_paper(images):
    np.testing.assert_allclose(apply(images, color=[[0.9, 0.5, 0.5]]), images + 0.4, atol=1e-6)
    grey = apply(images, color=[[0.5, 0.0, 0.5]])
    np.testing.assert_allclose(grey, images.mean(3, keepdims=True).repeat(3, 3), atol=1e-6)
    flat = apply(images, color=[[0.5, 0.5, 0.0]])
    np.testing.assert_allclose(flat.mean(), images.mean(), atol=1e-6)
    assert flat.std() == pytest.approx(images.std() / 2, rel=1e-4)


def test_gradients_pass(images):
    import tensorflow as tf

    drawn = draw_changes(np.random.default_rng(1), 1, 16) | {"hole": np.full((1, 2), -100, np.float32)}
    given = tf.constant(images)
    with tf.GradientTape() as tape:
        tape.watch(given)
        total = tf.reduce_sum(changed(given, drawn))
    slopes = tape.gradient(total, given)
    assert float(tf.reduce_mean(tf.abs(slopes))) > 0.1
