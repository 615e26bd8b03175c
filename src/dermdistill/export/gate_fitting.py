"""Fit the out-of-distribution gate with the file that ships: train embeddings in, measured gate out."""

from collections.abc import Callable

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dermdistill.bundle import OutOfDistribution
from dermdistill.data.cache import Prepared
from dermdistill.evaluate.predictions import labels_of
from dermdistill.export.file_scoring import Scored, score_with_engine
from dermdistill.export.negatives import KINDS, negative_images
from dermdistill.export.out_of_distribution import (
    accepted_share,
    fit_distance,
    fit_thresholds,
    gate_auroc,
    gate_files,
    gate_part,
)
from dermdistill.inference import Engine

NEGATIVES_A_KIND = 50


def fit_gate(
    engine: Engine,
    prepared: Prepared,
    train_rows: pd.DataFrame,
    *,
    val: Scored,
    test: Scored,
    advance: Callable[[int], None] = lambda _: None,
) -> tuple[OutOfDistribution, dict[str, bytes]]:
    """Fit on train, set thresholds on val, measure on test and on drawn negatives.

    Returns:
        The gate's part of bundle.json and its files by name.

    Raises:
        DataError: train has no images, or one of them is not in the cache.
    """
    train = score_with_engine(engine, prepared, train_rows, advance=advance)
    gate = fit_distance(train.embeddings, labels_of(train.rows))
    gate = fit_thresholds(gate, val.embeddings, val.logits, val.rows["lesion_id"])
    negatives = negative_embeddings(engine)
    part = gate_part(
        gate,
        split="test",
        accepted=accepted_share(gate, test.embeddings, test.logits, test.rows["lesion_id"]),
        auroc=gate_auroc(gate, test.embeddings, negatives),
    )
    return part, gate_files(gate)


def negative_embeddings(engine: Engine, count: int = NEGATIVES_A_KIND) -> NDArray[np.float32]:
    """Embeddings `[kinds * count, f]` of drawn pictures that are no lesion."""
    size = engine.spec.input.size
    images = (image for kind in KINDS for image in negative_images(kind, count, size=size))
    return np.stack([engine.outputs(image).embedding for image in images])
