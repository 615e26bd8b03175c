"""Fit the out-of-distribution detector with the file that ships: embeddings in, measured detector out."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dermdistill.bundle import BundleSpec, OutOfDistribution
from dermdistill.data.study import Study
from dermdistill.data.views.degrade import degraded_copies
from dermdistill.errors import DataError
from dermdistill.export.answers import Scored, score_with_engine
from dermdistill.export.detector.drawn import KINDS, negative_images
from dermdistill.export.detector.forms import choose_form
from dermdistill.export.detector.left_out import SKIN, measure_left_out
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


@dataclass(frozen=True)
class TrainingEmbeddings:
    """What detector and recogniser are fitted on.

    Attributes:
        embeddings: float `[n, f]` of the training images, and of a few of them degraded.
        rows: lesion_id, diagnosis, source and picture of each.
    """

    embeddings: NDArray[np.float32]
    rows: pd.DataFrame


def embed_training_images(
    engine: Engine, study: Study, *, advance: Callable[[int], None] = lambda _: None
) -> TrainingEmbeddings:
    """Run the file that ships over the training images, and over one in `ONE_DEGRADED_IN` degraded.

    Raises:
        DataError: there are none.
    """
    rows = study.described(study.rows("train"))
    if rows.empty:
        raise DataError("the out-of-distribution detector needs train images; check the splits.")
    train = score_with_engine(engine, study, rows, advance=advance)
    degraded_rows = rows[::ONE_DEGRADED_IN]
    return TrainingEmbeddings(
        np.concatenate([train.embeddings, _degraded_embeddings(engine, study, degraded_rows)]),
        pd.concat([rows, degraded_rows], ignore_index=True),
    )


def fit_detector(
    engine: Engine, study: Study, training: TrainingEmbeddings, *, val: Scored, test: Scored
) -> tuple[Detector, OutOfDistribution, dict[str, bytes]]:
    """Fit on train; set the threshold on val; measure on test, on non-lesions, and leaving out each source.

    Returns:
        The detector, its part of bundle.json and its files by name.

    Raises:
        DataError: train has no images.
    """
    negatives = negative_embeddings(engine)
    drawn = np.concatenate([found for kind, found in negatives.items() if kind in KINDS and kind != SKIN])
    form = choose_form(training.rows, training.embeddings, study.described(val.rows), val.embeddings, drawn)
    space = fit_space(training.embeddings, training.rows, dims=form.dims)
    space = space.of_form(form.distance, form.dims)
    detector = fit_threshold(space, val.embeddings, val.rows["lesion_id"])
    part = detector_part(detector, split="test", lesions=test.embeddings, rows=test.rows, negatives=negatives)
    left_out = measure_left_out(
        training.rows,
        training.embeddings,
        study.described(pd.concat([val.rows, test.rows], ignore_index=True)),
        np.concatenate([val.embeddings, test.embeddings]),
        negatives,
        form=form,
    )
    return detector, part.model_copy(update={"left_out": left_out or None}), detector_files(detector)


def threshold_of_file(
    detector: Detector, model_bytes: bytes, spec: BundleSpec, study: Study, rows: pd.DataFrame
) -> float:
    """The threshold for a file of more or fewer views, set as for the model file: on lesions of val."""
    model = LiteRTModel(model_bytes, spec, name="the variant")
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
