"""Does the heat lie on the lesion? Two figures of one heat map and one lesion mask, and a baseline.

- `heat_inside`: the share of the heat inside the mask, the energy-based pointing game (Wang et al. 2020,
  Score-CAM, arXiv:1910.01279).
- `peak_inside`: whether the hottest place is inside, the pointing game (Zhang et al. 2016, arXiv:1608.00507),
  without the paper's tolerance of 15 pixels.

For heat spread evenly, and for a place drawn at random, both are the mask's share of the image: chance. In
dermatoscopy the lesion is mostly in the middle, so heat has to be held against a blob in the middle, too.
"""

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

Heat = NDArray[np.float32]
_SIGMAS = np.geomspace(0.03, 10, 120)


def heat_inside(heat: Heat, mask: NDArray[np.bool_]) -> float:
    """Share of the heat that lies inside the mask, 0-1; NaN where there is no heat.

    Args:
        heat: `[rows, columns]`, 0 or more; stretched bilinearly to the mask, as it is when drawn.
        mask: `[height, width]`, true on the lesion.
    """
    height, width = mask.shape
    stretched = cv2.resize(heat.astype(np.float64), (width, height), interpolation=cv2.INTER_LINEAR)
    total = stretched.sum()
    return float(stretched[mask].sum() / total) if total > 0 else float("nan")


def peak_inside(heat: Heat, mask: NDArray[np.bool_]) -> float:
    """1 if the hottest place is inside the mask, else 0; NaN where there is no heat.

    Stretched bilinearly, a map has its maximum at the centre of its hottest cell, so that is the place that
    counts. Of several hottest cells, as quantised maps have, the share inside counts.
    """
    if heat.max() <= 0:
        return float("nan")
    cells = np.argwhere(heat == heat.max())
    places = ((cells + 0.5) * (np.array(mask.shape) / heat.shape)).astype(np.intp)
    return float(mask[places[:, 0], places[:, 1]].mean())


def centred_blob(shape: tuple[int, int], sigma: float) -> Heat:
    """A Gaussian in the middle, `shape` cells, maximum 1 or less; `sigma` as a share of a side."""
    rows, columns = ((np.arange(side) + 0.5) / side - 0.5 for side in shape)
    squares = rows[:, None] ** 2 + columns[None, :] ** 2
    return np.asarray(np.exp((squares.min() - squares) / (2 * sigma**2)), np.float32)


def effective_area(heat: Heat) -> float:
    """Share of the cells that the heat would fill if it were even on them and nothing elsewhere, 0-1.

    `(sum h)^2 / (n sum h^2)`, the inverse participation ratio; NaN where there is no heat.
    """
    values = heat.astype(np.float64)
    squares = (values**2).sum()
    return float(values.sum() ** 2 / (values.size * squares)) if squares > 0 else float("nan")


def blob_as_wide_as(heats: Sequence[Heat]) -> tuple[Heat, float]:
    """The centred blob with the median effective area of some heat maps of one shape, and its sigma.

    As wide as the heat, it differs only in where it lies: a narrower blob would always have more of its heat
    inside a central lesion, a wider one less. NaN heat maps are not counted; at least one must have heat.
    """
    shape = heats[0].shape
    wanted = np.nanmedian([effective_area(heat) for heat in heats])
    areas = [effective_area(centred_blob((shape[0], shape[1]), sigma)) for sigma in _SIGMAS]
    sigma = float(np.interp(wanted, areas, _SIGMAS))
    return centred_blob((shape[0], shape[1]), sigma), sigma
