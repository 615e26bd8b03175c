"""Views made inside the training step, from the data set kept as one uint8 array on the device.

The draws are the host's (`dermdistill.data.views.draw`), so view k of image i under a seed is the same view.
Only the arithmetic differs: interpolation is exact, where OpenCV's is to 1/32 pixel, so a warped pixel may
differ by about one level. Exact views agree to the bit before they are resized. JPEG cannot be had here.
"""

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from keras import ops
from numpy.typing import NDArray

from dermdistill.data.views.render import BLUR
from dermdistill.data.views.settings import ViewSettings


@dataclass(frozen=True)
class DeviceViews:
    """The data set on the device, and how to make a batch of views of it.

    Attributes:
        data: uint8 `[n, side, side, 3]`, a tensor of the backend; a step takes it as an argument.
        settings: what the views may do, so that what they never do costs nothing.
        image_size: pixels of the views' side.
    """

    data: Any
    settings: ViewSettings
    image_size: int

    def render_both(self, data: Any, plan: dict[str, Any], of_teachers: dict[str, Any] | None) -> Any:
        """What learner and teachers see; None for the teachers where they see the same."""
        return self.render(data, plan), None if of_teachers is None else self.render(data, of_teachers)

    def render(self, data: Any, plan: dict[str, Any]) -> Any:
        """Make the pixels of a `ViewPlan`, uint8 `[b, image_size, image_size, 3]`; can be compiled."""
        side = data.shape[1]
        pixels = _warp(ops.take(data, plan["rows"], axis=0), plan["inverse"])
        if self.settings.sharpness:
            by = plan["sharpness"][:, None, None, None]
            pixels = _to_levels((1 + by) * pixels - by * _to_levels(_both_ways(pixels, _blur(side))))
        color = plan["color"]
        pixels = _to_levels(
            ops.einsum("bhwc,bdc->bhwd", pixels, color[:, :, :3]) + color[:, None, None, :, 3]
        )
        if self.settings.gamma:
            pixels = _to_levels(255 * (pixels / 255) ** plan["gamma"][:, None, None, None])
        if self.settings.cutout:
            inside = _inside(plan["cover"], side)
            mean = ops.round(ops.mean(pixels, axis=(1, 2), keepdims=True))
            pixels = ops.where(inside, mean, pixels)
        if self.image_size != side:
            pixels = _to_levels(_both_ways(pixels, _resize(side, self.image_size)))
        return ops.cast(_mix(pixels, plan), "uint8")


def _warp(images: Any, inverse: Any) -> Any:
    """Bilinear at `inverse @ (x, y, 1)`, mirrored about the outermost pixels; float `[b, side, side, 3]`."""
    count, side = ops.shape(images)[0], images.shape[1]
    x, y = np.meshgrid(np.arange(side, dtype=np.float32), np.arange(side, dtype=np.float32))
    grid = ops.convert_to_tensor(np.stack([x, y, np.ones_like(x)]).reshape(3, -1))
    # To 1/1024 pixel: what float32 leaves of a whole number must not become a blend of neighbours.
    source = ops.round(ops.matmul(inverse, grid) * 1024) / 1024
    corner = ops.floor(source)
    part = source - corner
    flat = ops.reshape(images, (count, side * side, 3))
    total: Any = 0.0
    for right in (0, 1):
        for below in (0, 1):
            at_x = _reflect(ops.cast(corner[:, 0], "int32") + right, side)
            at_y = _reflect(ops.cast(corner[:, 1], "int32") + below, side)
            values = ops.take_along_axis(flat, (at_y * side + at_x)[..., None], axis=1)
            weight_x = part[:, 0] if right else 1 - part[:, 0]
            weight_y = part[:, 1] if below else 1 - part[:, 1]
            total = total + ops.cast(values, "float32") * (weight_x * weight_y)[..., None]
    return _to_levels(ops.reshape(total, (count, side, side, 3)))


def _reflect(index: Any, side: int) -> Any:
    wrapped = ops.mod(index, 2 * (side - 1))
    return ops.minimum(wrapped, 2 * (side - 1) - wrapped)


def _to_levels(values: Any) -> Any:
    """Whole numbers 0 to 255, still float: what storing as uint8 would leave."""
    return ops.clip(ops.round(values), 0.0, 255.0)


def _both_ways(pixels: Any, matrix: NDArray[np.float32]) -> Any:
    """`matrix [out, side]` along height, then along width."""
    return ops.einsum("ph,bhwc,qw->bpqc", matrix, pixels, matrix)


def _resize(side: int, size: int) -> NDArray[np.float32]:
    """The weights of `resize_square` along one side: what it makes of the unit vectors."""
    return np.asarray(
        cv2.resize(np.eye(side, dtype=np.float32), (side, size), interpolation=cv2.INTER_AREA), np.float32
    )


def _blur(side: int) -> NDArray[np.float32]:
    """The weights of OpenCV's Gaussian blur of uint8 along one side."""
    deviation = BLUR * side
    kernel = cv2.getGaussianKernel(round(deviation * 6 + 1) | 1, deviation, cv2.CV_32F)
    eye = np.eye(side, dtype=np.float32)
    return np.asarray(
        cv2.sepFilter2D(eye, -1, np.ones(1, np.float32), kernel, borderType=cv2.BORDER_REFLECT_101),
        np.float32,
    )


def _inside(boxes: Any, side: int) -> Any:
    """Which pixels `[b, side, side, 1]` lie in each of the boxes `[b, 4]`."""
    at = ops.arange(side, dtype="int32")
    columns = ops.logical_and(at >= boxes[:, 0:1], at < boxes[:, 2:3])
    rows = ops.logical_and(at >= boxes[:, 1:2], at < boxes[:, 3:4])
    return ops.logical_and(rows[:, :, None], columns[:, None, :])[..., None]


def _mix(pixels: Any, plan: dict[str, Any]) -> Any:
    partner = ops.take(pixels, plan["partners"], axis=0)
    blended = ops.round(plan["share"] * pixels + (1 - plan["share"]) * partner)
    return ops.where(_inside(plan["box"][None], pixels.shape[1]), partner, blended)
