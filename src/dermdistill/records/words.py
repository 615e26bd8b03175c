"""English words for assessments and reasons, as records state them."""

from dermdistill.inference import Prediction
from dermdistill.inference.assessment import Level, Reason

LEVELS: dict[Level, str] = {
    "see_doctor": "See a doctor",
    "cannot_judge": "This picture cannot be judged",
    "unclear": "Unclear: see a doctor if the lesion worries you",
    "no_sign": "No sign of danger found; some melanomas are missed",
}
REASONS: dict[Reason, str] = {
    "malignant_above_threshold": "Probability of malignancy reaches the threshold",
    "melanoma_above_threshold": "Probability of melanoma reaches the threshold",
    "dangerous_class_decided": "Decided for a dangerous class",
    "dangerous_class_most_probable": "A dangerous class is the most probable",
    "unlike_known_lesions": "Unlike the lesions that the network knows",
    "poor_picture": "The picture is too poor",
    "classes_differ": "Decision and most probable class differ",
    "no_class_fits": "No class fits",
    "danger_not_excluded": "A dangerous class cannot be excluded",
    "hair": "Hair over the lesion",
}


def short(text: str, most: int) -> str:
    """Cut a text to `most` letters, as fields of a fixed length want it."""
    return text if len(text) <= most else f"{text[: most - 1].rstrip()}…"


def missed_sentence(prediction: Prediction) -> str:
    """In how many melanomas "no sign of danger" was wrong; it belongs to every answer."""
    missed = prediction.missed_melanomas
    if missed is None:
        return "Nobody has measured how many melanomas are answered with no sign of danger."
    return (
        f"Of 100 melanomas {missed.low:.1f} to {missed.high:.1f} are answered with no sign of danger, "
        f"wrongly (95 % interval, {missed.n_lesions} melanomas of the {missed.split} split)."
    )
