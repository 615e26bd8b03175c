"""EfficientNet-B0 (Tan and Le 2019, arXiv:1905.11946), from its first convolution on.

Keras's network normalises its input by itself, with weights that no gradient moves and, from ImageNet, by one
layer more than without. Left out, its input is scaled as other networks' is, to the same numbers.
"""

from typing import Any

import keras

from dermdistill.models.registry import ModelSpec, register_model

FIRST = "stem_conv_pad"


@register_model(
    "efficientnet_b0",
    ModelSpec(
        scaling="torch",
        source="Tan and Le 2019, arXiv:1905.11946",
        imagenet="EfficientNetB0",
        imagenet_from=FIRST,
    ),
)
def efficientnet_b0() -> Any:
    """Build the backbone; see `ModelSpec` for the input it wants."""
    whole = keras.applications.EfficientNetB0(weights=None, include_top=False)
    rest = keras.Model(whole.get_layer(FIRST).input, whole.output, name="efficientnet_b0")
    return keras.models.clone_model(rest)  # layers that no other network holds
