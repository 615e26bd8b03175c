"""From a name to a Keras model that keeps the contract: RGB uint8 in; logits, class maps, embedding out."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

import keras
from keras import ops

from dermdistill.errors import ModelError
from dermdistill.models.batch_norm import fuse_batch_norm
from dermdistill.models.head import attach_head
from dermdistill.models.registry import Scaling, get_model_spec
from dermdistill.models.weights import load_initial_weights
from dermdistill.runs import BEST, CONFIG, classes_of, read_config

Precision = Literal["float32", "bfloat16"]


def build_model(
    name: str,
    *,
    num_classes: int,
    image_size: int | None = 224,
    init: str = "none",
    dropout: float = 0.2,
    precision: Precision = "float32",
) -> Any:
    """Build a model of the registry.

    Args:
        name: a registered architecture.
        num_classes: number of classes.
        image_size: pixels of the square input, or None for any size.
        init: where the weights start; see `load_initial_weights`.
        precision: `bfloat16` computes the backbone in it, with float32 weights and a float32 head.
        dropout: share of the embedding's channels dropped in training, 0 to below 1.

    Returns:
        A `keras.Model`: uint8 `[batch, image_size, image_size, 3]`, 0-255, in; a dict of float32 out:
        `logits [batch, num_classes]`, `class_maps [batch, h, w, num_classes]`, `embedding [batch, features]`.
        The mean of a class map over space plus the bias of layer `logits` is the logit.

    Raises:
        ModelError: the name is unknown or the weights do not fit.
    """
    spec, build_backbone = get_model_spec(name)
    shape = (image_size, image_size, 3)
    with _computing_in(precision):
        backbone = fuse_batch_norm(build_backbone())
        image = keras.Input(shape, dtype="uint8", name="image")
        scaled = scale_input(ops.cast(image, "float32"), spec.scaling)
        features = backbone(scaled)
    model = keras.Model(image, attach_head(features, num_classes, dropout), name=name)
    load_initial_weights(model, backbone, spec, init)
    return model


@contextmanager
def _computing_in(precision: Precision) -> Iterator[None]:
    """Layers made within the block compute in that precision."""
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy("float32" if precision == "float32" else f"mixed_{precision}")
    try:
        yield
    finally:
        keras.config.set_dtype_policy(before)


def load_run_model(run_dir: Path, *, image_size: int | None = 224, precision: Precision = "float32") -> Any:
    """Rebuild the best model of a finished or running training from `config.json` and `best.weights.h5`.

    Raises:
        ModelError: the folder holds no run, its config.json is damaged, or its weights do not fit.
        DataError: its config.json does not say which classes it has.
    """
    config = read_config(run_dir)
    if not (run_dir / BEST).is_file():
        raise ModelError(f"{run_dir} is not a trained run: {BEST} is missing; train it first.")
    try:
        settings = config["recipe"]["model"]
        name, dropout = settings["name"], settings["dropout"]
    except (KeyError, TypeError) as error:
        raise ModelError(
            f"{run_dir / CONFIG} does not say which model the run trained ({error!r}); restore it or train "
            "again."
        ) from error
    return build_model(
        name,
        num_classes=len(classes_of(run_dir, config)),
        image_size=image_size,
        init=str(run_dir),
        dropout=dropout,
        precision=precision,
    )


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
