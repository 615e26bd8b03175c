import numpy as np
import pytest

from dermdistill.imaging import resize_square


@pytest.mark.parametrize("factors", [(2, 2), (3, 2), (4, 5)])
def test_whole_factors_give_block_means(factors):
    rgb = np.random.default_rng(2).integers(0, 256, (224 * factors[0], 224 * factors[1], 3), np.uint8)
    means = rgb.reshape(224, factors[0], 224, factors[1], 3).astype(float).mean((1, 3))
    # Half a grey level of rounding; the 2 x 2 case of OpenCV rounds halves up, others to even.
    assert np.abs(resize_square(rgb) - means).max() <= 0.5 + 1e-4


def area_weights(old, new):
    edges = np.arange(new + 1) * old / new
    low, high = edges[:-1, None], edges[1:, None]
    pixel = np.arange(old)[None]
    return np.clip(np.minimum(high, pixel + 1) - np.maximum(low, pixel), 0, None) * new / old


def test_ham10000_size_gives_exact_area_means():
    rgb = np.random.default_rng(3).integers(0, 256, (450, 600, 3), np.uint8)
    rows, columns = area_weights(450, 224), area_weights(600, 224)
    expected = np.stack([rows @ rgb[:, :, c].astype(float) @ columns.T for c in range(3)], -1)
    assert np.abs(resize_square(rgb) - expected).max() <= 0.5 + 1e-2
