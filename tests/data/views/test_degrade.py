"""Each way of degrading an image does what it says; draws repeat."""

import numpy as np
import pytest

from dermdistill.data.views.degrade import (
    barred,
    blurred,
    degraded,
    degraded_copies,
    exposed,
    noisy,
    ringed,
    shaken,
    tinted,
    zoomed,
)


@pytest.fixture
def image():
    """Grey with a bright square in the middle half."""
    picture = np.full((64, 64, 3), 100, np.uint8)
    picture[16:48, 16:48] = 200
    return picture


def test_tint_and_exposure_move_levels_as_the_formula_says(image):
    assert tinted(image, 1.1, 0.5)[0, 0].tolist() == [110, 100, 50]
    assert exposed(image, 2.0)[0, 0, 0] == round(255 * (100 / 255) ** 2)
    assert tinted(image, 2.0, 1.0)[32, 32].tolist() == [255, 200, 200]


def test_a_zoom_fills_the_picture_with_its_middle(image):
    assert (zoomed(image, 0.5) == 200).all()
    np.testing.assert_array_equal(zoomed(image, 1.0), image)


def test_a_blur_spreads_an_edge_and_keeps_what_is_flat(image):
    soft = blurred(image, 2)[32, :, 0].astype(int)
    assert (soft[0], soft[32]) == (100, 200)
    assert soft[15] + soft[16] == pytest.approx(300, abs=1)
    assert 130 < soft[15] < soft[16] < 170


def test_shaking_spreads_an_edge_across_its_own_direction_alone(image):
    row, column = shaken(image, 9, 0)[32, :, 0].astype(int), shaken(image, 9, 0)[:, 32, 0].astype(int)
    np.testing.assert_array_equal(column, image[:, 32, 0])
    np.testing.assert_allclose(row[11:21], 100 + 100 * np.arange(10) / 9, atol=1)  # rises over nine pixels
    np.testing.assert_allclose(shaken(image, 9, 90)[:, 32, 0], row, atol=1)
    assert (shaken(np.full_like(image, 77), 7, 33) == 77).all()


def test_noise_has_the_spread_it_was_asked_for():
    flat = np.full((200, 200, 3), 128, np.uint8)
    result = noisy(flat, 8, np.random.default_rng(0)).astype(float)
    assert result.std() == pytest.approx(8, abs=0.1)
    assert result.mean() == pytest.approx(128, abs=0.1)


def test_a_ring_blackens_the_corners_and_bars_two_sides(image):
    ring = ringed(image, 0.45)
    assert ring[0, 0].max() == ring[32, 0].max() == 0
    assert (ring[16:48, 16:48] == 200).all()
    sides, ends = barred(image, 0.125), barred(image, 0.125, axis=0)
    assert sides[:, :8].max() == sides[:, -8:].max() == 0
    assert (sides[0, 8:-8] == 100).all()
    np.testing.assert_array_equal(ends, sides.transpose(1, 0, 2))


def test_a_draw_repeats_and_draws_differ(image):
    draws = [degraded(image, np.random.default_rng(seed)) for seed in range(12)]
    np.testing.assert_array_equal(draws[3], degraded(image, np.random.default_rng(3)))
    assert len({draw.tobytes() for draw in draws}) >= 10
    assert {(draw.shape, draw.dtype) for draw in draws} == {(image.shape, np.dtype(np.uint8))}
    assert image[0, 0, 0] == 100  # the image itself stays


def test_copies_are_degraded_by_their_position(image):
    other = 255 - image
    copies = list(degraded_copies([image, other, image]))
    for copy, again in zip(copies, degraded_copies([image, image, image]), strict=True):
        assert (copy.shape, copy.dtype) == (image.shape, np.dtype(np.uint8))
        assert np.array_equal(copy, again) == (copy is not copies[1])
    assert not np.array_equal(copies[0], copies[2])
