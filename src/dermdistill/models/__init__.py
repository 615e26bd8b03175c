"""Architectures by name, found through the registry."""

from dermdistill.models import efficientnet_lite, keras_backbones  # noqa: F401  # importing registers them
from dermdistill.models.build import build_model, load_run_model
from dermdistill.models.registry import ModelSpec, get_model_spec, model_names, register_model

__all__ = ["ModelSpec", "build_model", "get_model_spec", "load_run_model", "model_names", "register_model"]
