from pathlib import Path

import cv2
import numpy as np
import pytest

from dermdistill.bundle import self_test_image
from dermdistill.inference import load_bundle

FIXTURES = Path(__file__).parents[1] / "fixtures"


@pytest.fixture(scope="session")
def tiny_dir():
    return FIXTURES / "tiny_float32"


@pytest.fixture(scope="session")
def engine(tiny_dir):
    return load_bundle(tiny_dir, threads=2)


@pytest.fixture(scope="session")
def int8_engine():
    return load_bundle(FIXTURES / "tiny_int8", threads=2)


@pytest.fixture(scope="session")
def squares():
    """The pictures whose Keras outputs are stored: the self-test's, its negative, its colours swapped."""
    first = self_test_image(224)
    return np.stack([first, 255 - first, first[..., ::-1]])


@pytest.fixture(scope="session")
def keras_outputs():
    with np.load(FIXTURES / "tiny_keras_outputs.npz") as stored:
        return dict(stored)


@pytest.fixture(scope="session")
def jpeg():
    """A 600 x 450 JPEG of coloured noise blobs."""
    noise = np.random.default_rng(11).integers(0, 256, (45, 60, 3), np.uint8)
    rgb = cv2.resize(noise, (600, 450), interpolation=cv2.INTER_CUBIC)
    return cv2.imencode(".jpg", rgb)[1].tobytes()
