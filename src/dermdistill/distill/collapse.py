"""A teacher that answers every image alike has nothing to teach: found before the first step.

A teacher whose probabilities do not depend on the image is refused: no setting makes use of it. A teacher
    that always decides for one class, also when prior-corrected, is only warned of: its probabilities may
    still rank the images.
"""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.special import softmax

from dermdistill.distill.cached.write import TeacherRun
from dermdistill.distill.recipe import Recipe
from dermdistill.distill.teaching import Teaching
from dermdistill.distill.training_set import TrainingSet
from dermdistill.distill.validate import predict_logits
from dermdistill.errors import ModelError
from dermdistill.metrics.decisions import decide
from dermdistill.models import load_run_model

IMAGES = 128
# Probabilities of all images within this range of each other do not depend on the image.
CONSTANT_RANGE = 1e-3


def check_teachers(teaching: Teaching, data: TrainingSet, recipe: Recipe, *, image_size: int) -> list[str]:
    """Ask each teacher about some validation images, or about training images where val is learned from.

    Args:
        teaching: the teachers, live or cached.
        data: the images of the training.
        recipe: names the teachers.
        image_size: pixels of the student's last phase.

    Returns:
        A sentence on each teacher that decides for one class only.

    Raises:
        ModelError: a teacher gives every image the same probabilities.
    """
    if recipe.distill is None:
        return []
    if teaching.cached is not None:
        looked_at = data.batches.rows_looked_at
        rows = looked_at[_some(len(looked_at))]
        answers = np.moveaxis(teaching.cached.logits[rows, 0], 1, 0)
        names = recipe.distill.teacher_logits
    else:
        images = data.val_images if len(data.val_images) else data.batches.images
        chosen = images[_some(len(images))]
        size = recipe.distill.teacher_image_size or image_size
        answers = np.stack([predict_logits(each, chosen, image_size=size) for each in teaching.teachers])
        names = recipe.distill.teachers
    said = (say_of_collapse(name, each, data) for name, each in zip(names, answers, strict=True))
    return [text for text in said if text]


def check_teacher_run(teacher: TeacherRun, data: TrainingSet) -> str | None:
    """The same of a run whose answers are to be cached.

    Raises:
        ModelError: it gives every image the same probabilities.
    """
    images = data.val_images if len(data.val_images) else data.batches.images
    model = load_run_model(teacher.run_dir, image_size=teacher.image_size)
    logits = predict_logits(model, images[_some(len(images))], image_size=teacher.image_size)
    return say_of_collapse(teacher.run_dir, logits, data)


def say_of_collapse(teacher: Path, logits: NDArray[np.floating], data: TrainingSet) -> str | None:
    """A warning if logits `[n, classes]` decide for one class of `data` only; None where they do not.

    Raises:
        ModelError: all images have the same probabilities.
    """
    probs = softmax(logits.astype(np.float64), axis=1)
    if np.ptp(probs, axis=0).max() < CONSTANT_RANGE:
        raise ModelError(
            f"The teacher {teacher} gives all of {len(probs)} images the same probabilities, so there is "
            "nothing to learn from it; train it again, or name another."
        )
    corrected = decide(probs, "argmax_p_over_prior", data.class_shares)
    only = {int(k) for k in (*probs.argmax(axis=1), *corrected)}
    if len(only) > 1:
        return None
    code = data.classes.codes[only.pop()]
    return (
        f"the teacher {teacher} decides for one class only ({code}) on {len(probs)} images; look "
        f"at `dermdistill evaluate {teacher}` before you trust what it teaches"
    )


def _some(count: int) -> NDArray[np.int64]:
    """Evenly spaced numbers below `count`, at most `IMAGES` of them."""
    return np.unique(np.linspace(0, count - 1, min(count, IMAGES)).round().astype(np.int64))
