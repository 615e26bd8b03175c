"""What a recipe trains and validates on: the train and val splits, never the test split."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dermdistill.classes import ClassTable
from dermdistill.data.batches import BatchSource
from dermdistill.data.pairs import pair_pictures
from dermdistill.data.study import open_study
from dermdistill.data.views.mixing import MixSettings
from dermdistill.distill.recipe import DataSection, Recipe
from dermdistill.distill.sources import choose_sources, used_for
from dermdistill.errors import DataError
from dermdistill.metrics.predictions import labels_in


@dataclass(frozen=True)
class TrainingSet:
    """The pictures of one training.

    Attributes:
        batches: the train split, augmented, in batches.
        val_images: uint8 RGB `[m, size, size, 3]`, as they are: validation is never augmented. None of them
            where the val split is learned from.
        val_labels: int `[m]`.
        val_sources: str `[m]`, the source of each, as its history calls it.
        class_shares: share of each class in the training images, float `[classes]`.
        fingerprints: SHA-256 of the prepared data and of the split file.
        held_out: ids of the images that its teachers and its start must not have seen. These are the images
            of test, of the fold that is left out, and of val unless it learns from val itself.
        classes: what the labels are positions in.
        notice: which classes of the data the model will not have, and which images have no dermoscopic
            picture for a cross-modal teacher to look at, if any.
    """

    batches: BatchSource
    val_images: NDArray[np.uint8]
    val_labels: NDArray[np.int64]
    val_sources: NDArray[np.str_]
    class_shares: NDArray[np.float64]
    fingerprints: dict[str, str]
    held_out: frozenset[str]
    classes: ClassTable
    notice: str | None = None


def load_training_set(recipe: Recipe) -> TrainingSet:
    """Open the data of a recipe.

    With `data.fold`, training leaves that fold of the training images out. The best epoch is still chosen on
    the val split. Chosen on the fold, it would depend on labels that its logits must not know.

    Raises:
        DataError: data or split are missing, do not belong together, or leave a part empty.
    """
    study = open_study(recipe.data.dirs, recipe.data.splits)
    sources = choose_sources(study, recipe.data)
    train, val = choose_parts(study.splits.assign(part_of=sources.of_image), recipe.data)
    pairs = None
    if recipe.distill and recipe.distill.cross_modal:
        pairs = pair_pictures(train, study.splits[_is_learned_from(study.splits, recipe.data)], study)
    shown = train if pairs is None else pd.concat([train, pairs.more])
    codes = study.classes.codes
    labels = labels_in(codes, train["diagnosis"])
    counts = np.bincount(labels, minlength=len(codes))
    return TrainingSet(
        batches=BatchSource(
            images=study.images(shown),
            image_ids=shown["image_id"].tolist(),
            labels=labels,
            codes=codes,
            seed=recipe.seed,
            view_settings=recipe.views,
            view_bank=recipe.batches.view_bank,
            view_seed=recipe.batches.view_seed,
            batch_size=recipe.batches.size,
            sampling_power=recipe.batches.sampling_power,
            mixing=MixSettings(
                mixup=recipe.batches.mixup,
                cutmix=recipe.batches.cutmix,
                cutmix_share=recipe.batches.cutmix_share,
            ),
            degraded_share=recipe.batches.degraded_share,
            on_device=recipe.compute.views == "device",
            mix=sources.mix(train["part_of"], recipe) if recipe.data.sources else None,
            looked_at=None if pairs is None else pairs.looked_at,
            live_teachers=bool(recipe.distill and recipe.distill.teachers),
        ),
        val_images=study.images(val),
        val_labels=labels_in(codes, val["diagnosis"]),
        val_sources=sources.names_of(val["part_of"]),
        class_shares=counts / counts.sum(),
        fingerprints=study.fingerprints,
        held_out=frozenset(study.splits.loc[_is_held_out(study.splits, recipe.data), "image_id"]),
        classes=study.classes,
        notice="; ".join(filter(None, (study.notice, pairs.notice if pairs else None))) or None,
    )


def choose_parts(splits: pd.DataFrame, data: DataSection) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The rows to train and to validate on; the latter none where the val split is learned from.

    Args:
        splits: rows of a study, with the number of each one's source in `part_of`.
        data: what the recipe says of its data.

    Raises:
        DataError: a part is empty, or the fold to leave out is not there.
    """
    train = splits[(splits["split"] == "train") & used_for("train", splits["part_of"], data)]
    val = splits[(splits["split"] == "val") & used_for("val", splits["part_of"], data)]
    if data.fold is not None:
        if data.fold not in set(train["fold"]):
            raise DataError(f"{data.splits} has no fold {data.fold} to leave out.")
        train = train[train["fold"] != data.fold]
    for name, part in (("train", train), ("val", val)):
        if part.empty:
            raise DataError(f"{data.splits} leaves no images to {name} on; check its split and fold columns.")
    if data.with_val:
        return pd.concat([train, val]), val[:0]
    return train, val


def _is_learned_from(splits: pd.DataFrame, data: DataSection) -> "pd.Series[bool]":
    """Which images a training may learn from, whichever source of the recipe takes them."""
    return splits["split"].isin(["train", "val"] if data.with_val else ["train"]) & ~_is_held_out(
        splits, data
    )


def _is_held_out(splits: pd.DataFrame, data: DataSection) -> "pd.Series[bool]":
    judged_by = splits["split"].isin(["test"] if data.with_val else ["val", "test"])
    return judged_by if data.fold is None else judged_by | (splits["fold"] == data.fold)
