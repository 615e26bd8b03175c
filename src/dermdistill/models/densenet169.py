"""DenseNet169, a teacher (Huang et al. 2017, arXiv:1608.06993)."""

from typing import Any

import keras

from dermdistill.models.registry import ModelSpec, register_model


@register_model(
    "densenet169",
    ModelSpec(scaling="torch", source="Huang et al. 2017, arXiv:1608.06993", imagenet="DenseNet169"),
)
def densenet169() -> Any:
    """Build the backbone; see `ModelSpec` for the input it wants."""
    return keras.applications.DenseNet169(weights=None, include_top=False)
