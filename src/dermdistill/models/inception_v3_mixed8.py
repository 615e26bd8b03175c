"""InceptionV3 from its input to `mixed8` (1,280 channels), a teacher trunk of 10.7 M parameters."""

from typing import Any

import keras

from dermdistill.models.registry import ModelSpec, register_model


@register_model(
    "inception_v3_mixed8",
    ModelSpec(
        scaling="minus_one_to_one",
        source="Szegedy et al. 2016, arXiv:1512.00567",
        imagenet="InceptionV3",
        imagenet_until="mixed8",
    ),
)
def inception_v3_mixed8() -> Any:
    """Build the trunk; the two last inception blocks, two fifths of the weights, are left away."""
    whole = keras.applications.InceptionV3(weights=None, include_top=False)
    return keras.Model(whole.input, whole.get_layer("mixed8").output, name="inception_v3_mixed8")
