"""What chance decides about views: a draw from `(image_id, view, seed)` each, whoever then makes the pixels.

The draws of a batch are computed together: one by one they would keep a GPU waiting.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dermdistill.data.views.settings import ViewSettings

_LUMA = np.array([0.299, 0.587, 0.114])  # ITU-R BT.601, what "saturation zero" turns to
_JPEG_QUALITY = (40, 95)
_TURNS = np.stack([np.linalg.matrix_power(np.array([[0.0, 1.0], [-1.0, 0.0]]), turns) for turns in range(4)])


@dataclass(frozen=True)
class Views:
    """How views are made from their square images, in this order; the first axis `b` counts the views.

    Attributes:
        affine: float `[b, 2, 3]`, from image to view, in pixels `(x, y)`.
        exact: bool `[b]`; the matrix only turns by right angles and mirrors; every pixel has its place.
        sharpness: `[b]`, -1 to 1; 0 leaves the picture, below is a step to its blurred self, above away.
        color: float `[b, 3, 4]`, from RGB 0-255 and 1 to RGB.
        gamma: `[b]`, exponent on values 0 to 1.
        cover: int `[b, 4]`: left, top, right, bottom of the square of mean colour; empty for none.
        jpeg: int `[b]`, quality to save with, 0 for not at all.
    """

    affine: NDArray[np.float64]
    exact: NDArray[np.bool_]
    sharpness: NDArray[np.float64]
    color: NDArray[np.float64]
    gamma: NDArray[np.float64]
    cover: NDArray[np.int64]
    jpeg: NDArray[np.int64]


def draw_views(
    image_ids: Sequence[str], views: Sequence[int], seed: int, settings: ViewSettings, side: int
) -> Views:
    """Draw views of images of `side` pixels.

    Args:
        image_ids: identities of the images; with `views` and `seed` the only source of chance.
        views: numbers of the views, 0 or more.
        seed: the recipe's seed.
        settings: how far the views may go.
        side: pixels of the images' sides.
    """
    bits = draw_bits(image_ids, views, seed, 23)
    draws = to_uniform(bits)
    exact = draws[:, 12] < settings.exact
    # New draws come last, each whether wanted or not: none may change what another means. The first ones of
    # exact views are one or two more, so what follows starts later there.
    turned = settings.rotation >= 90
    last = 2 * _columns(draws, exact * (1 + turned), 13, 8) - 1
    hue, gamma, sharpness, length, left, top, saved, quality = last.T
    affine = _draw_affine(draws[:, :6], settings, side)
    turns = to_quarter(bits[:, 13]) if turned else np.zeros(len(bits), np.intp)
    affine[exact] = _draw_turn(turns, draws[:, 13 + turned], settings, side)[exact]
    color = _draw_color(draws[:, 6:12], settings)
    color[:, :, :3] = color[:, :, :3] @ _turn_hue(np.deg2rad(hue * settings.hue))
    qualities = np.rint(np.interp(quality, (-1, 1), _JPEG_QUALITY))
    return Views(
        affine=affine,
        exact=exact,
        sharpness=np.where(exact, 0.0, sharpness * settings.sharpness),
        color=color,
        gamma=np.exp(gamma * np.log1p(settings.gamma)),
        cover=_place_cover(side, abs(length) * settings.cutout, (left + 1) / 2, (top + 1) / 2),
        jpeg=np.where((saved + 1) / 2 < settings.jpeg, qualities, 0).astype(np.int64),
    )


def _columns(
    draws: NDArray[np.float64], later: NDArray[np.intp], start: int, count: int
) -> NDArray[np.float64]:
    """Columns `start` to `start + count` of each row, by `later` of the row further on."""
    return np.take_along_axis(draws, start + later[:, None] + np.arange(count), axis=1)


def _factor(draw: NDArray[np.float64], beyond_one: float) -> NDArray[np.float64]:
    """A factor between 1 / (1 + beyond_one) and 1 + beyond_one, evenly in the logarithm."""
    return np.asarray(np.exp((2 * draw - 1) * np.log1p(beyond_one)))


def _mirror(draw: NDArray[np.float64], settings: ViewSettings) -> NDArray[np.float64]:
    return np.where(draw < 0.5 * settings.flips, -1.0, 1.0)


def _draw_affine(draws: NDArray[np.float64], settings: ViewSettings, side: int) -> NDArray[np.float64]:
    """The matrices `[b, 2, 3]` from image to view, about the picture's centre, of six draws each."""
    angle = np.deg2rad((2 * draws[:, 0] - 1) * settings.rotation)
    mirror, zoom = _mirror(draws[:, 1], settings), _factor(draws[:, 2], settings.zoom)
    stretch = np.sqrt(_factor(draws[:, 3], settings.aspect))
    shift = (2 * draws[:, 4:6] - 1) * settings.shift * side
    cosine, sine = np.cos(angle), np.sin(angle)
    turn = np.array([[cosine * mirror, -sine], [sine * mirror, cosine]])
    linear = (np.array([zoom * stretch, zoom / stretch])[:, None] * turn).transpose(2, 0, 1)
    return _about_centre(linear, side, shift)


def _draw_turn(
    turns: NDArray[np.intp], draw: NDArray[np.float64], settings: ViewSettings, side: int
) -> NDArray[np.float64]:
    """Right angles and a mirror; the matrices `[b, 2, 3]` hold whole numbers."""
    linear = _TURNS[turns].copy()
    linear[:, 0] *= _mirror(draw, settings)[:, None]
    return _about_centre(linear, side)


def _about_centre(
    linear: NDArray[np.float64], side: int, shift: NDArray[np.float64] | float = 0.0
) -> NDArray[np.float64]:
    centre = (side - 1) / 2
    offset = centre - linear.sum(axis=2) * centre + shift
    return np.concatenate([linear, offset[:, :, None]], axis=2)


def _draw_color(draws: NDArray[np.float64], settings: ViewSettings) -> NDArray[np.float64]:
    """The `[b, 3, 4]` on RGB: saturation, then tint, then contrast about mid-grey, then brightness."""
    saturation = _factor(draws[:, 0], settings.saturation)[:, None, None]
    contrast = _factor(draws[:, 1], settings.contrast)[:, None, None]
    tint = _factor(draws[:, 2:5], settings.tint)[:, :, None]
    brightness = (2 * draws[:, 5] - 1)[:, None, None] * settings.brightness * 255
    saturate = saturation * np.eye(3) + (1 - saturation) * np.tile(_LUMA, (3, 1))
    offset = np.broadcast_to(127.5 * (1 - contrast) + brightness, (len(draws), 3, 1))
    return np.concatenate([contrast * tint * saturate, offset], axis=2)


def _turn_hue(angle: NDArray[np.float64]) -> NDArray[np.float64]:
    """Rotations `[b, 3, 3]` of RGB about the grey axis (Rodrigues): grey stays, the sum of R, G, B stays."""
    across = np.array([[0, -1, 1], [1, 0, -1], [-1, 1, 0]]) * 3**-0.5
    cosine, sine = np.cos(angle)[:, None, None], np.sin(angle)[:, None, None]
    return np.asarray(cosine * np.eye(3) + sine * across + (1 - cosine) * np.ones((3, 3)) / 3)


def _place_cover(
    side: int, share: NDArray[np.float64], left: NDArray[np.float64], top: NDArray[np.float64]
) -> NDArray[np.int64]:
    """The squares `[b, 4]`, centred anywhere, cut at the edges; positions are shares of the side."""
    length = np.rint(share * side)[:, None]
    low = np.rint(np.stack([left, top], axis=1) * (side - 1)) - length // 2
    return np.concatenate([np.maximum(low, 0), np.minimum(low + length, side)], axis=1).astype(np.int64)


def draw_bits(image_ids: Sequence[str], views: Sequence[int], seed: int, count: int) -> NDArray[np.uint64]:
    """Draw `count` words for each view, `[len(views), count]`: Philox-4x64 under a hash of its identity.

    One generator is given key after key: to make one for each view would take three times as long.
    """
    generator = np.random.Philox(0)
    state = generator.state
    state["state"]["counter"][:] = 0
    words = np.empty((len(views), count), np.uint64)
    for row, (image_id, view) in enumerate(zip(image_ids, views, strict=True)):
        key = hashlib.blake2b(f"{image_id}/{view}/{seed}".encode(), digest_size=16).digest()
        state["state"]["key"][:] = np.frombuffer(key, "<u8")
        generator.state = state
        words[row] = generator.random_raw(count)
    return words


def to_uniform(bits: NDArray[np.uint64]) -> NDArray[np.float64]:
    """From 0 to below 1, of the upper 53 bits of each word."""
    return np.asarray((bits >> np.uint64(11)) * 2.0**-53, np.float64)


def to_quarter(bits: NDArray[np.uint64]) -> NDArray[np.intp]:
    """0, 1, 2 or 3, of bits 30 and 31."""
    return ((bits >> np.uint64(30)) & np.uint64(3)).astype(np.intp)
