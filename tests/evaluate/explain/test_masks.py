import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dermdistill.evaluate.explain.masks import (
    blob_as_wide_as,
    centred_blob,
    effective_area,
    heat_inside,
    peak_inside,
)

LEFT = np.zeros((224, 224), np.bool_)
LEFT[:, :112] = True


def hot(*cells, side=7):
    heat = np.zeros((side, side), np.float32)
    for row, column, value in cells:
        heat[row, column] = value
    return heat


def test_even_heat_has_the_masks_share_of_the_image_inside():
    mask = np.zeros((224, 224), np.bool_)
    mask[10:66, 20:132] = True  # 56 x 112 of 224 x 224: one eighth
    assert heat_inside(np.full((7, 7), 3, np.float32), mask) == pytest.approx(1 / 8)


def test_heat_inside_counts_by_strength():
    # Cell (3, 1), pixels 96-127 by 32-63, spreads by at most one cell: to the columns 16-79, all left.
    # Cell (3, 5) spreads to the columns 144-207, all right.
    assert heat_inside(hot((3, 1, 3.0), (3, 5, 1.0)), LEFT) == pytest.approx(3 / 4)
    # The middle cell lies half and half, by symmetry.
    assert heat_inside(hot((3, 3, 2.0)), LEFT) == pytest.approx(1 / 2)
    assert heat_inside(hot((3, 3, 2.0)), ~LEFT) == pytest.approx(1 / 2)


def test_stretching_is_bilinear():
    # Two columns, 1 and 0, on four pixels: half-pixel centres give 1, 3/4, 1/4, 0; the first holds 1 of 2.
    heat = np.array([[1, 0]], np.float32)
    mask = np.array([[True, False, False, False]])
    assert heat_inside(heat, mask) == pytest.approx(1 / 2)


def test_the_peak_is_the_centre_of_the_hottest_cell():
    corner = np.zeros((224, 224), np.bool_)
    corner[13:20, 13:20] = True  # around the centre of the first cell, pixels 15 and 16
    assert peak_inside(hot((0, 0, 1.0), (6, 6, 0.9)), corner) == 1
    assert peak_inside(hot((0, 0, 1.0), (6, 6, 1.1)), corner) == 0
    # Of two equally hot cells one is inside.
    assert peak_inside(hot((0, 0, 1.0), (6, 6, 1.0)), corner) == 0.5
    # The very corner is not the centre of its cell.
    edge = np.zeros((224, 224), np.bool_)
    edge[:8, :8] = True
    assert peak_inside(hot((0, 0, 1.0)), edge) == 0


def test_no_heat_has_no_figure():
    cold = np.zeros((7, 7), np.float32)
    assert math.isnan(heat_inside(cold, LEFT))
    assert math.isnan(peak_inside(cold, LEFT))
    assert math.isnan(effective_area(cold))


def test_effective_area_of_even_cells_is_their_share():
    assert effective_area(hot((0, 0, 2.0), (1, 5, 2.0), (6, 6, 2.0))) == pytest.approx(3 / 49)
    assert effective_area(np.ones((7, 7), np.float32)) == pytest.approx(1)
    assert effective_area(hot((0, 0, 3.0), (1, 5, 1.0))) == pytest.approx(16 / (49 * 10))


def test_the_blob_is_a_gaussian_in_the_middle():
    blob = centred_blob((7, 7), 0.2)
    assert blob[3, 3] == 1
    # One cell aside: exp(-(1/7)^2 / (2 * .04)).
    assert blob[3, 4] == blob[2, 3] == pytest.approx(math.exp(-(1 / 49) / 0.08))
    np.testing.assert_array_equal(blob, blob[::-1].T)
    assert peak_inside(centred_blob((4, 4), 0.2), LEFT) == 0.5  # four cells meet in the middle


@settings(max_examples=20)
@given(st.floats(0.07, 1.5))
def test_the_baseline_is_as_wide_as_the_heat_wherever_that_lies(sigma):
    moved = np.roll(centred_blob((9, 9), sigma), (2, 3), axis=(0, 1))
    blob, found = blob_as_wide_as([moved, np.zeros((9, 9), np.float32)])
    assert effective_area(blob) == pytest.approx(effective_area(moved), rel=1e-2)
    assert found == pytest.approx(sigma, rel=0.03)


@settings(max_examples=30)
@given(st.integers(0, 2**32 - 1))
def test_inside_and_outside_make_one(seed):
    rng = np.random.default_rng(seed)
    heat = rng.random((7, 7), np.float32)
    mask = rng.random((56, 56)) < rng.random()
    assert heat_inside(heat, mask) + heat_inside(heat, ~mask) == pytest.approx(1)
    assert peak_inside(heat, mask) + peak_inside(heat, ~mask) == 1
