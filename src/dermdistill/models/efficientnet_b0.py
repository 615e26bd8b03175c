"""EfficientNet-B0 (Tan and Le 2019, arXiv:1905.11946)."""

from typing import Any

import keras

from dermdistill.models.registry import ModelSpec, register_model


@register_model(
    "efficientnet_b0",
    ModelSpec(scaling="inside", source="Tan and Le 2019, arXiv:1905.11946", imagenet="EfficientNetB0"),
)
def efficientnet_b0() -> Any:
    """Build the backbone; see `ModelSpec` for the input it wants."""
    return keras.applications.EfficientNetB0(weights=None, include_top=False)
