"""What a network learns from must not have seen the images that it will be judged by."""

import json
from pathlib import Path
from typing import Any

from dermdistill.distill.recipe import Recipe
from dermdistill.distill.run_folder import CONFIG
from dermdistill.distill.training_set import TrainingSet
from dermdistill.errors import DataError, ModelError


def check_what_is_learned_from(recipe: Recipe, data: TrainingSet) -> None:
    """`check_same_split` of the run that a training starts from, and of its teachers in the step.

    Cached logits were checked when they were made, and fit no other split: its training images are others.
    """
    start = Path(recipe.model.init)
    if start.is_dir():
        check_same_split(start, data, "start")
    for teacher in recipe.distill.teachers if recipe.distill else ():
        check_same_split(teacher, data, "teacher")


def check_same_split(run_dir: Path, data: TrainingSet, role: str) -> dict[str, Any]:
    """Look whether a run may be a teacher, or the start, of a training on this data; returns its config.

    It may if it was trained on the training part of the same split, or on other images: two splits of the
    same images share lesions between one's training and the other's test part, and figures would flatter.

    Args:
        run_dir: the folder of the run.
        data: the training set.
        role: what the run is for, such as "teacher", for the message.

    Raises:
        ModelError: the folder is no run.
        DataError: the run was trained on another split of these images, or does not say on which.
    """
    path = run_dir / CONFIG
    if not path.is_file():
        raise ModelError(f"{run_dir} is not a trained run: {CONFIG} is missing; train it first.")
    config: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    known = config.get("fingerprints", {})
    other_images = known.get("data") not in (None, data.fingerprints["data"])
    if not other_images and known.get("splits") != data.fingerprints["splits"]:
        raise DataError(
            f"The {role} {run_dir} was trained on another split of these images, or does not say on which, "
            "so it may have seen test images of this one; train it on the same splits.csv."
        )
    return config
