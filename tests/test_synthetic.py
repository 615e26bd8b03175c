"""The pictures that other tests learn from must themselves be what they claim."""

import numpy as np
import pytest

from ham10000 import CLASSES
from synthetic import lesion_image, lesion_images


def test_a_picture_is_rgb_uint8_of_the_size_asked_for_and_repeats():
    first = lesion_image("mel", 7, height=45, width=60)
    assert first.shape == (45, 60, 3)
    assert first.dtype == np.uint8
    np.testing.assert_array_equal(first, lesion_image("mel", 7, height=45, width=60))
    assert (first != lesion_image("mel", 8, height=45, width=60)).mean() > 0.5


def test_a_lesion_is_darker_than_the_skin_around_it():
    for diagnosis in CLASSES:
        image = lesion_image(diagnosis, 3, height=64, width=64).astype(float)
        corners = image[[0, 0, -1, -1], [0, -1, 0, -1]].mean()
        assert image[28:36, 28:36].mean() < corners, diagnosis


@pytest.mark.parametrize(("signal", "lowest", "highest"), [(1.0, 0.8, 1.0), (0.0, 0.0, 0.3)])
def test_signal_decides_whether_the_classes_can_be_told_apart(signal: float, lowest: float, highest: float):
    """A nearest-centroid rule on 4x4 thumbnails: mostly right with the signal, chance (1/7) without."""
    train, labels = lesion_images(12, seed=1, signal=signal)
    test, truth = lesion_images(12, seed=2, signal=signal)

    def thumbnails(images: np.ndarray) -> np.ndarray:
        return images.reshape(-1, 4, 8, 4, 8, 3).mean(axis=(2, 4)).reshape(len(images), -1)

    centroids = np.stack([thumbnails(train)[labels == c].mean(axis=0) for c in range(len(CLASSES))])
    distance = np.linalg.norm(thumbnails(test)[:, None] - centroids, axis=-1)
    accuracy = (distance.argmin(axis=1) == truth).mean()
    assert lowest <= accuracy <= highest
