"""Fit the out-of-distribution detector with the file that ships: embeddings in, measured detector out."""

from collections.abc import Callable, Iterable

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dermdistill.bundle import BundleSpec, OutOfDistribution
from dermdistill.data.study import Study
from dermdistill.data.views.degrade import degraded_copies
from dermdistill.export.answers import Scored, score_with_engine
from dermdistill.export.detector.drawn import KINDS, negative_images
from dermdistill.export.detector.photographs import photographs
from dermdistill.export.detector.space import (
    Detector,
    detector_files,
    detector_part,
    fit_space,
    fit_threshold,
)
from dermdistill.inference import Engine
from dermdistill.inference.interpreter import LiteRTModel

NEGATIVES_A_KIND = 50
# One image in so many is fitted on degraded, too. With more of them the detector accepts photographs; with
# none it refuses lesions for noise and black rims (decisions 11 to 13).
ONE_DEGRADED_IN = 40


def fit_detector(
    engine: Engine,
    study: Study,
    train_rows: pd.DataFrame,
    *,
    val: Scored,
    test: Scored,
    advance: Callable[[int], None] = lambda _: None,
) -> tuple[Detector, OutOfDistribution, dict[str, bytes]]:
    """Fit on train, a few images degraded; set the threshold on val; measure on test and non-lesions.

    Returns:
        The detector, its part of bundle.json and its files by name.

    Raises:
        DataError: train has no images.
    """
    train = score_with_engine(engine, study, train_rows, advance=advance)
    degraded_rows = train_rows[::ONE_DEGRADED_IN]
    embeddings = np.concatenate([train.embeddings, _degraded_embeddings(engine, study, degraded_rows)])
    space = fit_space(embeddings, pd.concat([train.rows["diagnosis"], degraded_rows["diagnosis"]]))
    detector = fit_threshold(space, val.embeddings, val.rows["lesion_id"])
    part = detector_part(
        detector,
        split="test",
        lesions=test.embeddings,
        rows=test.rows,
        negatives=negative_embeddings(engine),
    )
    return detector, part, detector_files(detector)


def quick_threshold(
    detector: Detector, model_bytes: bytes, spec: BundleSpec, study: Study, rows: pd.DataFrame
) -> float:
    """The threshold for a file that looks once, set as for the model file: on lesions of val."""
    model = LiteRTModel(model_bytes, spec, name="the file that looks once")
    views = iter(study.images(rows))
    embeddings = np.stack([model(view).embedding for view in views])
    return fit_threshold(detector, embeddings, rows["lesion_id"]).distance_threshold


def _degraded_embeddings(engine: Engine, study: Study, rows: pd.DataFrame) -> NDArray[np.float32]:
    images = iter(study.images(rows))
    return np.stack([engine.outputs(image).embedding for image in degraded_copies(images)])


def negative_embeddings(engine: Engine, count: int = NEGATIVES_A_KIND) -> dict[str, NDArray[np.float32]]:
    """Embeddings `[count, f]` by kind: drawn pictures, and crops of photographs that are installed."""
    size = engine.spec.input.size

    def embeddings(images: Iterable[NDArray[np.uint8]]) -> NDArray[np.float32]:
        return np.stack([engine.outputs(image).embedding for image in images])

    found = {kind: embeddings(negative_images(kind, count, size=size)) for kind in KINDS}
    for kind, crops in photographs(count, size=size).items():
        found[f"photographs_{kind}"] = embeddings(crops)
    return found
