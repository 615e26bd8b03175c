"""English words for assessments and reasons, as records state them; words.json, which the page reads, too."""

import json
from importlib.resources import files
from typing import Any

from dermdistill.inference import Prediction
from dermdistill.inference.assessment import Level, Reason

WORDS: dict[str, Any] = json.loads((files("dermdistill") / "records" / "words.json").read_text("utf-8"))
LEVELS: dict[Level, str] = WORDS["levels"]
REASONS: dict[Reason, str] = WORDS["reasons"]


def short(text: str, most: int) -> str:
    """Cut a text to `most` letters, as fields of a fixed length want it."""
    return text if len(text) <= most else f"{text[: most - 1].rstrip()}…"


def missed_sentence(prediction: Prediction) -> str:
    """In how many melanomas "no sign of danger" was wrong; it belongs to every answer."""
    missed = prediction.missed_melanomas
    if missed is None:
        return str(WORDS["unmeasured"])
    low, high = f"{missed.low:.1f}", f"{missed.high:.1f}"
    return str(WORDS["missed"].format(low=low, high=high, n=missed.n_lesions, split=missed.split))
