"""Where in the image a class finds its evidence: the class map, which costs no extra pass.

The head is linear after global average pooling, so the mean of a class map plus a bias is the logit. The map
shows exactly how much each place adds to the logit, and equals Grad-CAM for such a head.
Source: Zhou et al. 2016, arXiv:1512.04150.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from dermdistill.errors import ImageError


def scale_heat(class_map: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the positive part of a class map `[height, width]`, scaled so that its maximum is 1.

    All zeros when nothing in the image speaks for the class.
    """
    positive = np.maximum(class_map, 0)
    peak = positive.max()
    return np.asarray(positive / peak if peak > 0 else positive, np.float32)


def overlay_png(image: NDArray[np.uint8], heat: NDArray[np.float32], *, opacity: float = 0.6) -> bytes:
    """Draw a heat map over an image.

    Each pixel is mixed with the colour of its heat (OpenCV's inferno) by `opacity * heat`, so that cold
    places keep their own colour.

    Args:
        image: RGB uint8 `[height, width, 3]`.
        heat: `[rows, columns]`, 0-1; stretched bilinearly over the whole image.
        opacity: of the hottest place, 0-1.

    Returns:
        A PNG file's bytes.

    Raises:
        ImageError: the picture is too large to be written.
    """
    height, width = image.shape[:2]
    stretched = cv2.resize(heat.astype(np.float32), (width, height), interpolation=cv2.INTER_LINEAR)
    colours = cv2.applyColorMap(np.rint(stretched * 255).astype(np.uint8), cv2.COLORMAP_INFERNO)
    weight = (opacity * stretched)[..., None]
    mixed = cv2.cvtColor(image, cv2.COLOR_RGB2BGR) * (1 - weight) + colours * weight
    written, data = cv2.imencode(".png", np.rint(mixed).astype(np.uint8))
    if not written:
        raise ImageError(
            f"A heat map of {width} x {height} pixels cannot be written; make the image smaller."
        )
    return data.tobytes()
