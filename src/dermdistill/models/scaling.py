"""Input normalisation as layers of the graph, so that every model takes RGB uint8, 0-255."""

from typing import Any

import keras

from dermdistill.models.registry import Scaling

# Channel means and deviations of ImageNet, as keras.applications.imagenet_utils.preprocess_input uses them.
TORCH_MEAN = (0.485, 0.456, 0.406)
TORCH_STD = (0.229, 0.224, 0.225)
_CAFFE_MEAN_BGR = (103.939, 116.779, 123.68)


def scale_input(image: Any, scaling: Scaling) -> Any:
    """Normalise float RGB `[batch, height, width, 3]`, 0-255, as the backbone was trained to see it."""
    if scaling == "minus_one_to_one":
        return keras.layers.Rescaling(1 / 127.5, offset=-1.0)(image)
    if scaling == "torch":
        return keras.layers.Rescaling(
            tuple(1 / (255 * std) for std in TORCH_STD),
            offset=tuple(-mean / std for mean, std in zip(TORCH_MEAN, TORCH_STD, strict=True)),
        )(image)
    if scaling == "caffe":
        return keras.layers.Rescaling(1.0, offset=tuple(-mean for mean in _CAFFE_MEAN_BGR))(image[..., ::-1])
    return image
