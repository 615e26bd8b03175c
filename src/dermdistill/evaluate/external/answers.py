"""What a model answered about the images of a source: a row an image, with what is true of it."""

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from dermdistill.classes import ClassTable
from dermdistill.inference.assessment import Thresholds
from dermdistill.metrics.predictions import GROUP, KEYS, prob_columns

TRUTH = ("image_id", "source", "lesion_id", "group_id", "diagnosis", "kind", "malignant", "melanoma")
ABOUT = ("picture", "skin_tone", "age", "sex")


@dataclass(frozen=True)
class Answers:
    """One model's answers about one source.

    Attributes:
        model: its name.
        source: the source's name.
        split: which images of it.
        classes: the model's classes, in the order of its probabilities.
        frame: a row an image: `TRUTH`, `ABOUT`, `p_<code>`, `decided` (a class code), and of a bundle
            `refused` (bool), `told` (the level of the assessment), `above_malignant` and `above_melanoma`
            (whether the threshold is reached, of its kind of picture) and `seen_as` (the kind of picture that
            it recognised, empty or NaN where it knows none).
        priors: class shares that the model was trained on, by code; None where they are not known.
        thresholds: at which the model refers; None where there are none.
        warnings: what a reader must know, a sentence each.
    """

    model: str
    source: str
    split: str
    classes: ClassTable
    frame: pd.DataFrame
    priors: Mapping[str, float] | None = None
    thresholds: Thresholds | None = None
    warnings: tuple[str, ...] = ()

    def known(self) -> pd.DataFrame:
        """The images of kinds that the model knows, as `predictions` wants them."""
        frame = self.frame[self.frame["kind"] != ""].reset_index(drop=True)
        keys = frame.assign(diagnosis=frame["kind"], split=self.split)
        return keys[[*KEYS, GROUP, *prob_columns(self.classes.codes)]]

    def unknown(self) -> pd.DataFrame:
        """The images of kinds that it does not know."""
        return self.frame[self.frame["kind"] == ""].reset_index(drop=True)
