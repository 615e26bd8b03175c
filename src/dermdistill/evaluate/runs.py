"""What evaluation needs to know of a run folder: its settings, its splits, the class shares it was fed."""

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from dermdistill.data.splits import read_splits
from dermdistill.errors import DataError
from dermdistill.evaluate.decisions import priors_from_labels
from dermdistill.evaluate.predictions import labels_of
from dermdistill.evaluate.report import FIT_SPLIT
from dermdistill.run_files import BEST, CONFIG, read_config
from dermdistill.taxonomy import CLASSES


@dataclass(frozen=True)
class Run:
    """A run folder and the paths its config.json names."""

    run_dir: Path
    config: dict[str, Any]
    data_dir: Path
    splits_path: Path

    @property
    def weights_path(self) -> Path:
        """The weights that are evaluated and exported."""
        return self.run_dir / BEST


def read_run(run_dir: Path) -> Run:
    """Read a run folder's config.json.

    Raises:
        ModelError: the folder holds no run, or its config.json is damaged.
        DataError: it names no data.
    """
    config = read_config(run_dir)
    try:
        data = config["recipe"]["data"]
        return Run(run_dir, config, Path(data["dir"]), Path(data["splits"]))
    except (KeyError, TypeError) as error:
        raise DataError(
            f"{run_dir / CONFIG} does not say which data the run used ({error!r}); train again."
        ) from error


def splits_of(folder: Path) -> Path | None:
    """The splits file that the run in `folder` was trained with; None without a run, or where it is gone."""
    if not (folder / CONFIG).exists():
        return None
    path = read_run(folder).splits_path
    return path if path.exists() else None


def check_as_trained(run: Run, data_fingerprint: str) -> None:
    """Refuse to measure a run by another split, or other images, than it was trained with.

    They may hold out what it has learned by heart. A reopened bundle may be measured on other images.

    Args:
        run: what is measured.
        data_fingerprint: of the prepared data that its folder names, as they are now.

    Raises:
        DataError: the data or the split are not those of its training any more.
    """
    trained = run.config.get("fingerprints", {})
    other_data = trained.get("data", data_fingerprint) != data_fingerprint
    if other_data and "reopened_from" in run.config.get("made_with", {}):
        return
    split = file_sha256(run.splits_path)
    if other_data or trained.get("splits", split) != split:
        changed = run.data_dir if other_data else run.splits_path
        raise DataError(
            f"{changed} is not what {run.run_dir} was trained with any more: val and test may hold images "
            "that it has learned from. Put it back, or train again."
        )


def training_priors(splits_path: Path) -> dict[str, float]:
    """Class shares of a splits.csv's train images, by code.

    Raises:
        DataError: the file is missing, breaks its rules or has no train images.
    """
    splits = read_splits(splits_path)
    return _shares(splits[splits["split"] == "train"], f"the train part of {splits_path}")


def find_priors(predictions: pd.DataFrame, splits_path: Path | None) -> tuple[dict[str, float], str]:
    """Class shares and where they come from: the train part of the splits, else what the file itself holds.

    Raises:
        DataError: the splits file is named but cannot be used.
    """
    if splits_path is not None:
        return training_priors(splits_path), f"the train part of {splits_path.name}"
    fit = predictions[predictions["split"] == FIT_SPLIT]
    if len(fit):
        return _shares(fit, "the val rows"), "the val rows, as no splits file was given"
    return _shares(
        predictions, "the predictions"
    ), "the measured rows themselves, as no splits file was given"


def file_sha256(path: Path) -> str:
    """SHA-256 of a file in hex.

    Raises:
        DataError: the file cannot be read.
    """
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise DataError(f"{path} cannot be read ({error.strerror}); check the path.") from error


def _shares(frame: pd.DataFrame, name: str) -> dict[str, float]:
    if frame.empty:
        raise DataError(f"{name} holds no images; make the split again with `dermdistill data split`.")
    return dict(zip(CLASSES, priors_from_labels(labels_of(frame)).tolist(), strict=True))
