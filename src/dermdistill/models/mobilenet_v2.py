"""MobileNetV2 at full width, the first student (Sandler et al. 2018, arXiv:1801.04381)."""

from typing import Any

import keras

from dermdistill.models.registry import ModelSpec, register_model


@register_model(
    "mobilenet_v2",
    ModelSpec(
        scaling="minus_one_to_one", source="Sandler et al. 2018, arXiv:1801.04381", imagenet="MobileNetV2"
    ),
)
def mobilenet_v2() -> Any:
    """Build the backbone; see `ModelSpec` for the input it wants."""
    return keras.applications.MobileNetV2(weights=None, include_top=False)
