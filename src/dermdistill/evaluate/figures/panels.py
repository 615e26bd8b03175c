"""An explanation as three panels: the picture, the map, and the map over the picture, with a scale."""

from io import BytesIO
from pathlib import Path

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from numpy.typing import NDArray
from PIL import Image

from dermdistill.evaluate.explain.explanation import Explanation
from dermdistill.evaluate.figures.paper import STYLE, Caption, write_drawing
from dermdistill.inference import overlay_png, scale_heat


def write_panels(
    image: NDArray[np.uint8], answer: Explanation, folder: Path, name: str, *, model: str, notice: bool
) -> None:
    """Draw an RGB uint8 image with its heat as `name`, a .png, and as a PDF beside it.

    The scale is that of one image: 1 is its strongest evidence for the class, 0 none. Two images are not
    compared by it.
    """
    heat = scale_heat(answer.heat)
    both = np.asarray(Image.open(BytesIO(overlay_png(image, heat))).convert("RGB"))
    inferno = mpl.colormaps["inferno"]
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(9.5, 3.9), layout="constrained")
        axes = figure.subplots(1, 3)
        _show(axes[0], image, "picture")
        _show(axes[1], heat, f"map, {heat.shape[0]} x {heat.shape[1]}", cmap=inferno, vmin=0, vmax=1)
        _show(axes[2], both, "both")
        scale = ScalarMappable(Normalize(0, 1), inferno)
        bar = figure.colorbar(scale, ax=list(axes), shrink=0.85)
        bar.set_label(f"evidence for {answer.explained}, 1: the strongest here")
        answered = f"answer: {answer.diagnosis}; p({answer.explained}) = {answer.probability:.3f}"
        caption = Caption(model, name.removesuffix(".png"), answered, notice=notice)
        write_drawing(figure, folder, name.removesuffix(".png"), caption)


def _show(axes: Axes, image: NDArray[np.generic], title: str, **settings: object) -> None:
    axes.imshow(image, aspect="auto", **settings)  # type: ignore[arg-type]
    axes.set(xticks=[], yticks=[], title=title)
    axes.set_box_aspect(1)
