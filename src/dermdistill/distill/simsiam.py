"""A self-supervised start: two views of one image are to predict each other (SimSiam, arXiv:2011.10566).

No label plays a part: every training image comes once an epoch, whatever `batches.sampling_power` says, and
nothing is chosen on other images; the last epoch counts. Both views pass in one batch, so batch norm sees
them together, which the paper's two passes do not.
"""

from collections.abc import Generator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import keras
import numpy as np
from keras import ops

from dermdistill.data.batches import Batch
from dermdistill.distill.cached_teachers import CachedTeachers
from dermdistill.distill.ema import WeightAverage
from dermdistill.distill.loop import Report, train
from dermdistill.distill.recipe import DistillSection, Recipe
from dermdistill.distill.step import make_step
from dermdistill.distill.teaching import TeachingStep
from dermdistill.distill.training_set import TrainingSet
from dermdistill.errors import RecipeError

# As many as the paper's for CIFAR-10 is wide, halved: our sets have a fifth of its images.
PROJECTION, BOTTLENECK = 1024, 256


class SimSiam:
    """The negative cosine of each view's prediction and the other's projection, which gets no gradient."""

    def of_outputs(
        self, outputs: Any, targets: Any, teacher_outputs: Sequence[Any] = (), cached_logits: Any = None
    ) -> dict[str, Any]:
        """Compute the losses of a batch of pairs.

        Args:
            outputs: `projection` and `prediction`, `[2 * pairs, features]`: all first views, then all second.
            targets: not looked at, nor are teachers.
            teacher_outputs: none.
            cached_logits: None.

        Returns:
            `loss`, -1 (the views agree) to 1; and `deviation`: of the projections on the unit sphere, times
            the root of their width. About 1 when they are spread all over it, 0 when all images have
            collapsed to one point.
        """
        projection = ops.stop_gradient(_on_sphere(outputs["projection"]))
        prediction = _on_sphere(outputs["prediction"])
        pairs = ops.shape(projection)[0] // 2
        other = ops.concatenate([projection[pairs:], projection[:pairs]], axis=0)
        deviation = ops.mean(ops.std(projection, axis=0)) * projection.shape[-1] ** 0.5
        return {"loss": -ops.mean(ops.sum(prediction * other, axis=-1)), "deviation": deviation}


class PairTeaching:
    """What `Teaching` is to training with labels: its learner, step and batches, of pairs of views."""

    distill: DistillSection | None = None
    cached: CachedTeachers | None = None

    def __init__(self, recipe: Recipe, data: TrainingSet) -> None:
        batches = recipe.batches
        if recipe.distill or batches.mixup or batches.cutmix or recipe.compute.views == "device":
            raise RecipeError(
                f"The recipe {recipe.name} has a [distill] table, mixup, cutmix or views made on the device; "
                "pretraining takes none of them."
            )
        self.seed = recipe.seed
        seed = batches.view_seed if batches.view_seed is not None else recipe.seed
        self.sources = [
            replace(data.batches, sampling_power=0.0, view_seed=2 * seed + side) for side in (0, 1)
        ]

    def learner(self, student: Any) -> Any:
        """The student up to its embedding, with a projector and a predictor that only training knows."""
        projection = _dense(student.output["embedding"], PROJECTION, relu=True)
        projection = _dense(projection, PROJECTION, relu=False)
        prediction = keras.layers.Dense(PROJECTION)(_dense(projection, BOTTLENECK, relu=True))
        outputs = {"projection": projection, "prediction": prediction}
        return keras.Model(student.input, outputs, name=f"{student.name}_simsiam")

    def make_step(self, model: Any, optimizer: Any, average: WeightAverage, image_size: int) -> TeachingStep:
        """Compile the step on a learner."""
        return TeachingStep(self, [make_step(model, [], optimizer, SimSiam(), average)], one_each=False)

    def epoch(self, epoch: int, image_size: int, start_step: int) -> Generator[Batch]:
        """Batches of twice the images: two views of each."""
        first, second = (source.epoch(epoch, image_size, start_step=start_step) for source in self.sources)
        for one, other in zip(first, second, strict=True):
            yield replace(one, images=np.concatenate([one.images, other.images]), clean=None)

    def validate(self, model: Any, image_size: int) -> tuple[dict[str, float], None]:
        """Nothing is chosen, so nothing is measured: the last epoch counts."""
        return {}, None


def pretrain(recipe: Recipe, run_dir: Path, report: Report) -> list[dict[str, Any]]:
    """Pretrain what the recipe says, or go on with it; see `train`. The folder can be a `model.init`.

    Raises:
        DermDistillError: as `train`; or the recipe asks for what has no place here.
    """
    return train(recipe, run_dir, report, PairTeaching)


def _dense(values: Any, width: int, *, relu: bool) -> Any:
    values = keras.layers.Dense(width, use_bias=False)(values)
    values = keras.layers.BatchNormalization(momentum=0.9)(values)
    return keras.layers.ReLU()(values) if relu else values


def _on_sphere(values: Any) -> Any:
    return values / ops.sqrt(ops.sum(values**2, axis=-1, keepdims=True) + 1e-12)
