"""Generated pictures as a part of what a head learns from."""

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from dermdistill.data.lineage.generated import KEY
from dermdistill.data.lineage.learned_from import Lineage
from dermdistill.data.lineage.trace import lineage_of_data
from dermdistill.data.prepared import load_prepared, read_report
from dermdistill.data.study import Study
from dermdistill.distill.held_out import generator_saw, refuse_seen
from dermdistill.errors import DataError
from dermdistill.metrics.predictions import labels_in
from dermdistill.rebalance.embeddings import Embeddings
from dermdistill.rebalance.methods import Embedded


@dataclass(frozen=True)
class Generated:
    """Embeddings of generated pictures, and what must be told of them.

    Attributes:
        name: of their source.
        values: float32 `[n, features]`.
        labels: int `[n]`.
        seen: their ids, and those of what their generator has learned from.
        lineage: they and the data sets behind them.
    """

    name: str
    values: NDArray[np.float32]
    labels: NDArray[np.intp]
    seen: frozenset[str]
    lineage: Lineage


def choose_generated(
    directory: Path,
    study: Study,
    embeddings: Embeddings,
    data: Embedded,
    *,
    held_out: frozenset[str],
    count: int,
    share: float,
    seed: int,
) -> Generated:
    """Fill a share of what rare classes lack with generated pictures, as far as there are any.

    Args:
        directory: a prepared folder of generated pictures.
        study: the real pictures.
        embeddings: of the network.
        data: embeddings of the real pictures.
        held_out: ids of the images that the generator must not have learned from.
        count: embeddings that each class is to have.
        share: of what is lacking, 0 to 1.
        seed: of which are chosen.

    Raises:
        DataError: the pictures were not generated, or by a network that has seen val or test images.
    """
    prepared = load_prepared(directory)
    report = read_report(directory) or {}
    if not report.get(KEY):
        raise DataError(f"{directory} holds pictures that were taken; name them in the recipe of a training.")
    saw = generator_saw(directory)
    refuse_seen(saw, held_out, f"generator of the pictures in {directory}")
    of_known = prepared.index["diagnosis"].isin(data.codes)
    rng = np.random.default_rng(seed)
    rows = prepared.index[of_known].sample(frac=1, random_state=rng).reset_index(drop=True)
    wanted = {
        code: round(share * max(0, count - present)) if present else 0
        for code, present in zip(data.codes, data.counts.tolist(), strict=True)
    }
    place = rows.groupby("diagnosis").cumcount()
    rows = rows[place < rows["diagnosis"].map(wanted)].reset_index(drop=True)
    values = (
        embeddings.of_rows(replace(study, prepared=prepared), rows)
        if len(rows)
        else np.empty((0, data.values.shape[1]), np.float32)
    )
    return Generated(
        str(report["source"]),
        values,
        labels_in(data.codes, rows["diagnosis"]),
        saw | frozenset(rows["image_id"]),
        lineage_of_data([directory]),
    )
