"""Fit the out-of-distribution gate with the file that ships: train embeddings in, measured gate out."""

from collections.abc import Callable, Iterable

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dermdistill.bundle import BundleSpec, OutOfDistribution
from dermdistill.data.study import Study
from dermdistill.data.views.degrade import worse_copies
from dermdistill.export.answers import Scored, score_with_engine
from dermdistill.export.gate.drawn import KINDS, negative_images
from dermdistill.export.gate.photographs import photographs
from dermdistill.export.gate.space import Gate, fit_space, fit_threshold, gate_files, gate_part
from dermdistill.inference import Engine
from dermdistill.inference.interpreter import LiteRTModel

NEGATIVES_A_KIND = 50
# Spoilt pictures among those the space is fitted on: with more of them the gate lets photographs pass, with
# none it takes offence at noise and black rims (decisions 11 to 13).
ONE_SPOILT_IN = 40


def fit_gate(
    engine: Engine,
    study: Study,
    train_rows: pd.DataFrame,
    *,
    val: Scored,
    test: Scored,
    advance: Callable[[int], None] = lambda _: None,
) -> tuple[Gate, OutOfDistribution, dict[str, bytes]]:
    """Fit on train, a few of it spoilt; set the threshold on val; measure on test and on what is no lesion.

    Returns:
        The gate, its part of bundle.json and its files by name.

    Raises:
        DataError: train has no images.
    """
    train = score_with_engine(engine, study, train_rows, advance=advance)
    spoilt_rows = train_rows[::ONE_SPOILT_IN]
    embeddings = np.concatenate([train.embeddings, _spoilt_embeddings(engine, study, spoilt_rows)])
    space = fit_space(embeddings, pd.concat([train.rows["diagnosis"], spoilt_rows["diagnosis"]]))
    gate = fit_threshold(space, val.embeddings, val.rows["lesion_id"])
    part = gate_part(
        gate,
        split="test",
        lesions=test.embeddings,
        rows=test.rows,
        negatives=negative_embeddings(engine),
    )
    return gate, part, gate_files(gate)


def quick_threshold(
    gate: Gate, model_bytes: bytes, spec: BundleSpec, study: Study, rows: pd.DataFrame
) -> float:
    """The gate's threshold for a file that looks once, as it is set for the model file: on lesions of val."""
    model = LiteRTModel(model_bytes, spec, name="the file that looks once")
    views = iter(study.images(rows))
    embeddings = np.stack([model(view).embedding for view in views])
    return fit_threshold(gate, embeddings, rows["lesion_id"]).distance_threshold


def _spoilt_embeddings(engine: Engine, study: Study, rows: pd.DataFrame) -> NDArray[np.float32]:
    images = iter(study.images(rows))
    return np.stack([engine.outputs(image).embedding for image in worse_copies(images)])


def negative_embeddings(engine: Engine, count: int = NEGATIVES_A_KIND) -> dict[str, NDArray[np.float32]]:
    """Embeddings `[count, f]` by kind: drawn pictures, and crops of photographs that are installed."""
    size = engine.spec.input.size

    def embeddings(images: Iterable[NDArray[np.uint8]]) -> NDArray[np.float32]:
        return np.stack([engine.outputs(image).embedding for image in images])

    found = {kind: embeddings(negative_images(kind, count, size=size)) for kind in KINDS}
    for kind, crops in photographs(count, size=size).items():
        found[f"photographs_{kind}"] = embeddings(crops)
    return found
