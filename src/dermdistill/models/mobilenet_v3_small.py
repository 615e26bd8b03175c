"""MobileNetV3-Small (Howard et al. 2019, arXiv:1905.02244)."""

from typing import Any

import keras

from dermdistill.models.registry import ModelSpec, register_model


@register_model(
    "mobilenet_v3_small",
    ModelSpec(scaling="inside", source="Howard et al. 2019, arXiv:1905.02244", imagenet="MobileNetV3Small"),
)
def mobilenet_v3_small() -> Any:
    """Build the backbone; see `ModelSpec` for the input it wants."""
    return keras.applications.MobileNetV3Small(weights=None, include_top=False)
