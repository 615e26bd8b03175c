"""MobileNetV2 with three quarters, half and about a third of the channels (Sandler et al. 2018)."""

from typing import Any

import keras

from dermdistill.models.registry import ModelSpec, register_model


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
