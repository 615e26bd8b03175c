"""MobileNetV3-Large (Howard et al. 2019, arXiv:1905.02244)."""

from typing import Any

import keras

from dermdistill.models.registry import ModelSpec, register_model


@register_model(
    "mobilenet_v3_large",
    ModelSpec(scaling="inside", source="Howard et al. 2019, arXiv:1905.02244", imagenet="MobileNetV3Large"),
)
def mobilenet_v3_large() -> Any:
    """Build the backbone; see `ModelSpec` for the input it wants."""
    return keras.applications.MobileNetV3Large(weights=None, include_top=False)
