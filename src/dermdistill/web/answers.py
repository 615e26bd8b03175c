"""A Prediction as JSON. The names are those of the `predict` command's table where both have a field."""

from typing import Any

import numpy as np

from dermdistill.inference import Prediction
from dermdistill.taxonomy import BY_CODE

HEAT_MAPS = ("values", "none")


def answer(prediction: Prediction, *, heat_map: str = "values") -> dict[str, Any]:
    """Return one prediction as JSON values; probabilities to 6 digits, heat to 4.

    Args:
        prediction: the engine's answer.
        heat_map: `values` for rows of numbers 0-1 that cover the whole image, `none` for null.
    """
    heat = np.round(prediction.heat_map.astype(float), 4).tolist() if heat_map == "values" else None
    gate = prediction.out_of_distribution
    return {
        "diagnosis": prediction.diagnosis,
        "name": prediction.name,
        "plain": prediction.plain,
        "risk": BY_CODE[prediction.diagnosis].risk,
        "probabilities": {code: round(p, 6) for code, p in prediction.probs.items()},
        "malignant_probability": round(prediction.malignant_probability, 6),
        "heat_map": heat,
        "quality": [{"code": warning.code, "message": warning.message} for warning in prediction.quality],
        "conformal": prediction.conformal
        and [{"coverage": s.coverage, "codes": list(s.codes)} for s in prediction.conformal],
        "out_of_distribution": gate and {"score": gate.score, "energy": gate.energy, "refused": gate.refused},
    }
