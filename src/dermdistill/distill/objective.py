"""The objective of a training step: alpha * distillation + (1 - alpha) * task, for any number of teachers."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from keras import ops

from dermdistill.distill.feature_matching import projected
from dermdistill.distill.losses import get_distill_loss, get_feature_loss, get_task_loss

Combine = Literal["losses", "probs"]
_NEVER = 1e4  # nats: a probability of e^-10000 is 0, and 0 times its logarithm is still a number


@dataclass(frozen=True)
class Objective:
    """What is minimised.

    Attributes:
        task_loss, distill_loss: registered names.
        alpha: weight of the distillation part, 0 to 1; without teachers it must be 0.
        temperature: softens teacher and student alike.
        label_smoothing: share of each target spread evenly over the classes.
        logit_shift: float `[classes]` added to the student's logits in the task loss only. It is log(share in
            the batches / share in the data). With it the student's own logits stay calibrated to the data
            although rare classes are drawn more often (logit adjustment, arXiv:2007.07314).
        combine: `losses` is the mean of the losses against each teacher; `probs` is the loss against one
            teacher that answers the mean of their probabilities (taken at temperature 1, softened after).
        teacher_weights: float `[teachers]`, for either mean; None is evenly.
        log_prior: float `[classes]`, log class shares of the data, or None. They are subtracted from
        student's and teachers' logits before these are compared. Both are then prior-corrected: what they
        would answer if all classes were equally frequent. So rare classes weigh more in the loss and in the
        mean over teachers. The student's own logits still follow the data's shares.
        feature_loss: registered name, or None: embeddings are not compared.
        feature_weight: weight of that part, which comes on top.
    """

    task_loss: str = "cross_entropy"
    distill_loss: str = "kd"
    alpha: float = 0.0
    temperature: float = 1.0
    label_smoothing: float = 0.0
    logit_shift: tuple[float, ...] | None = None
    combine: Combine = "losses"
    teacher_weights: tuple[float, ...] | None = None
    log_prior: tuple[float, ...] | None = None
    feature_loss: str | None = None
    feature_weight: float = 1.0

    def __post_init__(self) -> None:
        """Refuse unknown losses before anything starts."""
        get_task_loss(self.task_loss)
        get_distill_loss(self.distill_loss)
        if self.feature_loss:
            get_feature_loss(self.feature_loss)

    def __call__(
        self,
        logits: Any,
        targets: Any,
        teacher_logits: Any | None,
        features: Sequence[tuple[Any, Any]] = (),
        taught: Any | None = None,
    ) -> dict[str, Any]:
        """Compute the scalar losses of a batch.

        Args:
            logits: `[batch, classes]`, the student's.
            targets: `[batch, classes]`, probabilities.
            teacher_logits: `[batch, teachers, classes]` of the same images and views, or None.
            features: for each teacher the student's embedding, projected, and its own, `[batch, features]`.
            taught: `[batch, classes]`: 1 for classes that an image's source has, 0 for classes that the
                labels of that source say nothing about. The task loss ignores the latter. None is all of
                them.

        Returns:
            `loss`, `task_loss` and, with teachers, `distill_loss` and `feature_loss`; scalars.
        """
        shifted = logits if self.logit_shift is None else logits + ops.array(self.logit_shift, logits.dtype)
        even = 1 / targets.shape[-1]
        if taught is not None:
            even = taught / ops.sum(taught, axis=-1, keepdims=True)
            shifted = shifted + (taught - 1) * _NEVER
        smoothed = targets * (1 - self.label_smoothing) + self.label_smoothing * even
        task = ops.mean(get_task_loss(self.task_loss)(shifted, smoothed))
        if teacher_logits is None:
            return {"loss": task, "task_loss": task}
        distill = self._against_teachers(logits, targets, teacher_logits)
        losses = {
            "loss": self.alpha * distill + (1 - self.alpha) * task,
            "task_loss": task,
            "distill_loss": distill,
        }
        if self.feature_loss and features:
            compare = get_feature_loss(self.feature_loss)
            parts = [
                share * ops.mean(compare(student, teacher))
                for share, (student, teacher) in zip(self._shares(len(features)), features, strict=True)
            ]
            losses["feature_loss"] = sum(parts[1:], parts[0])
            losses["loss"] = losses["loss"] + self.feature_weight * losses["feature_loss"]
        return losses

    def of_outputs(
        self,
        outputs: Any,
        targets: Any,
        teacher_outputs: Sequence[Any],
        cached_logits: Any,
        taught: Any = None,
    ) -> dict[str, Any]:
        """The losses of a student's outputs against teachers in the step, or against cached logits."""
        teacher_logits, features = cached_logits, []
        if teacher_outputs:
            teacher_logits = ops.stack([teacher["logits"] for teacher in teacher_outputs], axis=1)
        if self.feature_loss:
            features = [
                (outputs[projected(number)], teacher["embedding"])
                for number, teacher in enumerate(teacher_outputs)
            ]
        return self(outputs["logits"], targets, teacher_logits, features, taught)

    def _shares(self, count: int) -> list[float]:
        """How much each of `count` teachers counts; sums to 1."""
        weights = self.teacher_weights or (1.0,) * count
        return [weight / sum(weights) for weight in weights]

    def _against_teachers(self, logits: Any, targets: Any, teacher_logits: Any) -> Any:
        if self.log_prior is not None:
            log_prior = ops.array(self.log_prior, logits.dtype)
            logits, teacher_logits = logits - log_prior, teacher_logits - log_prior
        count = teacher_logits.shape[1]
        shares = self._shares(count)
        teachers = [teacher_logits[:, teacher] for teacher in range(count)]
        if self.combine == "probs":
            teachers, shares = [_mean_as_logits(teachers, shares)], [1.0]
        distill_loss = get_distill_loss(self.distill_loss)
        parts = [
            share * ops.mean(distill_loss(logits, teacher, self.temperature, targets))
            for share, teacher in zip(shares, teachers, strict=True)
        ]
        return sum(parts[1:], parts[0])


def _mean_as_logits(teachers: list[Any], shares: list[float]) -> Any:
    """Log of the weighted mean of the teachers' probabilities, `[batch, classes]`, exact for tiny ones."""
    log_probs = ops.stack([ops.log_softmax(logits, axis=-1) for logits in teachers], axis=1)
    log_shares = ops.log(ops.array(shares, log_probs.dtype) + 1e-30)
    return ops.logsumexp(log_probs + ops.reshape(log_shares, (1, -1, 1)), axis=1)
