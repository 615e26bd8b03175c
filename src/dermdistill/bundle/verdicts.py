"""The parts of a bundle that say when to answer, how sure to be, and when not to answer. All optional.

The lab fits them on validation images; the engine and the browser apply them from the same file. So each
formula is stated here, in numpy terms, beside its numbers.
"""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from dermdistill.bundle.fields import Count, FileName, Part, Percentage, PositiveFloat, Probability, Shape


class CautiousPoint(Part):
    """A lower threshold: with `confidence`, the sensitivity holds for new lesions like the `n_lesions` seen.

    Each lesion counts by its least suspicious image. The rest is as in `OperatingPoint`.
    """

    threshold: Probability
    confidence: Probability
    n_lesions: Count
    measured_sensitivity: Probability | None = None
    measured_specificity: Probability | None = None
    positive_predictive_value: Probability | None = None
    negative_predictive_value: Probability | None = None


class MissedMelanomas(Part):
    """Of `n_lesions` melanomas of `split`, how many the assessment at a sensitivity answers with `no_sign`.

    A lesion counts as missed when any of its images is answered so. Both targets' cautious thresholds of that
    sensitivity, the decision rule and the conformal set take part. Detector and quality do not: they would
    call some images `cannot_judge`. `per_100` is 100 `missed` / `n_lesions`; `low` to `high` is its 95 %
    interval by Clopper and Pearson 1934 (doi:10.1093/biomet/26.4.404).
    """

    split: str
    n_lesions: Annotated[int, Field(ge=1)]
    missed: Count
    per_100: Percentage
    low: Percentage
    high: Percentage

    @model_validator(mode="after")
    def _interval_holds(self) -> Self:
        if not (self.missed <= self.n_lesions and self.low <= self.per_100 <= self.high):
            raise ValueError("missed must be at most n_lesions, and per_100 lie from low to high")
        return self


class OperatingPoint(Part):
    """A threshold on a calibrated probability: refer the lesion when `p >= threshold`.

    `target` says which: `melanoma` is the probability of the bundle's melanoma class, `malignant` the sum
    over malignant and precursor classes.
    `sensitivity` is the one asked for; `measured_*` is what `split` gave; predictive values hold for the
    stated `prevalence` only. `threshold` reaches the sensitivity on the images it was fitted on, so it falls
    short about half of the time on new ones. `cautious` is for those who cannot accept that.
    `missed_melanomas` belongs to the sensitivity, so it is the same for both targets.
    """

    target: Literal["melanoma", "malignant"]
    sensitivity: Probability
    threshold: Probability
    split: str
    measured_sensitivity: Probability | None = None
    measured_specificity: Probability | None = None
    prevalence: Probability | None = None
    positive_predictive_value: Probability | None = None
    negative_predictive_value: Probability | None = None
    cautious: CautiousPoint | None = None
    missed_melanomas: MissedMelanomas | None = None


class ConformalLevel(Part):
    """One coverage level: the per-class quantile of `1 - p[class]` over calibration images of that class.

    `enough` says which classes have enough lesions to hold `measured_coverage` within 3 points of `coverage`.
    For the others chance alone moves it further. `mean_set_size` is in classes an image.
    """

    coverage: Probability
    quantiles: dict[str, float]
    measured_coverage: dict[str, Probability] | None = None
    enough: dict[str, bool] | None = None
    mean_set_size: float | None = None


class Conformal(Part):
    """Class-conditional split conformal sets: class c is in the set when `1 - p[c] <= quantiles[c]`.

    Source: Sadinle, Lei, Wasserman 2019, arXiv:1609.00451 (LABEL), scores `1 - p` calibrated per class.
    """

    score: Literal["one_minus_p"] = "one_minus_p"
    split: str
    n_calibration: dict[str, Count]
    levels: list[ConformalLevel]


class ArrayFile(Part):
    """A float32 array in a file of the bundle: raw little-endian values in C order, no header."""

    file: FileName
    shape: Shape


class LeftOut(Part):
    """What a detector that was fitted without a source refuses: of its lesions, and of other pictures.

    `refused` is the share of its `n_lesions` dermoscopic lesions of val and test with a refused image.
    `photographs_refused` is that of everyday photographs; tissue under a microscope and in the eye
    (`tissue_refused`) and drawn bare skin (`skin_refused`), which resemble lesions more, are apart.
    """

    n_lesions: Count
    refused: Probability
    photographs_refused: Probability
    tissue_refused: Probability | None = None
    skin_refused: Probability | None = None


class OutOfDistribution(Part):
    """Detector: an image is refused when its distance is above `distance_threshold`.

    With `x = embedding - mean`, `residual` is `|x|^2 - |x @ basis|^2`, what lies outside the space that the
    orthonormal columns of `basis` span (Wang et al. 2022, arXiv:2203.10807). `residual_per_length` is that
    divided by `|x|`, or 0 for `x = 0`: so a picture that excites few features does not pass for a lesion
    (docs/decisions/0007-a-detector-fitted-on-lesions-alone.md). The export chooses between them
    (docs/decisions/0023-a-detector-over-all-sources.md).

    `accepted_share` is the share of `split`'s lesions that are accepted. `confidence` is how sure the lab is
    that new lesions are refused as rarely. `auroc` tells lesions from all pictures that are none,
    `auroc_by_kind` from those of each kind; the detector was fitted on none of them. `refused_by_kind` is the
    share of these pictures above the threshold, `accepted_by_class` the share of each class's lesions of
    `split`. `left_out` holds what detectors refuse that were fitted without a source, by source: how
    this one may fare on a new one.
    """

    distance: Literal["residual_per_length", "residual"] = "residual_per_length"
    mean: ArrayFile
    basis: ArrayFile
    distance_threshold: PositiveFloat
    split: str
    accepted_share: Probability | None = None
    confidence: Probability | None = None
    auroc: Probability | None = None
    auroc_by_kind: dict[str, Probability] | None = None
    refused_by_kind: dict[str, Probability] | None = None
    accepted_by_class: dict[str, Probability] | None = None
    left_out: dict[str, LeftOut] | None = None

    @property
    def arrays(self) -> list[ArrayFile]:
        """The files that the distance needs."""
        return [self.mean, self.basis]

    @model_validator(mode="after")
    def _shapes_fit(self) -> Self:
        mean, basis = self.mean.shape, self.basis.shape
        if len(mean) != 1 or len(basis) != 2 or mean[0] != basis[0]:
            raise ValueError("shapes must be mean [f], basis [f, d]")
        return self
