"""What a network learns from must not have seen the images that it will be judged by."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from dermdistill.distill.recipe import Recipe
from dermdistill.distill.run_folder import CONFIG, SEEN
from dermdistill.distill.training_set import TrainingSet
from dermdistill.errors import DataError, ModelError


def check_what_is_learned_from(recipe: Recipe, data: TrainingSet) -> None:
    """`check_has_not_seen` of the run that a training starts from, and of its teachers in the step."""
    start = Path(recipe.model.init)
    if start.is_dir():
        check_has_not_seen(start, data, "start")
    for teacher in recipe.distill.teachers if recipe.distill else ():
        check_has_not_seen(teacher, data, "teacher")


def check_has_not_seen(run_dir: Path, data: TrainingSet, role: str) -> dict[str, Any]:
    """Look whether a run may be a teacher, or the start, of a training on this data; returns its config.

    It may if none of the images that it was trained on is held out here, for val or test: figures would
    flatter. A run that does not name them (a reopened bundle) may if it was trained on the same split, or on
    another data set.

    Args:
        run_dir: the folder of the run.
        data: the training set.
        role: what the run is for, such as "teacher", for the message.

    Raises:
        ModelError: the folder is no run, or its config.json is damaged.
        DataError: it was trained on held-out images, or on another split of these images, or does not say.
    """
    try:
        config: dict[str, Any] = json.loads((run_dir / CONFIG).read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise ModelError(f"{run_dir} is not a trained run: {CONFIG} is missing; train it first.") from error
    except (OSError, ValueError) as error:
        raise ModelError(f"{run_dir / CONFIG} cannot be read ({error}); train the run again.") from error
    if (run_dir / SEEN).is_file():
        seen = (run_dir / SEEN).read_text(encoding="utf-8").splitlines()
        refuse_seen(seen, data.held_out, f"{role} {run_dir}")
        return config
    known = config.get("fingerprints", {})
    other_images = known.get("data") not in (None, data.fingerprints["data"])
    if not other_images and known.get("splits") != data.fingerprints["splits"]:
        raise DataError(
            f"The {role} {run_dir} was trained on another split of these images, or does not say on which, "
            "so it may have seen test images of this one; train it on the same splits.csv."
        )
    return config


def refuse_seen(seen: Iterable[str], held_out: frozenset[str], who: str) -> None:
    """Refuse who has seen images that are held out.

    Args:
        seen: ids of the images that it learned from.
        held_out: ids of the val and test images.
        who: names it in the message.

    Raises:
        DataError: it has seen one.
    """
    if both := held_out.intersection(seen):
        raise DataError(
            f"The {who} was trained on another split: it has seen {len(both)} of the val and test images of "
            f"this one, first {min(both)}; train it on the same splits.csv, or rename those if they are "
            "other pictures of the same name."
        )
