"""Augmented views: view `k` of image `i` is a pure function of `(i, k, seed)`.

So teacher and student see the same view, a cached teacher logit can be keyed by image id *and* view, and an
interrupted training goes on with exactly the pictures it would have seen. Any rotation and flip of a
dermatoscopic picture is valid; shift, zoom and aspect ratio stay small enough to keep the lesion in frame.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from dermdistill.data.view_draw import View, draw_view
from dermdistill.data.view_settings import ViewSettings

# Deviation of the blur that `sharpness` steps towards, as a share of the side: 1.5 pixels of 224.
BLUR = 1.5 / 224


def make_view(
    image: NDArray[np.uint8], image_id: str, view: int, seed: int, settings: ViewSettings
) -> NDArray[np.uint8]:
    """Make one view of an RGB uint8 image `[size, size, 3]`, same shape; see `draw_view` for the rest."""
    return render_view(image, draw_view(image_id, view, seed, settings, image.shape[0]))


def render_view(image: NDArray[np.uint8], view: View) -> NDArray[np.uint8]:
    """Do to an RGB uint8 image `[size, size, 3]` what a view says; returns the same shape."""
    side = image.shape[0]
    pixels = cv2.warpAffine(
        image,
        view.affine,
        (side, side),
        flags=cv2.INTER_NEAREST if view.exact else cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_REFLECT_101,
    )
    if view.sharpness:
        blurred = cv2.GaussianBlur(pixels, (0, 0), BLUR * side)
        pixels = cv2.addWeighted(pixels, 1 + view.sharpness, blurred, -view.sharpness, 0)
    pixels = cv2.transform(pixels, view.color)
    if view.gamma != 1:
        curve = 255 * np.linspace(0, 1, 256) ** view.gamma
        pixels = cv2.LUT(pixels, curve.round().astype(np.uint8))
    left, top, right, bottom = view.cover
    if left < right and top < bottom:
        pixels[top:bottom, left:right] = np.rint(pixels.mean(axis=(0, 1)))
    if view.jpeg:
        _, stored = cv2.imencode(".jpg", pixels[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, view.jpeg])
        pixels = np.asarray(cv2.imdecode(stored, cv2.IMREAD_COLOR))[..., ::-1]
    return np.ascontiguousarray(pixels, np.uint8)
