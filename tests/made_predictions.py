"""Predictions of an imagined model, for tests that need no real one."""

import numpy as np
import pandas as pd

from dermdistill.metrics.predictions import prob_columns
from ham10000 import CLASSES

SHARES = np.array([0.033, 0.051, 0.11, 0.012, 0.111, 0.669, 0.014])


def make_predictions(
    n: int = 300,
    *,
    seed: int = 0,
    skill: float = 2.0,
    images_per_lesion: int = 1,
    splits: tuple[str, ...] = ("test",),
) -> pd.DataFrame:
    """A valid predictions frame of `n` images; a higher `skill` is right more often."""
    rng = np.random.default_rng(seed)
    lesion = np.arange(n) // images_per_lesion
    label = rng.choice(7, size=n, p=SHARES)[lesion * images_per_lesion]
    logits = rng.normal(size=(n, 7)) + np.log(SHARES) + skill * np.eye(7)[label]
    probs = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    frame = pd.DataFrame(
        {
            "image_id": [f"IMG_{i:05d}" for i in range(n)],
            "lesion_id": [f"LES_{i:05d}" for i in lesion],
            "diagnosis": [CLASSES[k] for k in label],
            "split": [splits[i % len(splits)] for i in lesion],
        }
    )
    return pd.concat([frame, pd.DataFrame(probs, columns=prob_columns(CLASSES))], axis=1)
