"""What a device must know to make a batch's pixels itself: a few numbers an image, drawn as for the host."""

from collections.abc import Sequence
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from dermdistill.data.mixing import Mixture
from dermdistill.data.view_draw import View

ViewPlan = dict[str, NDArray[Any]]
"""`rows int [b]`, `inverse float [b, 2, 3]` from view to image, `sharpness, gamma [b]`, `color [b, 3, 4]`,
`cover int [b, 4]`; of the mixture `partners int [b]`, `share []` and `box int [4]`."""


def plan_views(rows: NDArray[np.int64], views: Sequence[View], mixture: Mixture) -> ViewPlan:
    """Gather the draws of a batch; of a cut mixture the share is 1, for no pixel is a blend."""
    return {
        "rows": rows.astype(np.int32),
        "inverse": np.stack([cv2.invertAffineTransform(view.affine) for view in views]).astype(np.float32),
        "sharpness": np.array([view.sharpness for view in views], np.float32),
        "color": np.stack([view.color for view in views]).astype(np.float32),
        "gamma": np.array([view.gamma for view in views], np.float32),
        "cover": np.array([view.cover for view in views], np.int32),
        "partners": mixture.partners.astype(np.int32),
        "share": np.float32(mixture.share if mixture.box is None else 1.0) * np.ones((), np.float32),
        "box": np.array(mixture.box or (0, 0, 0, 0), np.int32),
    }
