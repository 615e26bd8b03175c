"""Explanations by a Keras model of the registry: its class maps, or gradient Grad-CAM."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import softmax

from dermdistill.evaluate.explain.explanation import Explain, Explanation, class_number
from dermdistill.evaluate.explain.grad_cam import GradCam


def explain_with_model(
    model: Any, codes: Sequence[str], code: str | None = None, *, by_gradient: bool = False
) -> Explain:
    """Explain by a Keras model.

    Args:
        model: a model of the registry.
        codes: of its classes, in the order of its outputs.
        code: the class to explain; by default the most probable, for a run has no other decision rule.
        by_gradient: by Grad-CAM instead of the head's class maps.

    Raises:
        DataError: there is no such class.
        ModelError: Keras runs on a backend other than TensorFlow and JAX.
    """
    fixed = None if code is None else class_number(code, codes)
    cam = GradCam(model) if by_gradient else None

    def explain(images: NDArray[np.uint8]) -> list[Explanation]:
        if cam is not None:
            features = cam.features(images)
            logits = cam.logits(features)
        else:
            outputs = model.predict_on_batch(images)
            logits = outputs["logits"]
        probs = softmax(np.asarray(logits, np.float64), axis=1)
        answered = probs.argmax(axis=1)
        chosen = answered if fixed is None else np.full_like(answered, fixed)
        if cam is not None:
            heats = cam.heat(features, chosen)
        else:
            heats = np.maximum(outputs["class_maps"][np.arange(len(images)), :, :, chosen], 0)
        return [
            Explanation(codes[a], codes[c], float(p[c]), heat)
            for p, a, c, heat in zip(probs, answered, chosen, heats, strict=True)
        ]

    return explain
