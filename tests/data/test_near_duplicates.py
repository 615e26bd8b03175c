import numpy as np

from dermdistill.data import near_duplicates as module
from dermdistill.data.near_duplicates import near_duplicates
from synthetic import lesion_images


def expected_pairs(images: np.ndarray, threshold: float) -> set[tuple[int, int]]:
    """By numpy's own correlation of block means of the grey image."""
    grey = (images @ np.array([0.299, 0.587, 0.114])).round()
    n, size = images.shape[:2]
    blocks = grey.reshape(n, 32, size // 32, 32, size // 32).mean((2, 4)).round()
    correlations = np.corrcoef(blocks.reshape(n, -1))
    return {(i, j) for i in range(n) for j in range(i + 1, n) if correlations[i, j] > threshold}


def test_pairs_are_those_of_numpys_correlation_over_all_blocks(monkeypatch):
    images, _ = lesion_images(4, size=64)
    images[9] = np.clip(images[2] * 0.8 + 10, 0, 255)
    images[20] = np.clip(images[2] + np.random.default_rng(0).normal(0, 6, images[2].shape), 0, 255)
    expected = expected_pairs(images, 0.98)
    assert {(2, 9), (2, 20), (9, 20)} <= expected
    for block in (7, 28, 1000):
        monkeypatch.setattr(module, "_BLOCK", block)
        pairs = near_duplicates(images, threshold=0.98)
        assert [(pair.first, pair.second) for pair in pairs] == sorted(expected)


def test_equal_images_are_pairs_of_correlation_one():
    images, _ = lesion_images(1, size=32)
    pairs = near_duplicates(np.concatenate([images, images]))
    assert [(pair.first, pair.second) for pair in pairs] == [(n, n + 7) for n in range(7)]
    assert min(pair.correlation for pair in pairs) > 0.99999
    assert max(pair.correlation for pair in pairs) <= 1


def test_plain_grey_images_are_in_no_pair():
    assert near_duplicates(np.full((3, 32, 32, 3), 100, np.uint8)) == []


def test_no_images_have_no_pairs():
    assert near_duplicates(np.zeros((0, 32, 32, 3), np.uint8)) == []
