"""The objective of a training step: alpha * distillation + (1 - alpha) * task, for any number of teachers."""

from dataclasses import dataclass
from typing import Any

from keras import ops

from dermdistill.distill.losses import get_distill_loss, get_task_loss


@dataclass(frozen=True)
class Objective:
    """What is minimised.

    Attributes:
        task_loss, distill_loss: registered names.
        alpha: weight of the distillation part, 0 to 1; without teachers it must be 0.
        temperature: softens teacher and student alike.
        label_smoothing: share of each target spread evenly over the classes.
        logit_shift: float `[classes]` added to the student's logits in the task loss only. With
            log(share in the batches / share in the data) the student's own logits stay calibrated to the data
            although rare classes are drawn more often (logit adjustment, arXiv:2007.07314).
    """

    task_loss: str = "cross_entropy"
    distill_loss: str = "kd"
    alpha: float = 0.0
    temperature: float = 1.0
    label_smoothing: float = 0.0
    logit_shift: tuple[float, ...] | None = None

    def __call__(self, logits: Any, targets: Any, teacher_logits: Any | None) -> dict[str, Any]:
        """Compute the scalar losses of a batch.

        Args:
            logits: `[batch, classes]`, the student's.
            targets: `[batch, classes]`, probabilities.
            teacher_logits: `[batch, teachers, classes]` of the same images and views, or None.

        Returns:
            `loss`, `task_loss` and, with teachers, `distill_loss` (mean over teachers); scalars.
        """
        smoothed = targets * (1 - self.label_smoothing) + self.label_smoothing / targets.shape[-1]
        shifted = logits if self.logit_shift is None else logits + ops.array(self.logit_shift, logits.dtype)
        task = ops.mean(get_task_loss(self.task_loss)(shifted, smoothed))
        if teacher_logits is None:
            return {"loss": task, "task_loss": task}
        distill_loss = get_distill_loss(self.distill_loss)
        parts = [
            ops.mean(distill_loss(logits, teacher_logits[:, teacher], self.temperature))
            for teacher in range(teacher_logits.shape[1])
        ]
        distill = sum(parts[1:], parts[0]) / len(parts)
        return {
            "loss": self.alpha * distill + (1 - self.alpha) * task,
            "task_loss": task,
            "distill_loss": distill,
        }
