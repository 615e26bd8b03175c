"""Data parallelism on JAX: the state whole on every device, an equal share of each batch on each.

The compiled step sees one global batch, wherever its images lie. The statistics of batch normalisation, the
losses and the gradients are therefore those of one device; only the order of sums differs. After `sync` the
Keras variables are as ever: validation and checkpoints know nothing of this.
"""

import os
from typing import Any

import jax
import keras
import numpy as np
from jax.experimental import multihost_utils

from dermdistill.errors import ModelError, RecipeError

JOIN = "KERAS_DISTRIBUTION_JOB_ADDRESSES"


def join_machines() -> None:
    """Become one of several processes, if the environment says so; before anything is computed.

    KERAS_DISTRIBUTION_JOB_ADDRESSES, _NUM_PROCESSES and _PROCESS_ID are Keras's own, see
    `keras.distribution.initialize`.

    Raises:
        ModelError: the others do not come.
    """
    if not os.environ.get(JOIN) or jax.distributed.is_initialized():
        return
    try:
        keras.distribution.initialize()
    except (RuntimeError, ValueError) as error:
        said = str(error).splitlines()[0].rstrip(".")
        raise ModelError(
            f"The processes that {JOIN} names do not come together ({said}); start the same command in each."
        ) from error


def check_alike(position: tuple[int, ...]) -> None:
    """Refuse to go on from different checkpoints in several processes.

    Raises:
        ModelError: another process stands elsewhere in its training.
    """
    if jax.process_count() == 1:
        return
    everyone = multihost_utils.process_allgather(np.array(position))
    if not (everyone == everyone[0]).all():
        raise ModelError(
            "The processes stand at different steps of the training; copy one run folder to the others."
        )


class Devices:
    """All devices of all processes, as a mesh of one axis."""

    def __init__(self) -> None:
        self._parallel = keras.distribution.DataParallel()
        self._whole = self._sharding(0, shared=False)
        self.count = jax.device_count()

    def _sharding(self, dimensions: int, *, shared: bool) -> Any:
        first = [self._parallel.batch_dim_name] if shared else [None][:dimensions]
        axes = [*first, *[None] * (dimensions - 1)]
        return keras.distribution.TensorLayout(axes, self._parallel.device_mesh).backend_layout

    @property
    def whole(self) -> Any:
        """How what every device has whole is laid out."""
        return self._whole

    def everywhere(self, values: Any) -> Any:
        """Put arrays whole on every device."""
        return jax.tree.map(lambda value: _placed(value, self._whole), values)

    def shared(self, given: Any, batch_size: int) -> Any:
        """Give each device its share of arrays `[batch_size, ...]`, and all others whole.

        Raises:
            RecipeError: the batch cannot be shared evenly.
        """
        if batch_size % self.count:
            raise RecipeError(
                f"A batch of {batch_size} images cannot be shared evenly by {self.count} devices; set "
                "batches.size to a multiple."
            )
        return jax.tree.map(lambda value: self._shared(np.asarray(value), batch_size), given)

    def _shared(self, value: Any, batch_size: int) -> Any:
        is_batch = value.ndim > 0 and len(value) == batch_size
        return _placed(value, self._sharding(value.ndim, shared=True) if is_batch else self._whole)

    def local(self, value: Any) -> Any:
        """This process's copy of an array that every device has whole."""
        return value.addressable_data(0)


def _placed(value: Any, sharding: Any) -> Any:
    host = np.asarray(value)
    return jax.make_array_from_callback(host.shape, sharding, lambda index: host[index])
