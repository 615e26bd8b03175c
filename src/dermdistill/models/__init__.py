"""Architectures by name: one file each, found through the registry."""

from dermdistill.models import (  # noqa: F401  # importing a module registers its architecture
    densenet169,
    efficientnet_b0,
    efficientnet_lite,
    efficientnet_v2_b0,
    inception_v3_mixed8,
    mobilenet_v2,
    mobilenet_v2_narrow,
    mobilenet_v3_large,
    mobilenet_v3_small,
    resnet50,
    resnet50v2,
    tiny_cnn,
)
from dermdistill.models.build import build_model, load_run_model
from dermdistill.models.registry import ModelSpec, get_model_spec, model_names, register_model

__all__ = ["ModelSpec", "build_model", "get_model_spec", "load_run_model", "model_names", "register_model"]
