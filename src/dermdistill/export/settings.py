"""What the person who exports decides."""

from dataclasses import dataclass
from pathlib import Path

from dermdistill.bundle import Dataset, Quantization
from dermdistill.export.formats.variants import VariantName
from dermdistill.export.provenance import HAM10000
from dermdistill.metrics.decisions import DecisionRule


@dataclass(frozen=True)
class Settings:
    """What the person exporting decides."""

    name: str
    version: str
    quantization: Quantization
    variants: tuple[VariantName, ...] = ()
    decision: DecisionRule = "argmax_p_over_prior"
    dataset: Dataset = HAM10000
    weights_licence: str = "CC-BY-NC-4.0"
    resamples: int = 1000
    quarter_turns: bool = False
    calibrated_by: Path | None = None
