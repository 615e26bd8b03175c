"""ResNet50V2, a teacher (He et al. 2016, arXiv:1603.05027)."""

from typing import Any

import keras

from dermdistill.models.registry import ModelSpec, register_model


@register_model(
    "resnet50v2",
    ModelSpec(scaling="minus_one_to_one", source="He et al. 2016, arXiv:1603.05027", imagenet="ResNet50V2"),
)
def resnet50v2() -> Any:
    """Build the backbone; see `ModelSpec` for the input it wants."""
    return keras.applications.ResNet50V2(weights=None, include_top=False)
