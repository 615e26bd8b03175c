"""Augmented views: view `k` of image `i` is a pure function of `(i, k, seed)`.

So teacher and student see the same view, and a cached teacher logit is keyed by image id and view. An
interrupted training goes on with exactly the views that it would have seen. Any rotation and flip of a
dermatoscopic picture is valid; shift, zoom and aspect ratio stay small enough to keep the lesion in frame.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from dermdistill.data.views.draw import Views, draw_views
from dermdistill.data.views.settings import ViewSettings

# Deviation of the blur that `sharpness` steps towards, as a share of the side: 1.5 pixels of 224.
BLUR = 1.5 / 224


def make_view(
    image: NDArray[np.uint8], image_id: str, view: int, seed: int, settings: ViewSettings
) -> NDArray[np.uint8]:
    """Make one view of an RGB uint8 image `[size, size, 3]`, same shape; see `draw_views` for the rest."""
    return render_view(image, draw_views([image_id], [view], seed, settings, image.shape[0]), 0)


def render_view(image: NDArray[np.uint8], views: Views, at: int) -> NDArray[np.uint8]:
    """Do to an RGB uint8 image `[size, size, 3]` what the view at a position says; returns the same shape."""
    side = image.shape[0]
    sharpness, gamma, jpeg = (float(values[at]) for values in (views.sharpness, views.gamma, views.jpeg))
    pixels = cv2.warpAffine(
        image,
        views.affine[at],
        (side, side),
        flags=cv2.INTER_NEAREST if views.exact[at] else cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_REFLECT_101,
    )
    if sharpness:
        blurred = cv2.GaussianBlur(pixels, (0, 0), BLUR * side)
        pixels = cv2.addWeighted(pixels, 1 + sharpness, blurred, -sharpness, 0)
    pixels = cv2.transform(pixels, views.color[at])
    if gamma != 1:
        curve = 255 * np.linspace(0, 1, 256) ** gamma
        pixels = cv2.LUT(pixels, curve.round().astype(np.uint8))
    left, top, right, bottom = views.cover[at].tolist()
    if left < right and top < bottom:
        pixels[top:bottom, left:right] = np.rint(pixels.mean(axis=(0, 1)))
    if jpeg:
        pixels = saved_as_jpeg(np.asarray(pixels, np.uint8), int(jpeg))
    return np.ascontiguousarray(pixels, np.uint8)


def saved_as_jpeg(image: NDArray[np.uint8], quality: int) -> NDArray[np.uint8]:
    """Save an RGB uint8 image `[height, width, 3]` as a JPEG of this quality, 0 to 100, and open it again."""
    _, stored = cv2.imencode(".jpg", image[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, quality])
    opened = np.asarray(cv2.imdecode(stored, cv2.IMREAD_COLOR), np.uint8)
    return np.ascontiguousarray(opened[..., ::-1])
