"""Backbones of keras.applications, and a tiny network for tests."""

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


def _register(name: str, alpha: float) -> None:
    spec = ModelSpec(
        scaling="minus_one_to_one",
        source="Sandler et al. 2018, arXiv:1801.04381",
        imagenet="MobileNetV2",
        imagenet_settings={"alpha": alpha},
    )

    @register_model(name, spec)
    def build() -> Any:
        return keras.applications.MobileNetV2(weights=None, include_top=False, alpha=alpha)


for _name, _alpha in (("mobilenet_v2_a75", 0.75), ("mobilenet_v2_a50", 0.5), ("mobilenet_v2_a35", 0.35)):
    _register(_name, _alpha)


@register_model(
    "mobilenet_v3_large",
    ModelSpec(scaling="inside", source="Howard et al. 2019, arXiv:1905.02244", imagenet="MobileNetV3Large"),
)
def mobilenet_v3_large() -> Any:
    """Build the backbone; see `ModelSpec` for the input it wants."""
    return keras.applications.MobileNetV3Large(weights=None, include_top=False)


@register_model(
    "mobilenet_v3_small",
    ModelSpec(scaling="inside", source="Howard et al. 2019, arXiv:1905.02244", imagenet="MobileNetV3Small"),
)
def mobilenet_v3_small() -> Any:
    """Build the backbone; see `ModelSpec` for the input it wants."""
    return keras.applications.MobileNetV3Small(weights=None, include_top=False)


@register_model(
    "densenet169",
    ModelSpec(scaling="torch", source="Huang et al. 2017, arXiv:1608.06993", imagenet="DenseNet169"),
)
def densenet169() -> Any:
    """Build the backbone; see `ModelSpec` for the input it wants."""
    return keras.applications.DenseNet169(weights=None, include_top=False)


@register_model(
    "resnet50", ModelSpec(scaling="caffe", source="He et al. 2016, arXiv:1512.03385", imagenet="ResNet50")
)
def resnet50() -> Any:
    """Build the backbone; see `ModelSpec` for the input it wants."""
    return keras.applications.ResNet50(weights=None, include_top=False)


@register_model(
    "resnet50v2",
    ModelSpec(scaling="minus_one_to_one", source="He et al. 2016, arXiv:1603.05027", imagenet="ResNet50V2"),
)
def resnet50v2() -> Any:
    """Build the backbone; see `ModelSpec` for the input it wants."""
    return keras.applications.ResNet50V2(weights=None, include_top=False)


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
    """Build InceptionV3 up to `mixed8`: without its last two blocks, which hold two fifths of the weights."""
    whole = keras.applications.InceptionV3(weights=None, include_top=False)
    return keras.Model(whole.input, whole.get_layer("mixed8").output, name="inception_v3_mixed8")


@register_model("tiny_cnn", ModelSpec(scaling="minus_one_to_one", source="DermDistill"))
def tiny_cnn() -> Any:
    """Build three strided convolutions with batch normalisation: every kind of state a student has."""
    image = keras.Input((None, None, 3))
    x = image
    for number, filters in enumerate((8, 16, 32), start=1):
        x = keras.layers.Conv2D(filters, 3, strides=2, padding="same", use_bias=False, name=f"conv_{number}")(
            x
        )
        x = keras.layers.BatchNormalization(momentum=0.9, name=f"norm_{number}")(x)
        x = keras.layers.ReLU(name=f"relu_{number}")(x)
    return keras.Model(image, x, name="tiny_cnn")
