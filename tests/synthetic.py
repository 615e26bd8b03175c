"""Lesion-like dermatoscopy pictures made by our own code: skin, an irregular blob, a pigment network over it.

They stand in for real images in tests and examples; nothing about them is medical. `signal` sets how much the
diagnosis decides the look of a picture. At 1 a tiny model learns the classes within a few steps. At 0 the
classes look alike and nothing can be learned, so a test can tell learning from leaking.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from ham10000 import CLASSES


@dataclass(frozen=True)
class Look:
    """How a lesion looks: RGB colour; radius as a share of the picture; raggedness and network, 0-1."""

    color: tuple[float, float, float]
    radius: float
    raggedness: float
    network: float


LOOKS = {
    "akiec": Look((196, 120, 110), 0.30, 0.35, 0.00),
    "bcc": Look((190, 130, 150), 0.26, 0.15, 0.10),
    "bkl": Look((150, 115, 70), 0.34, 0.10, 0.30),
    "df": Look((205, 160, 135), 0.20, 0.05, 0.80),
    "mel": Look((60, 45, 60), 0.36, 0.35, 0.90),
    "nv": Look((125, 75, 45), 0.24, 0.05, 0.70),
    "vasc": Look((170, 25, 45), 0.18, 0.10, 0.00),
    # The classes that other tables have besides.
    "ben_oth": Look((235, 200, 120), 0.16, 0.00, 0.30),
    "inf": Look((230, 110, 110), 0.40, 0.50, 0.00),
    "mal_oth": Look((110, 30, 90), 0.32, 0.30, 0.40),
    "sccka": Look((240, 225, 205), 0.28, 0.25, 0.00),
    "scc": Look((240, 225, 205), 0.28, 0.25, 0.00),
    "not_mel": Look((125, 75, 45), 0.24, 0.05, 0.70),
}


def _fields(code: str) -> NDArray[np.float64]:
    look = LOOKS[code]
    return np.array([*look.color, look.radius, look.raggedness, look.network])


_AVERAGE = np.mean([_fields(code) for code in CLASSES], axis=0)


def lesion_image(
    diagnosis: str, seed: int, *, height: int = 224, width: int = 224, signal: float = 1.0
) -> NDArray[np.uint8]:
    """Draw one picture, RGB uint8 `[height, width, 3]`: the same for the same arguments.

    `signal` (0-1) mixes the diagnosis's own look with the average look of HAM10000's classes.
    """
    rng = np.random.default_rng(seed)
    look = signal * _fields(diagnosis) + (1 - signal) * _AVERAGE
    color = look[:3] + rng.normal(0, 5, 3)
    radius, raggedness, network = look[3:] * rng.uniform(0.85, 1.15, 3)

    skin = np.array([224, 180, 158]) + rng.normal(0, 6, 3)
    image = np.broadcast_to(skin, (height, width, 3)) + 6 * _clouds(rng, height, width, cells=5)[..., None]

    y, x = np.mgrid[0:height, 0:width] / min(height, width)
    y, x = y - y.max() / 2 - rng.uniform(-0.06, 0.06), x - x.max() / 2 - rng.uniform(-0.06, 0.06)
    turns = np.arange(2, 7)
    waves = rng.normal(0, raggedness / turns) * np.cos(
        turns * np.arctan2(y, x)[..., None] + rng.uniform(0, 2 * np.pi, turns.size)
    )
    inside = radius * (1 + waves.sum(-1)) - np.hypot(y, x)
    blob = 1 / (1 + np.exp(-inside / 0.012))

    # The pigment network: dark lines where two slanted gratings, bent by the clouds, meet.
    bend = 0.04 * _clouds(rng, height, width, cells=6)
    lines = np.maximum(np.cos(2 * np.pi * 16 * (x + y + bend)), np.cos(2 * np.pi * 16 * (x - y - bend)))
    shade = 1 - 0.35 * network * lines.clip(0) + 0.12 * _clouds(rng, height, width, cells=9)
    image = image + blob[..., None] * (color * shade[..., None] - image)
    image += rng.normal(0, 3, (height, width, 1))
    return image.clip(0, 255).astype(np.uint8)


def lesion_images(
    per_class: int, *, seed: int = 0, size: int = 32, signal: float = 1.0
) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """Draw `per_class` pictures of each class: images `[n, size, size, 3]` and their class numbers `[n]`."""
    labels = np.tile(np.arange(len(CLASSES)), per_class)
    images = [
        lesion_image(CLASSES[label], seed * 100_003 + row, height=size, width=size, signal=signal)
        for row, label in enumerate(labels)
    ]
    return np.stack(images), labels


def with_hair(image: NDArray[np.uint8], count: int, seed: int) -> NDArray[np.uint8]:
    """The same picture `[side, side, 3]` with `count` dark, bent hairs across its middle."""
    rng = np.random.default_rng(seed)
    side = image.shape[0]
    canvas = cv2.resize(image, (2 * side, 2 * side), interpolation=cv2.INTER_LINEAR)
    direction = rng.uniform(0, np.pi)
    for _ in range(count):
        angle = direction + rng.normal(0, 0.35)
        along, across = np.array([np.cos(angle), np.sin(angle)]), np.array([-np.sin(angle), np.cos(angle)])
        step = np.linspace(-1, 1, 40)[:, None]
        points = (
            0.5 + across * rng.uniform(-0.2, 0.2) + along * step * rng.uniform(0.2, 0.5)
        ) + across * step**2 * rng.normal(0, 0.05)
        colour = (np.array([45, 32, 28]) + rng.normal(0, 10, 3)).clip(0, 90)
        pixels = np.rint(points * 2 * side * 8).astype(np.int32)
        cv2.polylines(canvas, [pixels], False, colour.tolist(), int(rng.integers(2, 5)), cv2.LINE_AA, 3)
    return np.asarray(cv2.resize(canvas, (side, side), interpolation=cv2.INTER_AREA), np.uint8)


def cut_off(image: NDArray[np.uint8], mask: NDArray[np.bool_], share: float, seed: int) -> NDArray[np.uint8]:
    """The picture cropped at some side so that `share` of the lesion's extent is lost, at the old size."""
    turns = int(np.random.default_rng(seed).integers(4))
    turned, inside = np.rot90(image, turns), np.rot90(mask, turns)
    rows = np.flatnonzero(inside.any(axis=1))
    kept = turned[: int(rows[-1] - share * (rows[-1] - rows[0]))]
    return np.asarray(cv2.resize(np.rot90(kept, -turns), image.shape[1::-1], interpolation=cv2.INTER_LINEAR))


def _clouds(rng: np.random.Generator, height: int, width: int, *, cells: int) -> NDArray[np.float64]:
    """Smooth noise of about unit strength `[height, width]`: a coarse random grid, enlarged."""
    grid = rng.normal(size=(cells, cells))
    return np.asarray(cv2.resize(grid, (width, height), interpolation=cv2.INTER_CUBIC), np.float64)
