"""What a training starts from: weights of its own classes, or a network that knows others."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from dermdistill.errors import ModelError
from dermdistill.models.build import Precision, build_model, load_run_model
from dermdistill.runs import classes_of, read_config

HEAD = ("class_maps", "logits")
"""Layers whose weights have one entry a class, on the last axis."""


def model_at_its_start(
    name: str,
    *,
    class_shares: Mapping[str, float],
    init: str,
    dropout: float = 0.2,
    precision: Precision = "float32",
) -> Any:
    """Build a model of any image size, with the weights that its training starts from.

    A start that knows other classes gives its backbone, and its head for the classes that both know.

    Args:
        name: a registered architecture.
        class_shares: code of each class, in the order of the logits, and its share of the training images.
            What is new in a head starts from them, so that no step is spent on learning them.
        init: where the weights start; see `load_initial_weights`.
        dropout: share of the embedding's channels dropped in training, 0 to below 1.
        precision: see `build_model`.

    Raises:
        ModelError: the weights do not fit.
        DataError: the start is a run that does not say which classes it has.
    """
    codes, run_dir = tuple(class_shares), Path(init)
    start_codes = classes_of(run_dir, read_config(run_dir)).codes if run_dir.is_dir() else ()
    other_classes = bool(start_codes) and start_codes != codes
    model = build_model(
        name,
        num_classes=len(codes),
        image_size=None,
        init="none" if other_classes else init,
        dropout=dropout,
        precision=precision,
    )
    if start_codes != codes:
        shares = np.maximum(list(class_shares.values()), 1e-6)
        model.get_layer("logits").bias.assign(np.log(shares))
    if other_classes:
        start_from(model, load_run_model(run_dir, image_size=None), codes, start_codes)
    return model


def start_from(model: Any, start: Any, codes: Sequence[str], start_codes: Sequence[str]) -> None:
    """Fill a fresh model in place with the weights of a network of the same architecture.

    The head's weights of a class that only `model` knows stay as they are.

    Args:
        model: what is to be trained, with classes `codes`.
        start: the network that it starts from, with classes `start_codes`.
        codes: codes of the model's classes, in the order of its logits.
        start_codes: codes of the start's classes, in the order of its logits.

    Raises:
        ModelError: the two are of different architectures, or have no class in common.
    """
    shared = [code for code in codes if code in start_codes]
    if not shared:
        raise ModelError(
            f"The start tells {', '.join(start_codes)} apart and this data {', '.join(codes)}: they have no "
            "class in common; start from other weights."
        )
    to, of = [codes.index(code) for code in shared], [start_codes.index(code) for code in shared]
    if model.name != start.name:
        raise ModelError(f"The start is a {start.name} and this is a {model.name}; start from the same one.")
    for layer, known in zip(model.layers, start.layers, strict=True):
        if layer.name not in HEAD:  # other names are numbered anew in each model, so the order counts
            layer.set_weights(known.get_weights())
            continue
        (weight,), (known_weight,) = layer.get_weights(), known.get_weights()
        weight = np.array(weight)
        weight[..., to] = known_weight[..., of]  # classes are the last axis of both
        layer.set_weights([weight])
