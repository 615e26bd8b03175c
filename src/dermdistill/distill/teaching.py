"""What a training step learns from: labels alone, teachers in the step, or teachers cached beforehand."""

from collections.abc import Generator
from dataclasses import replace
from typing import Any, Protocol

import numpy as np
from keras import ops
from numpy.typing import NDArray

from dermdistill.data.batches import Batch
from dermdistill.data.worse_pictures import worse_copies
from dermdistill.distill.cached_teachers import CachedTeachers
from dermdistill.distill.device_views import DeviceViews
from dermdistill.distill.ema import WeightAverage
from dermdistill.distill.feature_matching import with_projections
from dermdistill.distill.objective import Objective
from dermdistill.distill.recipe import DistillSection, Recipe
from dermdistill.distill.step import Step, StepInput, make_step
from dermdistill.distill.training_set import TrainingSet
from dermdistill.distill.validate import predict_logits, validation_metrics
from dermdistill.models import load_run_model
from dermdistill.models.resized import resized_to


class Teaching:
    """The objective of a recipe and its teachers, live or cached."""

    def __init__(self, recipe: Recipe, data: TrainingSet) -> None:
        self.seed, self.distill = recipe.seed, recipe.distill
        self.objective = make_objective(recipe, data)
        self.teachers: list[Any] = []
        self.cached: CachedTeachers | None = None
        if self.distill:
            precision = recipe.compute.teacher_precision or recipe.compute.precision
            self.teachers = [
                load_run_model(path, image_size=None, precision=precision) for path in self.distill.teachers
            ]
            if self.distill.teacher_logits:
                self.cached = CachedTeachers.open(self.distill.teacher_logits, data.batches, data.held_out)
        self.data, self.metric = data, recipe.stop.metric
        self.images = ops.convert_to_tensor(data.batches.images) if data.batches.on_device else None
        self.worse_val_images = (
            np.stack(list(worse_copies(data.val_images)))
            if data.batches.worse_share and len(data.val_images)
            else None
        )

    def learner(self, student: Any) -> Any:
        """What is trained: the student, with a projection for each teacher whose embedding it learns."""
        return with_projections(student, self.teachers) if self.objective.feature_loss else student

    def make_step(
        self, model: Any, optimizer: Any, average: WeightAverage, image_size: int
    ) -> "TeachingStep":
        """Compile the step on a learner.

        With one teacher drawn a batch, each live teacher gets a step of its own, so that only the drawn one
        is computed.
        """
        one_each = self.distill is not None and self.distill.combine == "one_per_batch"
        teachers = self.teachers
        if self.distill and self.distill.teacher_image_size not in (None, image_size):
            teachers = [resized_to(self.distill.teacher_image_size, teacher) for teacher in teachers]
        groups = [[teacher] for teacher in teachers] if one_each and teachers else [teachers]
        views = (
            None
            if self.images is None
            else DeviceViews(self.images, self.data.batches.view_settings, image_size)
        )
        steps = [make_step(model, group, optimizer, self.objective, average, views=views) for group in groups]
        return TeachingStep(self, steps, one_each=one_each)

    def epoch(self, epoch: int, image_size: int, start_step: int) -> Generator[Batch]:
        """The batches of an epoch, from `start_step` on."""
        return self.data.batches.epoch(epoch, image_size, start_step=start_step)

    def validate(self, model: Any, image_size: int) -> tuple[dict[str, float], float | None]:
        """Metrics on the val part, and the one that decides which epoch is best.

        A learner of spoilt pictures is judged on the val part as it is and spoilt (`val_worse_...`), evenly.
        One that learns from the val part has neither.
        """
        if not len(self.data.val_labels):
            return {}, None
        metrics = self._metrics(model, self.data.val_images, image_size)
        if self.worse_val_images is None:
            return metrics, metrics[f"val_{self.metric}"]
        for name, value in self._metrics(model, self.worse_val_images, image_size).items():
            metrics[name.replace("val_", "val_worse_")] = value
        return metrics, (metrics[f"val_{self.metric}"] + metrics[f"val_worse_{self.metric}"]) / 2

    def _metrics(self, model: Any, images: NDArray[np.uint8], image_size: int) -> dict[str, float]:
        logits = predict_logits(model, images, image_size=image_size)
        return validation_metrics(logits, self.data.val_labels, self.data.class_shares)


class Source(Protocol):
    """What a compiled step needs to know of who teaches."""

    seed: int
    distill: DistillSection | None
    cached: CachedTeachers | None


class TeachingStep:
    """One compiled step, or one for each teacher, of which each batch takes the one that is drawn for it."""

    def __init__(self, teaching: Source, steps: list[Step], *, one_each: bool) -> None:
        self.teaching, self.steps, self.one_each = teaching, steps, one_each

    def __call__(self, batch: Batch, epoch: int, number: int, learning_rate: float) -> dict[str, Any]:
        """Update the learner; returns losses by name, which the device may still be computing."""
        teaching, drawn = self.teaching, 0
        if teaching.distill and self.one_each:
            drawn = draw_teacher(teaching.distill, teaching.seed, epoch, number)
        cached_logits = teaching.cached.look_up(batch) if teaching.cached else None
        if cached_logits is not None and self.one_each:
            cached_logits = cached_logits[:, drawn : drawn + 1]
        chosen = self.steps[drawn] if len(self.steps) > 1 else self.steps[0]
        losses = chosen(StepInput(batch.images, batch.targets, cached_logits, batch.clean), learning_rate)
        if len(self.steps) > 1:  # another one may come next, and goes on from the variables
            chosen.sync()
        return losses

    def sync(self) -> None:
        """Bring the variables up to date, before anyone reads them."""
        for step in self.steps:
            step.sync()


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
        feature_loss=distill.features,
        feature_weight=distill.feature_weight,
    )
