"""Around the logits: is a picture like known lesions, of which kind, and which numbers hold for it."""

from dataclasses import dataclass
from typing import Self

from dermdistill.bundle import BundleSpec, OpenBundle, PictureKind
from dermdistill.inference.interpreter import Outputs
from dermdistill.inference.out_of_distribution import OutOfDistributionDetector, OutOfDistributionVerdict
from dermdistill.inference.pictures.kind import (
    PictureRecogniser,
    SeenPicture,
    seen_picture,
    spec_for,
    sure_kind,
)


@dataclass(frozen=True, slots=True)
class Judgement:
    """What is known of one picture besides its classes.

    Attributes:
        spec: the bundle with the temperature, priors, thresholds and conformal sets of its kind of picture.
        out_of_distribution: None without a detector.
        picture: None where the bundle knows no kinds of pictures.
    """

    spec: BundleSpec
    out_of_distribution: OutOfDistributionVerdict | None
    picture: SeenPicture | None

    @property
    def refused(self) -> bool | None:
        """Whether the detector finds it unlike the known lesions; None without one."""
        return None if self.out_of_distribution is None else self.out_of_distribution.refused


@dataclass(frozen=True, slots=True)
class Judge:
    """The bundle's detector and recogniser, and its numbers by kind of picture."""

    specs: dict[PictureKind | None, BundleSpec]
    detector: OutOfDistributionDetector | None
    recogniser: PictureRecogniser | None

    @classmethod
    def load(cls, bundle: OpenBundle) -> Self:
        """Read what the bundle has of them.

        Raises:
            BundleError: an array has another shape than declared, or values that are no numbers.
        """
        kinds: tuple[PictureKind | None, ...] = (None, "dermoscopic", "clinical")
        return cls(
            {kind: spec_for(bundle.spec, kind) for kind in kinds},
            OutOfDistributionDetector.load(bundle),
            PictureRecogniser.load(bundle),
        )

    def __call__(self, outputs: Outputs) -> Judgement:
        """Judge one picture by the model's outputs."""
        detector, recogniser = self.detector, self.recogniser
        if recogniser is None:
            return Judgement(
                self.specs[None], detector.verdict(outputs.embedding) if detector else None, None
            )
        p = recogniser.dermoscopic_probability(outputs.embedding)
        kind = sure_kind(p, recogniser.parameters.sure_from)
        own = None if kind is None else recogniser.parameters.kinds[kind].distance_threshold
        verdict = detector.verdict(outputs.embedding, own) if detector else None
        refused = verdict is not None and verdict.refused
        return Judgement(self.specs[kind], verdict, seen_picture(p, refused=refused))
