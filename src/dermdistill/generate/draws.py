"""What a step of a generator's training sees: a pure function of the seed and the step's number."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dermdistill.generate.augment import draw_changes


@dataclass(frozen=True)
class Draws:
    """The real pictures of a training, and how each step draws from them.

    Attributes:
        images: uint8 RGB `[n, size, size, 3]`.
        labels: int `[n]`.
        num_classes: of which some may have no picture; those are never drawn.
        batch_size: pictures of each kind in a step.
        noise: numbers that a picture is made of.
        sampling_power: 0 draws classes as often as there are images; 1 draws all alike.
        seed: of everything.
    """

    images: NDArray[np.uint8]
    labels: NDArray[np.intp]
    num_classes: int
    batch_size: int
    noise: int
    sampling_power: float
    seed: int

    @property
    def class_shares(self) -> NDArray[np.float64]:
        """How often a class is drawn, float `[classes]`, sums to 1."""
        counts = np.bincount(self.labels, minlength=self.num_classes).astype(np.float64)
        drawn = np.where(counts > 0, np.maximum(counts, 1) ** (1 - self.sampling_power), 0)
        return np.asarray(drawn / drawn.sum())

    def step(self, number: int) -> dict[str, Any]:
        """The batch of a step, arrays by name; see `generate.step`."""
        rng = np.random.default_rng([self.seed, number])
        size = self.images.shape[1]
        labels = rng.choice(self.num_classes, (3, self.batch_size), p=self.class_shares).astype(np.int32)
        rows = [rng.choice(np.flatnonzero(self.labels == label)) for label in labels[0]]
        noise = rng.normal(size=(2, self.batch_size, self.noise)).astype(np.float32)
        real = [
            _turned(self.images[row], turn)
            for row, turn in zip(rows, rng.integers(0, 8, len(rows)), strict=True)
        ]
        return {
            "real": (np.stack(real) / np.float32(127.5) - 1).astype(np.float32),
            "real_labels": labels[0],
            "fake_labels": labels[1],
            "made_labels": labels[2],
            "fake_noise": noise[0],
            "made_noise": noise[1],
            **{
                f"{kind}_changes": draw_changes(rng, self.batch_size, size)
                for kind in ("real", "fake", "made")
            },
        }


def _turned(image: NDArray[np.uint8], turn: int) -> NDArray[np.uint8]:
    """One of the eight turns and flips of a picture, 0 to 7."""
    return np.rot90(image[:, ::-1] if turn >= 4 else image, turn % 4)
