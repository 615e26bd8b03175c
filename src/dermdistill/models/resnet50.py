"""ResNet50, a teacher (He et al. 2016, arXiv:1512.03385)."""

from typing import Any

import keras

from dermdistill.models.registry import ModelSpec, register_model


@register_model(
    "resnet50", ModelSpec(scaling="caffe", source="He et al. 2016, arXiv:1512.03385", imagenet="ResNet50")
)
def resnet50() -> Any:
    """Build the backbone; see `ModelSpec` for the input it wants."""
    return keras.applications.ResNet50(weights=None, include_top=False)
