"""Answers of a trained run, before any calibration, about the images of a source."""

from collections.abc import Callable

import numpy as np
import pandas as pd

from dermdistill.data.splits import read_splits
from dermdistill.evaluate.external.answers import ABOUT, TRUTH, Answers
from dermdistill.evaluate.external.rows import External, with_truth
from dermdistill.evaluate.scoring import BATCH, Logits, mean_probs
from dermdistill.metrics.predictions import prob_columns
from dermdistill.metrics.priors import training_priors
from dermdistill.runs import Run, images_seen


def answer_with_run(
    run: Run,
    logits_of: Logits,
    external: External,
    *,
    tta: bool = False,
    advance: Callable[[int], None] = lambda _: None,
) -> Answers:
    """Let a run's model answer the images that it has not learned from; the argmax class is decided for.

    Args:
        run: the run.
        logits_of: its model, see `run_model`.
        external: the images.
        tta: average the probabilities over the eight turns and flips of each image.
        advance: told how many images were answered since the last call.

    Raises:
        DataError: it has learned from all of them.
    """
    external, codes = external.without(images_seen(run.run_dir)), run.classes.codes
    parts = []
    for start in range(0, len(external), BATCH):
        positions = external.rows["position"].to_numpy()[start : start + BATCH]
        parts.append(mean_probs(logits_of, np.asarray(external.images[positions]), tta=tta))
        advance(len(positions))
    probs = np.concatenate(parts)
    truth = with_truth(external, run.classes)[[*TRUTH, *ABOUT]]
    frame = pd.concat([truth, pd.DataFrame(probs, columns=prob_columns(codes))], axis=1)
    frame["decided"] = np.array(codes)[probs.argmax(axis=1)]
    return Answers(
        run.run_dir.name,
        external.name,
        external.split,
        run.classes,
        frame,
        _priors(run),
        warnings=external.warnings,
    )


def _priors(run: Run) -> dict[str, float] | None:
    """Class shares of its training images; None where its splits file is gone."""
    if not run.splits_path.exists():
        return None
    return training_priors(read_splits(run.splits_path), run.classes.codes)
