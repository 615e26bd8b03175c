"""A head taught on embeddings: the same network, optimizer and number of steps for every method."""

from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
from keras import ops
from numpy.typing import NDArray

from dermdistill.rebalance.methods import Balanced

EPOCH = 100  # steps


@dataclass(frozen=True)
class HeadSettings:
    """How a head is taught; chosen on no method's account.

    Attributes:
        steps: of AdamW (arXiv:1711.05101), the rate falling to 0 as a cosine.
        batch_size: embeddings in a step.
        learning_rate: at the start.
        weight_decay: of the kernel; the bias has none.
        dropout: share of an embedding's features dropped in a step.
    """

    steps: int = 2000
    batch_size: int = 256
    learning_rate: float = 1e-3
    weight_decay: float = 0.02
    dropout: float = 0.2


class _Drawn(keras.utils.PyDataset):  # type: ignore[misc]  # Keras ships no types
    """Batches drawn with replacement; batch k of an epoch is a function of the seed, the epoch and k."""

    def __init__(self, balanced: Balanced, settings: HeadSettings, seed: int) -> None:
        super().__init__()
        self.balanced, self.settings, self.seed, self.epoch = balanced, settings, seed, 0
        self.edges = np.cumsum(balanced.drawn)

    def __len__(self) -> int:
        return EPOCH

    def __getitem__(self, step: int) -> tuple[NDArray[np.float32], NDArray[np.intp]]:
        rng = np.random.default_rng([self.seed, self.epoch, step])
        rows = np.searchsorted(self.edges, rng.uniform(size=self.settings.batch_size) * self.edges[-1])
        rows = np.minimum(rows, len(self.edges) - 1)
        return self.balanced.values[rows], self.balanced.labels[rows]

    def on_epoch_end(self) -> None:
        """Draw others in the next epoch."""
        self.epoch += 1


def teach_head(
    balanced: Balanced, prior: NDArray[np.float64], *, seed: int, settings: HeadSettings = HeadSettings()
) -> tuple[NDArray[np.float32], NDArray[np.float32], float]:
    """Teach a linear head from zero, its bias from the classes' shares.

    Args:
        balanced: what it learns from.
        prior: share of each class in the data, float `[classes]`.
        seed: of the order of the embeddings and of dropout.
        settings: how.

    Returns:
        Kernel `[features, classes]`, bias `[classes]`, and the mean loss of the last epoch in nats. Their
        logits follow the shares in the data.
    """
    keras.utils.set_random_seed(seed)
    embedding = keras.Input((balanced.values.shape[1],))
    head = keras.layers.Dense(len(prior), kernel_initializer="zeros", name="head")
    model = keras.Model(embedding, head(keras.layers.Dropout(settings.dropout)(embedding)))
    head.bias.assign(np.log(np.maximum(prior, 1e-6)))
    rate = keras.optimizers.schedules.CosineDecay(settings.learning_rate, settings.steps)
    optimizer = keras.optimizers.AdamW(rate, weight_decay=settings.weight_decay)
    optimizer.exclude_from_weight_decay(var_names=["bias"])
    shift = balanced.shift.astype(np.float32)

    def loss(labels: Any, logits: Any) -> Any:
        return keras.losses.sparse_categorical_crossentropy(
            labels, logits + ops.array(shift), from_logits=True
        )

    model.compile(optimizer, loss)
    told = model.fit(
        _Drawn(balanced, settings, seed), epochs=settings.steps // EPOCH, verbose=0, shuffle=False
    )
    kernel, bias = (
        np.asarray(keras.ops.convert_to_numpy(each.value), np.float32) for each in (head.kernel, head.bias)
    )
    return kernel, bias, float(told.history["loss"][-1])
