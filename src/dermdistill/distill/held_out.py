"""What a network learns from must not have seen the images that it will be judged by."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from dermdistill.data.lineage.generated import KEY
from dermdistill.data.prepared import read_report
from dermdistill.distill.recipe import Recipe
from dermdistill.distill.training_set import TrainingSet
from dermdistill.errors import DataError
from dermdistill.models.portable import portable_seen
from dermdistill.runs import classes_of, images_seen, read_config


def check_what_is_learned_from(recipe: Recipe, data: TrainingSet) -> frozenset[str]:
    """`check_has_not_seen` of what a training starts from, and of its teachers in the step.

    A start may be a run or a portable file of weights; other files of weights do not say what they have seen.
    Generated pictures say what their generator has seen.

    Returns:
        Ids of the images that these have seen, as far as they name them.
    """
    runs = dict.fromkeys(recipe.distill.teachers if recipe.distill else (), "teacher")
    start = Path(recipe.model.init)
    if start.is_dir():
        runs[start] = "start"
    for run_dir, role in runs.items():
        check_has_not_seen(run_dir, data, role)
    by_file = portable_seen(start) if start.is_file() else frozenset()
    refuse_seen(by_file, data.held_out, f"start {start}")
    by_generators = {directory: generator_saw(directory) for directory in recipe.data.dirs}
    for directory, saw in by_generators.items():
        refuse_seen(saw, data.held_out, f"generator of the pictures in {directory}")
    return by_file.union(*(images_seen(run_dir) for run_dir in runs), *by_generators.values())


def generator_saw(directory: Path) -> frozenset[str]:
    """Ids of the images that the generator of a prepared data set has learned from; none of photographs."""
    mark = (read_report(directory) or {}).get(KEY)
    return frozenset(mark["images"]) if mark else frozenset()


def check_has_not_seen(run_dir: Path, data: TrainingSet, role: str) -> dict[str, Any]:
    """Look whether a run may be a teacher, or the start, of a training on this data; returns its config.

    It may if none of the images that it, its start and its teachers were trained on is held out here, because
    figures on it would be too good. A run that does not name them (reopened on another split) may if it was
    trained on the same split, or on another data set.

    Args:
        run_dir: the folder of the run.
        data: the training set.
        role: what the run is for, such as "teacher", for the message.

    Raises:
        ModelError: the folder is not a run, or its config.json is damaged.
        DataError: it was trained on held-out images, or on another split of these images, or on other
            classes, or does not say.
    """
    config = read_config(run_dir)
    codes = classes_of(run_dir, config).codes
    if role != "start" and codes != data.classes.codes:  # a start gives what both know, see models.start
        raise DataError(
            f"The {role} {run_dir} tells {', '.join(codes)} apart and this data has training images of "
            f"{', '.join(data.classes.codes)}; train it on the same classes."
        )
    if seen := images_seen(run_dir):
        refuse_seen(seen, data.held_out, f"{role} {run_dir}")
        return config
    known = config.get("fingerprints", {})
    other_images = known.get("data") not in (None, data.fingerprints["data"])
    if not other_images and known.get("splits") != data.fingerprints["splits"]:
        raise DataError(
            f"The {role} {run_dir} was trained on another split of these images, or does not say on which. "
            "It may have seen test images of this one; train it on the same splits.csv."
        )
    return config


def refuse_seen(seen: Iterable[str], held_out: frozenset[str], who: str) -> None:
    """Refuse who has seen images that are held out.

    Args:
        seen: ids of the images that it learned from.
        held_out: ids of the images that it must not have seen.
        who: names it in the message.

    Raises:
        DataError: it has seen one.
    """
    if both := held_out.intersection(seen):
        raise DataError(
            f"The {who} was trained on another split, or on the fold that is left out: it has seen "
            f"{len(both)} of the images held out here, first {min(both)}. Train it on the same splits.csv, "
            "or rename these images if they are other pictures of the same name."
        )
