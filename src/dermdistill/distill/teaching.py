"""What a training step learns from: labels alone, teachers in the step, or teachers cached beforehand."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dermdistill.data.batches import Batch
from dermdistill.distill.cached_teachers import CachedTeachers
from dermdistill.distill.ema import WeightAverage
from dermdistill.distill.objective import Objective
from dermdistill.distill.recipe import DistillSection, Recipe
from dermdistill.distill.step import make_step
from dermdistill.distill.training_set import TrainingSet
from dermdistill.models import load_run_model

TeachingStep = Callable[[Batch, int, int], dict[str, float]]
"""`(batch, epoch, step) -> losses by name`; updates the student."""


class Teaching:
    """The objective of a recipe and its teachers, live or cached."""

    def __init__(self, recipe: Recipe, data: TrainingSet) -> None:
        self.seed, self.distill = recipe.seed, recipe.distill
        self.objective = make_objective(recipe, data)
        self.teachers: list[Any] = []
        self.cached: CachedTeachers | None = None
        if self.distill:
            self.teachers = [load_run_model(path, image_size=None) for path in self.distill.teachers]
            if self.distill.teacher_logits:
                self.cached = CachedTeachers.open(self.distill.teacher_logits, data.batches)

    def make_step(self, model: Any, optimizer: Any, average: WeightAverage) -> TeachingStep:
        """Compile the step on a student.

        With one teacher drawn a batch, each live teacher gets a step of its own, so that only the drawn one
        is computed.
        """
        one_each = self.distill is not None and self.distill.combine == "one_per_batch"
        groups = [[teacher] for teacher in self.teachers] if one_each and self.teachers else [self.teachers]
        steps = [make_step(model, group, optimizer, self.objective, average) for group in groups]

        def step(batch: Batch, epoch: int, number: int) -> dict[str, float]:
            drawn = draw_teacher(self.distill, self.seed, epoch, number) if self.distill and one_each else 0
            cached_logits = self.cached.look_up(batch) if self.cached else None
            if cached_logits is not None and one_each:
                cached_logits = cached_logits[:, drawn : drawn + 1]
            chosen = steps[drawn] if len(steps) > 1 else steps[0]
            return chosen(batch.images, batch.targets, cached_logits)

        return step


def draw_teacher(distill: DistillSection, seed: int, epoch: int, step: int) -> int:
    """Number of the teacher that a batch learns from; a pure function, so that a resumed run draws alike."""
    count = len(distill.teachers or distill.teacher_logits)
    weights = np.array(distill.weights or [1.0] * count)
    # Three numbers seed the batch's mixup; a fourth makes this draw independent of it.
    return int(np.random.default_rng([seed, epoch, step, 1]).choice(count, p=weights / weights.sum()))


def make_objective(recipe: Recipe, data: TrainingSet) -> Objective:
    """What a recipe minimises on its data."""
    drawn, present = data.batches.class_shares(), data.class_shares
    shift = np.log(np.maximum(drawn, 1e-6)) - np.log(np.maximum(present, 1e-6))
    objective = Objective(
        task_loss=recipe.loss.task,
        label_smoothing=recipe.loss.label_smoothing,
        logit_shift=tuple(shift.tolist()) if recipe.batches.sampling_power else None,
    )
    return objective if recipe.distill is None else _with_teachers(objective, recipe.distill, present)


def log_priors(class_shares: NDArray[np.float64]) -> NDArray[np.float64]:
    """Log of class shares `[classes]`; a class without images has no prior to correct for and gets 0."""
    return np.log(np.where(class_shares > 0, class_shares, 1.0))


def _with_teachers(objective: Objective, distill: DistillSection, present: NDArray[np.float64]) -> Objective:
    return replace(
        objective,
        distill_loss=distill.loss,
        alpha=distill.alpha,
        temperature=distill.temperature,
        combine="probs" if distill.combine == "probs" else "losses",
        teacher_weights=None if distill.combine == "one_per_batch" else distill.weights,
        log_prior=tuple(log_priors(present).tolist()) if distill.prior == "uniform" else None,
    )
