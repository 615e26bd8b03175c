"""Images of lesions degraded as other cameras and dermatoscopes degrade them.

RGB uint8 `[size, size, 3]` in and out. A student that saw no degraded image in training misses most melanomas
in noise or in JPEG of low quality (docs/decisions/0012-degraded-images-in-training.md). The
out-of-distribution detector is fitted on a few degraded images, too, so that it does not refuse them
(docs/decisions/0011-a-detector-that-looks-at-earlier-layers.md).
"""

from collections.abc import Callable, Iterable, Iterator

import cv2
import numpy as np
from numpy.typing import NDArray

from dermdistill.data.views.render import saved_as_jpeg

Image = NDArray[np.uint8]


def tinted(image: Image, red: float, blue: float) -> Image:
    """Another white balance: factors of red and blue."""
    return _levels(image * np.array([red, 1, blue]))


def exposed(image: Image, power: float) -> Image:
    """Another exposure: darker for a power above 1."""
    return _levels(255 * (image / 255) ** power)


def zoomed(image: Image, share: float) -> Image:
    """The middle, this share of the side, enlarged."""
    size, side = len(image), round(len(image) * share)
    start = (size - side) // 2
    inside = image[start : start + side, start : start + side]
    return np.asarray(cv2.resize(inside, (size, size), interpolation=cv2.INTER_CUBIC), np.uint8)


def blurred(image: Image, pixels: float) -> Image:
    """Out of focus: a Gaussian of this standard deviation."""
    return np.asarray(cv2.GaussianBlur(image, (0, 0), pixels), np.uint8)


def shaken(image: Image, pixels: int, angle: float) -> Image:
    """Moved while it was taken: the mean along a line of this odd length, at this angle in degrees."""
    middle = (pixels - 1) / 2
    line = np.zeros((pixels, pixels), np.float32)
    line[round(middle)] = 1
    turn = cv2.getRotationMatrix2D((middle, middle), angle, 1)
    kernel = cv2.warpAffine(line, turn, (pixels, pixels), flags=cv2.INTER_LINEAR)
    return np.asarray(cv2.filter2D(image, -1, kernel / kernel.sum()), np.uint8)


def noisy(image: Image, levels: float, rng: np.random.Generator) -> Image:
    """Sensor noise of this standard deviation."""
    return _levels(image + rng.normal(0, levels, image.shape))


def ringed(image: Image, radius: float, softness: float = 0.005) -> Image:
    """Black beyond a circle, as the rim of a dermatoscope; radius and softness as shares of the side."""
    y, x = np.mgrid[: len(image), : len(image)] / (len(image) - 1) - 0.5
    inside = np.clip((radius - np.hypot(x, y)) / softness, 0, 1)
    return _levels(image * inside[..., None])


def barred(image: Image, share: float, *, axis: int = 1) -> Image:
    """Black bars of this share of the side on two sides: left and right, or above and below (`axis` 0)."""
    result = np.moveaxis(image.copy(), axis, 0)
    width = round(len(image) * share)
    result[:width] = result[-width:] = 0
    return np.ascontiguousarray(np.moveaxis(result, 0, axis))


def degraded(image: Image, rng: np.random.Generator) -> Image:
    """One image degraded, in each way by chance; the same for the same generator."""
    ways: list[tuple[float, Callable[[Image], Image]]] = [
        (0.5, lambda x: zoomed(x, rng.uniform(0.5, 1))),
        (0.5, lambda x: tinted(x, *rng.uniform(0.85, 1.15, 2))),
        (0.5, lambda x: exposed(x, np.exp(rng.uniform(-0.35, 0.35)))),
        (0.25, lambda x: blurred(x, rng.uniform(0.3, 2))),
        (0.15, lambda x: shaken(x, int(rng.choice([3, 5, 7, 9])), rng.uniform(0, 180))),
        (0.5, lambda x: noisy(x, rng.uniform(0, 12), rng)),
        (0.5, lambda x: saved_as_jpeg(x, int(rng.integers(15, 96)))),
        (0.2, lambda x: ringed(x, rng.uniform(0.42, 0.7), rng.uniform(0.005, 0.08))),
        (0.1, lambda x: barred(x, rng.uniform(0.03, 0.18), axis=int(rng.integers(2)))),
    ]
    for share, degrade in ways:
        if rng.random() < share:
            image = degrade(image)
    return image


def degraded_copies(images: Iterable[Image]) -> Iterator[Image]:
    """Yield each image degraded in a way that its position decides: the same at every call."""
    for number, image in enumerate(images):
        yield degraded(image, np.random.default_rng([0, number]))


def _levels(image: NDArray[np.floating]) -> Image:
    return np.asarray(np.clip(np.rint(image), 0, 255), np.uint8)
