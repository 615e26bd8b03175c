"""What a training step learns from: labels alone, teachers in the step, or teachers cached beforehand."""

from collections.abc import Generator
from dataclasses import replace
from typing import Any

import numpy as np
from keras import ops
from numpy.typing import NDArray

from dermdistill.data.batches import Batch
from dermdistill.data.views.degrade import degraded_copies
from dermdistill.distill.cached.logits import CachedTeachers
from dermdistill.distill.ema import WeightAverage
from dermdistill.distill.feature_matching import with_projections
from dermdistill.distill.objective import Objective
from dermdistill.distill.recipe import DistillSection, Recipe
from dermdistill.distill.step.contract import Step, StepInput
from dermdistill.distill.step.device_views import DeviceViews
from dermdistill.distill.step.make import make_step
from dermdistill.distill.training_set import TrainingSet
from dermdistill.distill.validate import predict_logits, validation_metrics
from dermdistill.models import load_run_model
from dermdistill.models.resized import resized_to


class Teaching:
    """The objective of a recipe and its teachers, live or cached."""

    def __init__(self, recipe: Recipe, data: TrainingSet) -> None:
        self.distill = recipe.distill
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
        self.all_devices = recipe.compute.devices == "all"
        self.images = ops.convert_to_tensor(data.batches.images) if data.batches.on_device else None
        self.degraded_val_images = (
            np.stack(list(degraded_copies(data.val_images)))
            if data.batches.degraded_share and len(data.val_images)
            else None
        )

    def learner(self, student: Any) -> Any:
        """What is trained: the student, with a projection for each teacher whose embedding it learns."""
        return with_projections(student, self.teachers) if self.objective.feature_loss else student

    def make_step(
        self, model: Any, optimizer: Any, average: WeightAverage, image_size: int
    ) -> "TeachingStep":
        """Compile the step on a learner."""
        teachers = self.teachers
        if self.distill and self.distill.teacher_image_size not in (None, image_size):
            teachers = [resized_to(self.distill.teacher_image_size, teacher) for teacher in teachers]
        views = (
            None
            if self.images is None
            else DeviceViews(self.images, self.data.batches.view_settings, image_size)
        )
        step = make_step(
            model, teachers, optimizer, self.objective, average, views=views, all_devices=self.all_devices
        )
        return TeachingStep(step, self.cached)

    def epoch(self, epoch: int, image_size: int, start_step: int) -> Generator[Batch]:
        """The batches of an epoch, from `start_step` on."""
        return self.data.batches.epoch(epoch, image_size, start_step=start_step)

    def validate(self, model: Any, image_size: int) -> tuple[dict[str, float], list[float] | None]:
        """Metrics on the val split, and what decides which epoch is best: recipe's metric, then macro-AUC.

        A learner of degraded images is judged on the val split as it is and degraded (`val_degraded_...`),
        evenly. One that learns from the val split has neither.
        """
        if not len(self.data.val_labels):
            return {}, None
        logits = predict_logits(model, self.data.val_images, image_size=image_size)
        metrics = self._metrics_of(logits) | self._by_source(logits)
        deciding = [f"val_{self.metric}", "val_macro_auc"]
        if self.degraded_val_images is None:
            return metrics, [metrics[name] for name in deciding]
        for name, value in self._metrics(model, self.degraded_val_images, image_size).items():
            metrics[name.replace("val_", "val_degraded_")] = value
        return metrics, [
            (metrics[name] + metrics[name.replace("val_", "val_degraded_")]) / 2 for name in deciding
        ]

    def _metrics(self, model: Any, images: NDArray[np.uint8], image_size: int) -> dict[str, float]:
        return self._metrics_of(predict_logits(model, images, image_size=image_size))

    def _metrics_of(self, logits: NDArray[np.float32]) -> dict[str, float]:
        return validation_metrics(logits, self.data.val_labels, self.data.class_shares)

    def _by_source(self, logits: NDArray[np.float32]) -> dict[str, float]:
        """The metrics of each source by itself, `val_<source>_...`, where there are several."""
        sources = self.data.val_sources
        names = sorted(set(sources.tolist()))
        if len(names) < 2:
            return {}
        found: dict[str, float] = {}
        for name in names:
            at = sources == name
            of_source = validation_metrics(logits[at], self.data.val_labels[at], self.data.class_shares)
            found |= {key.replace("val_", f"val_{name}_", 1): value for key, value in of_source.items()}
        return {key: value for key, value in found.items() if np.isfinite(value)}


class TeachingStep:
    """A compiled step, and where a batch's cached logits come from."""

    def __init__(self, step: Step, cached: CachedTeachers | None) -> None:
        self.step, self.cached = step, cached

    def __call__(self, batch: Batch, learning_rate: float) -> dict[str, Any]:
        """Update the learner; returns losses by name, which the device may still be computing."""
        cached_logits = self.cached.look_up(batch) if self.cached else None
        given = StepInput(batch.images, batch.targets, cached_logits, batch.clean, batch.taught)
        return self.step(given, learning_rate)

    def sync(self) -> None:
        """Bring the variables up to date, before anyone reads them."""
        self.step.sync()


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
        combine=distill.combine,
        teacher_weights=distill.weights,
        log_prior=tuple(log_priors(present).tolist()) if distill.prior == "uniform" else None,
        feature_loss=distill.features,
        feature_weight=distill.feature_weight,
    )
