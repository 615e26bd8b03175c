"""Balanced softmax, also known as logit adjustment.

Ren et al. 2020 (arXiv:2007.10740) and Menon et al. 2021 (arXiv:2007.07314) train logits f by cross-entropy
on `f + log(share)`, so that f itself decides as if all classes were equally frequent. Models here answer
`g = f + log(share)` instead, so that probabilities stay calibrated to the data, and f is had by dividing by
the prior when deciding (`argmax_p_over_prior`). The head has a free bias, which starts at log(share) and has
no weight decay, so training f or g takes the very same steps: in g, the loss *is* cross-entropy. A test
shows it. It matters only where teacher and student are compared: `prior = "uniform"` of `[distill]`.

Where the batches' shares are not the data's, `Objective.logit_shift` turns the one into the other; it is the
only place that knows a class prior in the task loss.
"""

from typing import Any

from dermdistill.distill.losses.cross_entropy import cross_entropy
from dermdistill.distill.losses.registry import register_task_loss


@register_task_loss("balanced_softmax")
def balanced_softmax(logits: Any, targets: Any) -> Any:
    """Balanced softmax of `logits - log(share)`, in nats: equal to `cross_entropy`, see above.

    Args:
        logits: `[batch, classes]`, before softmax; they follow the class shares of the batches.
        targets: `[batch, classes]`, probabilities.

    Returns:
        `[batch]`, 0 or more.
    """
    return cross_entropy(logits, targets)
