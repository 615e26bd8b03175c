"""EfficientNetV2-B0 (Tan and Le 2021, arXiv:2104.00298)."""

from typing import Any

import keras

from dermdistill.models.registry import ModelSpec, register_model


@register_model(
    "efficientnet_v2_b0",
    ModelSpec(scaling="inside", source="Tan and Le 2021, arXiv:2104.00298", imagenet="EfficientNetV2B0"),
)
def efficientnet_v2_b0() -> Any:
    """Build the backbone; see `ModelSpec` for the input it wants."""
    return keras.applications.EfficientNetV2B0(weights=None, include_top=False)
