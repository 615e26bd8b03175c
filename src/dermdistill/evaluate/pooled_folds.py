"""k-fold scoring: each run answers the fold that it left out, and the answers are pooled into one file."""

from collections.abc import Callable
from pathlib import Path

import pandas as pd

from dermdistill.data.splits import read_splits
from dermdistill.data.study import Study, open_study_of
from dermdistill.errors import DataError
from dermdistill.evaluate.scoring import Logits, score_images
from dermdistill.files import file_sha256
from dermdistill.metrics.predictions import write_classes, write_predictions
from dermdistill.runs import CONFIG, Run, images_seen

POOLED = "folds"
"""The split that the pooled rows are of."""
LogitsOf = Callable[[Run, Study], Logits]


def check_folds(runs: list[Run]) -> dict[int, Run]:
    """The runs by the fold that each left out: one for each fold of their one split, of one class table.

    Raises:
        DataError: they are not.
    """
    by_fold: dict[int, Run] = {}
    for run in runs:
        fold = run.config["recipe"]["data"].get("fold")
        if fold is None:
            raise DataError(f"{run.run_dir} left no fold out; pool runs that were trained with data.fold.")
        if fold in by_fold:
            raise DataError(f"{by_fold[fold].run_dir} and {run.run_dir} both left fold {fold} out; give one.")
        by_fold[fold] = run
    first = runs[0]
    for run in runs[1:]:
        if file_sha256(run.splits_path) != file_sha256(first.splits_path):
            raise DataError(f"{first.run_dir} and {run.run_dir} were trained with different splits.")
        if run.classes.codes != first.classes.codes:
            raise DataError(
                f"{first.run_dir} and {run.run_dir} have different classes; pool runs of one table."
            )
    splits = read_splits(first.splits_path)
    missing = set(splits.loc[splits["split"] == "train", "fold"]) - set(by_fold)
    if missing:
        raise DataError(
            f"No run left fold {', '.join(map(str, sorted(missing)))} of {first.splits_path} out; give one "
            "run for each fold."
        )
    return dict(sorted(by_fold.items()))


def pool_folds(
    runs: list[Run],
    folder: Path,
    logits_of: LogitsOf,
    *,
    tta: bool = False,
    advance: Callable[[str, int], None] = lambda *_: None,
) -> pd.DataFrame:
    """Score each run on the training images of the fold that it left out; write and return `predictions.csv`.

    Args:
        runs: one for each fold.
        folder: where to, made if need be.
        logits_of: opens a run's model for its study.
        tta: average the probabilities over the eight turns and flips of each image.
        advance: told a run's name and how many images were scored since the last call.

    Raises:
        DataError: the runs do not fit together, one has learned from images of its fold, or a run lies in
            `folder`.
    """
    if (folder / CONFIG).exists():
        raise DataError(f"{folder} holds a run; give the pooled predictions a folder of their own.")
    parts = []
    for fold, run in check_folds(runs).items():
        study = open_study_of(run)
        rows = study.splits[(study.splits["split"] == "train") & (study.splits["fold"] == fold)]
        if learned := set(rows["image_id"]) & images_seen(run.run_dir):
            raise DataError(
                f"{run.run_dir} has learned from {len(learned)} images of fold {fold}, or its start or "
                f"teachers have (first: {min(learned)}); they cannot measure it."
            )
        name = run.run_dir.name

        def told(images: int, name: str = name) -> None:
            advance(name, images)

        rows = rows.assign(split=POOLED).reset_index(drop=True)
        parts.append(score_images(study, rows, logits_of(run, study), tta=tta, advance=told))
    folder.mkdir(parents=True, exist_ok=True)
    pooled = pd.concat(parts, ignore_index=True)
    write_predictions(pooled, folder / "predictions.csv")
    write_classes(folder / "predictions.csv", runs[0].classes)
    return pooled
