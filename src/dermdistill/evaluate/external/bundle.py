"""Answers of a bundle about the images of a source: each is answered as a person's picture is."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from dermdistill.errors import ImageError
from dermdistill.evaluate.external.answers import ABOUT, TRUTH, Answers
from dermdistill.evaluate.external.kept import kept
from dermdistill.evaluate.external.kinds import table_of
from dermdistill.evaluate.external.rows import External, training_warning, with_truth
from dermdistill.inference import Engine
from dermdistill.inference.operating_point import thresholds_at
from dermdistill.metrics.predictions import prob_columns


def answer_with_bundle(
    engine: Engine,
    external: External,
    *,
    keep_in: Path | None = None,
    advance: Callable[[int], None] = lambda _: None,
) -> Answers:
    """Let a bundle answer every image; the quality of the picture counts, too.

    Args:
        engine: the bundle.
        external: the images.
        keep_in: a folder to keep the answers in, and to take them from where they are of this bundle and
            data.
        advance: told how many images were answered since the last call.

    Raises:
        ImageError: an image cannot be used.
    """
    spec = engine.spec

    def make() -> pd.DataFrame:
        return _answers(engine, external, advance)

    if keep_in is None:
        frame = make()
    else:
        made_with = {
            "bundle": spec.spec_sha256,
            "data": external.fingerprint,
            "images": external.digest,
        }
        frame = kept(keep_in / f"{spec.name}-{spec.version}-{external.name}.csv", made_with, make)
    truth = with_truth(external, table_of(spec))[[*TRUTH, *ABOUT]]
    size, seen = external.images.shape[1], spec.input.size
    external = external.warned(
        training_warning(
            external,
            [data.name for data in spec.training.datasets],
            with_val=spec.training.calibrated_by is not None,
        ),
        f"{external.name} is prepared at {size} pixels, and the model sees {seen}." if size < seen else None,
    )
    return replace(
        Answers(
            f"{spec.name} {spec.version}",
            external.name,
            external.split,
            spec.table,
            pd.concat([truth, frame.drop(columns="image_id")], axis=1),
            spec.class_priors,
            thresholds_at(spec),
        ),
        warnings=external.warnings,
    )


def _answers(engine: Engine, external: External, advance: Callable[[int], None]) -> pd.DataFrame:
    """A row an image: image_id, `p_<code>`, decided, refused (NaN without a detector), told, and more.

    `above_malignant` and `above_melanoma` say whether the threshold is reached, that of the kind of picture
    where it has one of its own. `seen_as` is the kind of picture that the bundle recognised, empty where it
    knows none.
    """
    rows = []
    for prediction in engine.stream(external.pixels()):
        if isinstance(prediction, ImageError):
            raise prediction
        verdict = prediction.out_of_distribution
        rows.append(
            {
                **dict(zip(prob_columns(prediction.probs), prediction.probs.values(), strict=True)),
                "decided": prediction.diagnosis,
                "refused": np.nan if verdict is None else verdict.refused,
                "told": prediction.assessment.level,
                **{
                    f"above_{target}": f"{target}_above_threshold" in prediction.assessment.reasons
                    for target in ("malignant", "melanoma")
                },
                "seen_as": prediction.picture.kind if prediction.picture else "",
            }
        )
        advance(1)
    frame = pd.DataFrame(rows)
    frame.insert(0, "image_id", external.rows["image_id"])
    return frame
