"""A student that also learns its teachers' embeddings, through a linear map that only training knows."""

from collections.abc import Sequence
from typing import Any

import keras


def projected(number: int) -> str:
    """Name of the output that is the student's embedding in the space of teacher `number`."""
    return f"projected_{number}"


def with_projections(student: Any, teachers: Sequence[Any]) -> Any:
    """The student with one output more for each teacher, `[batch, that teacher's features]`.

    All layers of the student are shared: training the result trains the student, and the student saved alone
    holds nothing of the projections.
    """
    embedding = student.output["embedding"]
    outputs = dict(student.output)
    for number, teacher in enumerate(teachers):
        width = teacher.output["embedding"].shape[-1]
        layer = keras.layers.Dense(width, use_bias=False, dtype="float32", name=projected(number))
        outputs[projected(number)] = layer(embedding)
    return keras.Model(student.input, outputs, name=f"{student.name}_with_projections")
