"""A model that looks at pictures of any size as if they had been drawn at one."""

from typing import Any

import keras
from keras import ops


def resized_to(image_size: int, model: Any) -> Any:
    """The model behind an antialiased resize: uint8 `[batch, s, s, 3]` of any size s in, its own outputs out.

    The weights are shared. A network is at its best at the resolution it was trained at (arXiv:1906.06423).
    """
    image = keras.Input((None, None, 3), dtype="uint8", name="image")
    size = (image_size, image_size)
    resized = ops.image.resize(ops.cast(image, "float32"), size, interpolation="bilinear", antialias=True)
    return keras.Model(
        image, model(ops.cast(ops.round(resized), "uint8")), name=f"{model.name}_at_{image_size}"
    )
