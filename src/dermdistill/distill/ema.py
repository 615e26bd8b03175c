"""Exponential moving average of weights (Polyak and Juditsky 1992), batch-norm statistics included."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import keras


class WeightAverage:
    """Holds an average beside each weight of a model.

    The decay rises with the number of updates, `min(decay, (1 + n) / (10 + n))`, so that the average does not
    remember the start for long.

    Args:
        model: as it is before its training.
        decay: 0 to below 1.
        start_share: share of the starting weights in the weights that `applied` gives. Weights between a
        network and its fine-tuned version keep much of both (WiSE-FT, arXiv:2109.01903).
    """

    def __init__(self, model: Any, decay: float, start_share: float = 0.0) -> None:
        self.weights = list(model.weights)
        self.start_share = start_share
        self.start = [keras.ops.convert_to_numpy(weight.value) for weight in self.weights]
        self.averages = [
            keras.Variable(keras.ops.copy(weight.value), trainable=False, dtype=weight.dtype, name="average")
            for weight in self.weights
        ]
        self.updates = keras.Variable(0, trainable=False, dtype="int32", name="average_updates")
        self.decay = decay

    @property
    def variables(self) -> list[Any]:
        """Everything that a checkpoint must hold."""
        return [self.updates, *self.averages]

    def restart(self) -> None:
        """Begin again from the model's present weights; the start of `start_share` stays."""
        for average, weight in zip(self.averages, self.weights, strict=True):
            average.assign(weight.value)

    def update(self) -> None:
        """Move each average towards its weight; called inside the training step."""
        count = keras.ops.cast(self.updates, "float32")
        decay = keras.ops.minimum(self.decay, (1 + count) / (10 + count))
        for average, weight in zip(self.averages, self.weights, strict=True):
            average.assign(average.value * decay + weight.value * (1 - decay))
        self.updates.assign(self.updates.value + 1)

    @contextmanager
    def applied(self) -> Iterator[None]:
        """Within the block the model has the averaged weights, mixed with those of the start."""
        kept = [keras.ops.convert_to_numpy(weight.value) for weight in self.weights]
        for average, start, weight in zip(self.averages, self.start, self.weights, strict=True):
            # A new array: JAX gives away the model's own.
            weight.assign(average.value * (1 - self.start_share) + start * self.start_share)
        try:
            yield
        finally:
            for value, weight in zip(kept, self.weights, strict=True):
                weight.assign(value)
