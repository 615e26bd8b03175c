"""Augmented views: view `k` of image `i` is a pure function of `(i, k, seed)`.

So teacher and student see the same view, a cached teacher logit can be keyed by image id *and* view, and an
interrupted training goes on with exactly the pictures it would have seen. Any rotation and flip of a
dermatoscopic picture is valid; shift, zoom and aspect ratio stay small enough to keep the lesion in frame.
"""

import hashlib

import cv2
import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field

_LUMA = np.array([0.299, 0.587, 0.114])  # ITU-R BT.601, what "saturation zero" turns to


class ViewSettings(BaseModel):
    """How far a view may go from its image; all zero and `flips = false` gives the image back.

    Attributes:
        rotation: largest rotation in degrees, 0 to 180.
        flips: mirror half of the views.
        shift: largest shift as a share of the side, 0 to 0.5.
        zoom: largest zoom as a factor beyond 1 in either direction; 0.25 means 0.8 to 1.25.
        aspect: largest stretch of one side against the other, same meaning.
        brightness: largest change as a share of the range.
        contrast, saturation: largest factor beyond 1, as for zoom.
        tint: largest gain of one channel beyond 1, as for zoom; the colour of light and camera.
        exact: share of views that are only turned by right angles and mirrored. Every other view is blurred a
            little by interpolation; a model that never sees a sharp picture fails on sharp ones
            (docs/decisions/0004-sharp-views.md).
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    rotation: float = Field(180.0, ge=0, le=180)
    flips: bool = True
    shift: float = Field(0.1, ge=0, le=0.5)
    zoom: float = Field(0.25, ge=0, le=1)
    aspect: float = Field(0.25, ge=0, le=1)
    brightness: float = Field(0.1, ge=0, le=1)
    contrast: float = Field(0.2, ge=0, le=1)
    saturation: float = Field(0.2, ge=0, le=1)
    tint: float = Field(0.08, ge=0, le=1)
    exact: float = Field(0.5, ge=0, le=1)


def make_view(
    image: NDArray[np.uint8], image_id: str, view: int, seed: int, settings: ViewSettings
) -> NDArray[np.uint8]:
    """Make one view.

    Args:
        image: RGB uint8 `[size, size, 3]`.
        image_id: identity of the image; with `view` and `seed` the only source of chance.
        view: number of the view, 0 or more.
        seed: the recipe's seed.
        settings: how far the view may go.

    Returns:
        RGB uint8 of the same shape.
    """
    rng = _generator(image_id, view, seed)
    affine, color = _draw_affine(rng, settings, image.shape[0]), _draw_color(rng, settings)
    if rng.uniform() < settings.exact:
        moved = _turn(image, rng, settings)
    else:
        side = image.shape[0]
        warped = cv2.warpAffine(
            image, affine, (side, side), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT_101
        )
        moved = np.asarray(warped, np.uint8)
    return np.asarray(cv2.transform(moved, color), np.uint8)


def _turn(image: NDArray[np.uint8], rng: np.random.Generator, settings: ViewSettings) -> NDArray[np.uint8]:
    """Turn by right angles and mirror, as far as the settings allow; no pixel is changed."""
    turned = np.rot90(image, int(rng.integers(4)) if settings.rotation >= 90 else 0)
    mirrored = turned[:, ::-1] if rng.uniform() < 0.5 * settings.flips else turned
    return np.ascontiguousarray(mirrored)


def _generator(image_id: str, view: int, seed: int) -> np.random.Generator:
    key = hashlib.blake2b(f"{image_id}/{view}/{seed}".encode(), digest_size=16).digest()
    return np.random.Generator(np.random.Philox(key=int.from_bytes(key, "little")))


def _factor(rng: np.random.Generator, beyond_one: float) -> float:
    """Draw a factor between 1 / (1 + beyond_one) and 1 + beyond_one, evenly in the logarithm."""
    return float(np.exp(rng.uniform(-1, 1) * np.log1p(beyond_one)))


def _draw_affine(rng: np.random.Generator, settings: ViewSettings, size: int) -> NDArray[np.float64]:
    """Draw the 2x3 matrix from image to view, about the picture's centre."""
    angle = np.deg2rad(rng.uniform(-1, 1) * settings.rotation)
    mirror = -1.0 if rng.uniform() < 0.5 * settings.flips else 1.0
    zoom, stretch = _factor(rng, settings.zoom), np.sqrt(_factor(rng, settings.aspect))
    shift = rng.uniform(-1, 1, 2) * settings.shift * size
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    linear = np.diag([zoom * stretch, zoom / stretch]) @ turn @ np.diag([mirror, 1.0])
    centre = np.full(2, (size - 1) / 2)
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
