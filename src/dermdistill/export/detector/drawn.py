"""Drawn pictures that show no lesion, to measure what the out-of-distribution detector refuses.

They are generated, so they can be repeated anywhere. They are easier than what a careless user photographs,
so a perfect score on them is necessary but not sufficient; see `photographs`.
"""

from collections.abc import Callable
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

Image = NDArray[np.uint8]
Draw = Callable[[np.random.Generator, int], Image]


def blank(rng: np.random.Generator, size: int) -> Image:
    """One colour with faint sensor noise: a covered lens, a wall, a sheet of paper."""
    image = np.full((size, size, 3), rng.uniform(0, 255, 3)) + rng.normal(0, 2, (size, size, 3))
    return _finish(image)


def noise(rng: np.random.Generator, size: int) -> Image:
    """Random pixels of a random grain."""
    cells = int(rng.choice([size, size // 4, size // 16]))
    grain = rng.uniform(0, 255, (cells, cells, 3)).astype(np.float32)
    return _finish(cv2.resize(grain, (size, size), interpolation=cv2.INTER_NEAREST))


def text(rng: np.random.Generator, size: int) -> Image:
    """Lines of letters on paper or a screen, somewhat turned."""
    paper, ink = (rng.uniform(200, 255, 3), rng.uniform(0, 70, 3))[:: rng.choice([1, -1])]
    image = np.full((size, size, 3), paper, np.uint8)
    height = int(rng.integers(size // 20, size // 8))
    for y in range(height, size, 2 * height):
        letters = "".join(chr(int(c)) for c in rng.integers(33, 127, 60))
        cv2.putText(image, letters, (4, y), cv2.FONT_HERSHEY_SIMPLEX, height / 22, ink.tolist(), 1)
    turn = cv2.getRotationMatrix2D((size / 2, size / 2), rng.uniform(-15, 15), 1.0)
    return _finish(cv2.warpAffine(image, turn, (size, size), borderValue=paper.tolist()))


def drawing(rng: np.random.Generator, size: int) -> Image:
    """Flat shapes in bright colours: a cartoon, a logo, a diagram."""
    image = np.full((size, size, 3), rng.uniform(0, 255, 3), np.float32)
    for _ in range(int(rng.integers(4, 16))):
        colour = rng.uniform(0, 255, 3).tolist()
        corners = rng.integers(0, size, (int(rng.integers(3, 7)), 2)).astype(np.int32)
        thickness = int(rng.choice([-1, 2, 5]))
        if rng.random() < 0.4:
            radius = int(rng.integers(size // 16, size // 4))
            cv2.circle(image, corners[0].tolist(), radius, colour, thickness)
        elif thickness < 0:
            cv2.fillPoly(image, [corners], colour)
        else:
            cv2.polylines(image, [corners], True, colour, thickness)
    return _finish(image)


def scene(rng: np.random.Generator, size: int) -> Image:
    """A crude photograph of a place: sky above ground, boxes with shadows, blur, grain and uneven light."""
    horizon = int(rng.uniform(0.25, 0.75) * size)
    image = np.empty((size, size, 3), np.float32)
    image[:horizon], image[horizon:] = rng.uniform(90, 255, 3), rng.uniform(20, 200, 3)
    for _ in range(int(rng.integers(3, 12))):
        x, y = rng.integers(0, size, 2)
        width, height = rng.integers(size // 12, size // 2, 2)
        colour = rng.uniform(10, 250, 3)
        corner, shadow = (int(x + width), int(y + height)), int(size // 30)
        cv2.rectangle(
            image, (int(x) + shadow, int(y)), (corner[0] + shadow, corner[1]), (0.4 * colour).tolist(), -1
        )
        cv2.rectangle(image, (int(x), int(y)), corner, colour.tolist(), -1)
    light = np.linspace(rng.uniform(0.5, 1), rng.uniform(0.7, 1.2), size)[None, :, None]
    blurred = cv2.GaussianBlur(image, (0, 0), rng.uniform(0.5, 3))
    return _finish(blurred * light + rng.normal(0, 6, image.shape))


def stripes(rng: np.random.Generator, size: int) -> Image:
    """Textile, tiles or a moire screen: waves of two directions and colours."""
    y, x = np.mgrid[:size, :size] / size
    first, second = rng.uniform(0, 255, (2, 3))
    angle, frequency = rng.uniform(0, np.pi), rng.uniform(5, 50)
    wave = np.sin(2 * np.pi * frequency * (x * np.cos(angle) + y * np.sin(angle)))
    if rng.random() < 0.5:
        wave *= np.sin(2 * np.pi * frequency * (y * np.cos(angle) - x * np.sin(angle)))
    weight = (wave[..., None] > 0) if rng.random() < 0.5 else (wave[..., None] + 1) / 2
    return _finish(first * weight + second * (1 - weight) + rng.normal(0, 3, (size, size, 3)))


def bare_skin(rng: np.random.Generator, size: int) -> Image:
    """Skin with its mottle, furrows and shade, and no lesion on it."""
    image = np.full((size, size, 3), rng.uniform((190, 140, 120), (240, 200, 190)))
    for grain, strength in ((size / 6, 12), (size / 28, 5), (size / 224, 3)):
        mottle = cv2.GaussianBlur(rng.normal(0, 1, (size, size)), (0, 0), grain)
        image += strength * (mottle / mottle.std())[..., None] * (1, 0.9, 0.8)
    y, x = np.mgrid[:size, :size] / size - 0.5
    return _finish(image * (1.05 - 0.4 * (x**2 + y**2))[..., None])


def gradient(rng: np.random.Generator, size: int) -> Image:
    """One colour fading into another: a sky, a screen's background, a badly lit wall."""
    y, x = np.mgrid[:size, :size] / size
    angle = rng.uniform(0, 2 * np.pi)
    weight = np.clip(0.5 + (x - 0.5) * np.cos(angle) + (y - 0.5) * np.sin(angle), 0, 1)[..., None]
    first, second = rng.uniform(0, 255, (2, 3))
    return _finish(first * weight + second * (1 - weight) + rng.normal(0, 2, (size, size, 3)))


def chart(rng: np.random.Generator, size: int) -> Image:
    """Bars and a line over a grid with labels, as on a screenshot."""
    image = np.full((size, size, 3), rng.uniform(225, 255), np.uint8)
    bars = int(rng.integers(4, 10))
    step, foot = size // (bars + 1), int(0.88 * size)
    for y in range(size // 10, foot, size // 8):
        cv2.line(image, (step // 2, y), (size - 4, y), (200, 200, 200), 1)
        cv2.putText(image, str(foot - y), (1, y), cv2.FONT_HERSHEY_SIMPLEX, 0.3, (40, 40, 40), 1)
    tops = rng.uniform(0.1, 0.8, bars) * size
    colour = rng.uniform(0, 255, 3).tolist()
    for bar, top in enumerate(tops):
        left = step // 2 + bar * step
        cv2.rectangle(image, (left + 4, int(top)), (left + step - 4, foot), colour, -1)
    points = np.stack([step + step * np.arange(bars), rng.uniform(0.1, 0.8, bars) * size], axis=1)
    cv2.polylines(image, [points.astype(np.int32)], False, rng.uniform(0, 180, 3).tolist(), 2)
    return _finish(image)


def clouds(rng: np.random.Generator, size: int) -> Image:
    """Noise with the spectrum of natural photographs: blotches of all sizes, the large ones strongest."""
    frequency = np.hypot(np.fft.fftfreq(size)[:, None], np.fft.rfftfreq(size)[None])
    frequency[0, 0] = np.inf
    planes = []
    for _ in range(3):
        phases = np.exp(2j * np.pi * rng.random(frequency.shape))
        plane = np.fft.irfft2(phases / frequency, s=(size, size))
        planes.append(rng.uniform(80, 180) + rng.uniform(20, 50) * plane / plane.std())
    return _finish(np.stack(planes, axis=-1))


_DRAWN = (blank, noise, text, drawing, scene, stripes, bare_skin, gradient, chart, clouds)
KINDS: dict[str, Draw] = {function.__name__: function for function in _DRAWN}


def negative_images(kind: str, count: int, *, size: int, seed: int = 0) -> NDArray[np.uint8]:
    """Draw `count` pictures of a kind of `KINDS`, RGB uint8 `[count, size, size, 3]`; the same for a seed."""
    salt = list(KINDS).index(kind)
    return np.stack([KINDS[kind](np.random.default_rng([seed, salt, i]), size) for i in range(count)])


def _finish(image: NDArray[Any]) -> Image:
    return np.asarray(np.clip(np.rint(image), 0, 255), np.uint8)
