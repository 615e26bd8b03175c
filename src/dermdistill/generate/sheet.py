"""A sheet of pictures: a row a class, its code on the left."""

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from dermdistill.files import write_atomically

_GAP, _WORD = 4, 52  # pixels


def draw_sheet(
    path: Path, pictures: NDArray[np.uint8], labels: NDArray[np.intp], names: Sequence[str]
) -> None:
    """Write a PNG of pictures `[n, size, size, 3]` RGB, those of a label in a row that is named."""
    shown = [label for label in range(len(names)) if (labels == label).any()]
    size, most = pictures.shape[1], max(int((labels == label).sum()) for label in shown)
    sheet = np.full(
        (len(shown) * (size + _GAP) + _GAP, _WORD + most * (size + _GAP) + _GAP, 3), 255, np.uint8
    )
    for row, label in enumerate(shown):
        top = _GAP + row * (size + _GAP)
        cv2.putText(
            sheet,
            names[label],
            (4, top + size // 2 + 4),
            cv2.FONT_HERSHEY_SIMPLEX,
            0.42,
            (0, 0, 0),
            1,
            cv2.LINE_AA,
        )
        for column, picture in enumerate(pictures[labels == label]):
            left = _WORD + column * (size + _GAP)
            sheet[top : top + size, left : left + size] = picture
    _, data = cv2.imencode(".png", sheet[..., ::-1])
    write_atomically(path, data.tobytes())
