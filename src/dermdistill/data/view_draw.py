"""What chance decides about a view: one draw from `(image_id, view, seed)`, whoever then makes the pixels."""

import hashlib
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dermdistill.data.view_settings import ViewSettings

_LUMA = np.array([0.299, 0.587, 0.114])  # ITU-R BT.601, what "saturation zero" turns to
_JPEG_QUALITY = (40, 95)


@dataclass(frozen=True)
class View:
    """How a view is made from its square image, in this order.

    Attributes:
        affine: float `[2, 3]`, from image to view, in pixels `(x, y)`.
        exact: the matrix only turns by right angles and mirrors; every pixel has its place.
        sharpness: -1 to 1; 0 leaves the picture, below is a step to its blurred self, above away from it.
        color: float `[3, 4]`, from RGB 0-255 and 1 to RGB.
        gamma: exponent on values 0 to 1.
        cover: left, top, right, bottom in whole pixels of the square of mean colour; empty for none.
        jpeg: quality to save with, 0 for not at all.
    """

    affine: NDArray[np.float64]
    exact: bool
    sharpness: float
    color: NDArray[np.float64]
    gamma: float
    cover: tuple[int, int, int, int]
    jpeg: int


def draw_view(image_id: str, view: int, seed: int, settings: ViewSettings, side: int) -> View:
    """Draw a view of an image of `side` pixels.

    Args:
        image_id: identity of the image; with `view` and `seed` the only source of chance.
        view: number of the view, 0 or more.
        seed: the recipe's seed.
        settings: how far the view may go.
        side: pixels of the image's side.
    """
    rng = _generator(image_id, view, seed)
    affine, color = _draw_affine(rng, settings, side), _draw_color(rng, settings)
    exact = rng.uniform() < settings.exact
    if exact:
        affine = _draw_turn(rng, settings, side)
    # New draws come last, each whether wanted or not: none may change what another means.
    hue, gamma, sharpness, length, left, top, saved, quality = rng.uniform(-1, 1, 8)
    color[:, :3] = color[:, :3] @ _turn_hue(np.deg2rad(hue * settings.hue))
    return View(
        affine=affine,
        exact=exact,
        sharpness=0.0 if exact else float(sharpness * settings.sharpness),
        color=color,
        gamma=float(np.exp(gamma * np.log1p(settings.gamma))),
        cover=_place_cover(side, abs(length) * settings.cutout, (left + 1) / 2, (top + 1) / 2),
        jpeg=round(np.interp(quality, (-1, 1), _JPEG_QUALITY)) if (saved + 1) / 2 < settings.jpeg else 0,
    )


def _generator(image_id: str, view: int, seed: int) -> np.random.Generator:
    key = hashlib.blake2b(f"{image_id}/{view}/{seed}".encode(), digest_size=16).digest()
    return np.random.Generator(np.random.Philox(key=int.from_bytes(key, "little")))


def _factor(rng: np.random.Generator, beyond_one: float) -> float:
    """Draw a factor between 1 / (1 + beyond_one) and 1 + beyond_one, evenly in the logarithm."""
    return float(np.exp(rng.uniform(-1, 1) * np.log1p(beyond_one)))


def _draw_affine(rng: np.random.Generator, settings: ViewSettings, side: int) -> NDArray[np.float64]:
    """Draw the 2x3 matrix from image to view, about the picture's centre."""
    angle = np.deg2rad(rng.uniform(-1, 1) * settings.rotation)
    mirror = -1.0 if rng.uniform() < 0.5 * settings.flips else 1.0
    zoom, stretch = _factor(rng, settings.zoom), np.sqrt(_factor(rng, settings.aspect))
    shift = rng.uniform(-1, 1, 2) * settings.shift * side
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    linear = np.diag([zoom * stretch, zoom / stretch]) @ turn @ np.diag([mirror, 1.0])
    return _about_centre(linear, side, shift)


def _draw_turn(rng: np.random.Generator, settings: ViewSettings, side: int) -> NDArray[np.float64]:
    """Draw right angles and a mirror, as far as the settings allow; the matrix holds whole numbers."""
    turns = int(rng.integers(4)) if settings.rotation >= 90 else 0
    mirror = -1.0 if rng.uniform() < 0.5 * settings.flips else 1.0
    quarter = np.array([[0.0, 1.0], [-1.0, 0.0]])
    return _about_centre(np.diag([mirror, 1.0]) @ np.linalg.matrix_power(quarter, turns), side)


def _about_centre(
    linear: NDArray[np.float64], side: int, shift: NDArray[np.float64] | float = 0.0
) -> NDArray[np.float64]:
    centre = np.full(2, (side - 1) / 2)
    return np.column_stack([linear, centre - linear @ centre + shift])


def _draw_color(rng: np.random.Generator, settings: ViewSettings) -> NDArray[np.float64]:
    """Draw the 3x4 matrix on RGB: saturation, then tint, then contrast about mid-grey, then brightness."""
    saturation = _factor(rng, settings.saturation)
    contrast = _factor(rng, settings.contrast)
    tint = np.array([_factor(rng, settings.tint) for _ in range(3)])
    brightness = rng.uniform(-1, 1) * settings.brightness * 255
    saturate = saturation * np.eye(3) + (1 - saturation) * np.tile(_LUMA, (3, 1))
    linear = contrast * np.diag(tint) @ saturate
    offset = np.full(3, 127.5 * (1 - contrast) + brightness)
    return np.column_stack([linear, offset])


def _turn_hue(angle: float) -> NDArray[np.float64]:
    """Rotation of RGB about the grey axis (Rodrigues' formula): grey stays, the sum of R, G, B stays."""
    axis = np.full(3, 3**-0.5)
    across = np.array([[0, -1, 1], [1, 0, -1], [-1, 1, 0]]) * 3**-0.5
    turned: NDArray[np.float64] = (
        np.cos(angle) * np.eye(3) + np.sin(angle) * across + (1 - np.cos(angle)) * np.outer(axis, axis)
    )
    return turned


def _place_cover(side: int, share: float, left: float, top: float) -> tuple[int, int, int, int]:
    """The square with its centre anywhere, cut at the edges; positions are shares of the side."""
    length = round(share * side)
    first = [round(at * (side - 1)) - length // 2 for at in (left, top)]
    low = [max(0, start) for start in first]
    high = [min(side, start + length) for start in first]
    return low[0], low[1], high[0], high[1]
