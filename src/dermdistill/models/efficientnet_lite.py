"""EfficientNet-Lite: EfficientNet without squeeze-and-excitation and with ReLU6, made for int8 (Liu 2020)."""

import math
from typing import Any

import keras
from keras import layers

from dermdistill.models.registry import ModelSpec, register_model

# (expansion, channels, repeats, stride of the first, kernel), table 1 of arXiv:1905.11946.
_STAGES = (
    (1, 16, 1, 1, 3),
    (6, 24, 2, 2, 3),
    (6, 40, 2, 2, 5),
    (6, 80, 3, 2, 3),
    (6, 112, 3, 1, 5),
    (6, 192, 4, 2, 5),
    (6, 320, 1, 1, 3),
)


def _register(name: str, *, width: float, depth: float) -> None:
    source = "Tan and Le 2019, arXiv:1905.11946; Lite variant, Liu 2020"

    @register_model(name, ModelSpec(scaling="minus_one_to_one", source=source))
    def build() -> Any:
        return _efficientnet_lite(name, width, depth)


for _name, _width, _depth in (
    ("efficientnet_lite0", 1.0, 1.0),
    ("efficientnet_lite1", 1.0, 1.1),
    ("efficientnet_lite2", 1.1, 1.2),
):
    _register(_name, width=_width, depth=_depth)


def _efficientnet_lite(name: str, width: float, depth: float) -> Any:
    """Build the backbone; layers are named as published checkpoints name them, with `_` for `.`.

    The Lite networks keep the stem's 32 and the head's 1,280 channels, and one block in the first and the
    last stage.
    """
    image = keras.Input((None, None, 3))
    x = _norm(_conv(image, 32, 3, 2, "conv_stem"), "bn1", relu6=True)
    for stage, (expansion, channels, repeats, stride, kernel) in enumerate(_STAGES):
        for block in range(math.ceil(depth * repeats) if repeats > 1 else 1):
            x = _inverted_residual(
                x,
                expansion,
                int(width * channels + 4) // 8 * 8,
                stride if block == 0 else 1,
                kernel,
                name=f"blocks_{stage}_{block}",
            )
    x = _norm(_conv(x, 1280, 1, 1, "conv_head"), "bn2", relu6=True)
    return keras.Model(image, x, name=name)


def _inverted_residual(x: Any, expansion: int, channels: int, stride: int, kernel: int, *, name: str) -> Any:
    """Expand, filter each channel, project (Sandler et al. 2018); a first stage without expansion."""
    before = x
    if expansion == 1:
        filtered, projection, norms = x, "conv_pw", ("bn1", "bn2")
    else:
        expanded = _conv(x, expansion * before.shape[-1], 1, 1, f"{name}_conv_pw")
        filtered = _norm(expanded, f"{name}_bn1", relu6=True)
        projection, norms = "conv_pwl", ("bn2", "bn3")
    filtered = layers.DepthwiseConv2D(kernel, stride, padding="same", use_bias=False, name=f"{name}_conv_dw")(
        filtered
    )
    filtered = _norm(filtered, f"{name}_{norms[0]}", relu6=True)
    x = _norm(_conv(filtered, channels, 1, 1, f"{name}_{projection}"), f"{name}_{norms[1]}", relu6=False)
    if stride == 1 and before.shape[-1] == channels:
        x = layers.Add(name=f"{name}_add")([before, x])
    return x


def _conv(x: Any, channels: int, kernel: int, stride: int, name: str) -> Any:
    return layers.Conv2D(channels, kernel, stride, padding="same", use_bias=False, name=name)(x)


def _norm(x: Any, name: str, *, relu6: bool) -> Any:
    x = layers.BatchNormalization(epsilon=1e-3, name=name)(x)
    return layers.ReLU(6.0, name=f"{name}_relu6")(x) if relu6 else x
