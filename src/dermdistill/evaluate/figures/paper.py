"""A figure on disk: vector PDF, PNG at 300 dpi and its table, with a caption that says what was measured.

Figures are built without pyplot, so no window system, global state or thread is involved.
"""

from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO, StringIO
from itertools import product
from pathlib import Path
from typing import Any

import matplotlib as mpl
import pandas as pd
from matplotlib.figure import Figure

from dermdistill.classes import RESEARCH_USE
from dermdistill.files import write_atomically

# Okabe, Ito 2008: seven colours that colour-blind readers can tell apart.
COLOURS = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#D55E00", "#000000", "#56B4E9")
# Of more lines than that, the next are dashed, then dotted.
LINES = tuple((colour, style) for style, colour in product(("-", "--", ":"), COLOURS))
DPI = 300
PANEL = (6.5, 5.5)  # inches
# Text stays text in the PDF (TrueType), so that a journal's editor can change it.
STYLE: dict[Any, Any] = {"pdf.fonttype": 42, "font.size": 9, "axes.titlesize": 10, "legend.fontsize": 8}


@dataclass(frozen=True)
class Caption:
    """What a figure is of, in a line above it; `notice` puts the notice of research use below it.

    Attributes:
        model: name and version of a bundle, or of a run.
        data: source, split and how many images and lesions.
        rule: how a class is decided on; empty where the figure does not depend on it.
        notice: leave it out only where the text around the figure has it.
    """

    model: str
    data: str
    rule: str = ""
    notice: bool = True

    @property
    def line(self) -> str:
        """The parts that there are, in one line."""
        return "  ·  ".join(part for part in (self.model, self.data, self.rule) if part)


def write_figure(
    frame: pd.DataFrame,
    draw: Callable[..., None],
    folder: Path,
    name: str,
    caption: Caption,
    *,
    panels: int = 1,
) -> None:
    """Write `name`.csv, `name`.png and `name`.pdf to `folder`; equal tables give equal bytes.

    Args:
        frame: the table that is drawn.
        draw: called with the table and as many axes as `panels`.
        folder: where to.
        name: of the files, without a suffix.
        caption: what was measured.
        panels: axes side by side.
    """
    table = StringIO()
    frame.to_csv(table, index=False, float_format="%.6g", lineterminator="\n")
    write_atomically(folder / f"{name}.csv", table.getvalue().encode())
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(PANEL[0] * panels, PANEL[1]), layout="constrained")
        draw(frame, *figure.subplots(1, panels, squeeze=False)[0])
        write_drawing(figure, folder, name, caption)


def write_drawing(figure: Figure, folder: Path, name: str, caption: Caption) -> None:
    """Write a drawn figure with its caption as `name`.png and `name`.pdf."""
    figure.suptitle(caption.line, fontsize=8, color="dimgrey")
    if caption.notice:
        figure.supxlabel(RESEARCH_USE, fontsize=7, color="grey")
    figure.draw_without_rendering()
    figure.set_layout_engine("none")  # laid out once, for both files
    png, pdf = BytesIO(), BytesIO()
    settings = {"compress_level": 3}  # twice as fast, a tenth larger
    figure.savefig(png, format="png", dpi=DPI, metadata={"Software": None}, pil_kwargs=settings)
    figure.savefig(pdf, format="pdf", metadata={"CreationDate": None, "Creator": None, "Producer": None})
    write_atomically(folder / f"{name}.png", png.getvalue())
    write_atomically(folder / f"{name}.pdf", pdf.getvalue())
