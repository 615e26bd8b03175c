"""Distances between a teacher's embedding and the student's, projected to the teacher's width."""

from typing import Any

from keras import ops

from dermdistill.distill.losses.registry import register_feature_loss


@register_feature_loss("cosine")
def cosine(student: Any, teacher: Any) -> Any:
    """One minus the cosine between `student` and `teacher` `[batch, features]`; gives `[batch]`, 0 to 2.

    Only the direction must agree: how long a teacher's embeddings are says little about what they mean.
    """
    # Inside the roots, so that an embedding of zeros has a finite gradient.
    lengths = ops.sqrt((ops.sum(student**2, axis=-1) + 1e-12) * (ops.sum(teacher**2, axis=-1) + 1e-12))
    return 1 - ops.sum(student * teacher, axis=-1) / lengths


@register_feature_loss("fitnets")
def fitnets(student: Any, teacher: Any) -> Any:
    """Half the mean squared difference over features, `[batch]`; Romero et al. 2015 (arXiv:1412.6550)."""
    return ops.mean((student - teacher) ** 2, axis=-1) / 2
