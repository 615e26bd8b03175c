"""What a device must know to make a batch's pixels itself: a few numbers an image, drawn as for the host."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from dermdistill.data.views.draw import Views
from dermdistill.data.views.mixing import Mixture

ViewPlan = dict[str, NDArray[Any]]
"""`rows int [b]`, `inverse float [b, 2, 3]` from view to image, `sharpness, gamma [b]`, `color [b, 3, 4]` and
`cover int [b, 4]`. The mixture's are `partners int [b]`, `share []` and `box int [4]`."""


def plan_views(rows: NDArray[np.int64], views: Views, mixture: Mixture) -> ViewPlan:
    """Gather the draws of a batch; of a cut mixture the share is 1, for no pixel is a blend."""
    return {
        "rows": rows.astype(np.int32),
        "inverse": _invert(views.affine).astype(np.float32),
        "sharpness": views.sharpness.astype(np.float32),
        "color": views.color.astype(np.float32),
        "gamma": views.gamma.astype(np.float32),
        "cover": views.cover.astype(np.int32),
        "partners": mixture.partners.astype(np.int32),
        "share": np.float32(mixture.share if mixture.box is None else 1.0) * np.ones((), np.float32),
        "box": np.array(mixture.box or (0, 0, 0, 0), np.int32),
    }


def _invert(affine: NDArray[np.float64]) -> NDArray[np.float64]:
    """The inverses of affine maps, `[b, 2, 3]`."""
    linear = np.linalg.inv(affine[:, :, :2])
    return np.concatenate([linear, -linear @ affine[:, :, 2:]], axis=2)
