"""What the person who exports decides."""

from dataclasses import dataclass
from pathlib import Path

from dermdistill.bundle import Dataset, Quantization
from dermdistill.export.formats.variants import VariantName
from dermdistill.metrics.decisions import DecisionRule


@dataclass(frozen=True)
class Settings:
    """What the person exporting decides.

    `dataset` is what they say of the data sets whose licence or origin nothing tells; where all is told, it
    is named beside them.
    """

    name: str
    version: str
    quantization: Quantization
    variants: tuple[VariantName, ...] = ()
    decision: DecisionRule = "argmax_p_over_prior"
    dataset: Dataset | None = None
    resamples: int = 1000
    quarter_turns: bool = False
    by_picture: bool = True
    calibrated_by: Path | None = None
