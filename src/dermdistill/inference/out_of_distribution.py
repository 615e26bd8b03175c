"""The out-of-distribution detector: does this image look like the lesions the student has learned from?"""

import math
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from dermdistill.bundle import OpenBundle
from dermdistill.bundle.verdicts import OutOfDistribution


@dataclass(frozen=True, slots=True)
class OutOfDistributionVerdict:
    """How far an image is from the known ones.

    `score` is its distance divided by the threshold; `refused` says that this is above 1.
    """

    score: float
    refused: bool


@dataclass(frozen=True, slots=True)
class OutOfDistributionDetector:
    """The bundle's out-of-distribution parameters, loaded; formulas in `dermdistill.bundle.verdicts`."""

    parameters: OutOfDistribution
    arrays: tuple[NDArray[np.float64], ...]

    @classmethod
    def load(cls, bundle: OpenBundle) -> Self | None:
        """Read the detector's arrays; None when the bundle has no detector.

        Raises:
            BundleError: an array has another shape than declared, or values that are no numbers.
        """
        parameters = bundle.spec.out_of_distribution
        if parameters is None:
            return None
        arrays = (bundle.array(array) for array in parameters.arrays)
        return cls(parameters, tuple(array.astype(np.float64) for array in arrays))

    def distance(self, embedding: NDArray[np.float32]) -> float:
        """How far an embedding `[features]` is from those of lesions."""
        mean, basis = self.arrays
        centred = embedding.astype(np.float64) - mean
        projected = centred @ basis
        squared_length = float(centred @ centred)
        residual = max(squared_length - float(projected @ projected), 0.0)
        if self.parameters.distance == "residual" or not squared_length:
            return residual
        return residual / math.sqrt(squared_length)

    def verdict(
        self, embedding: NDArray[np.float32], threshold: float | None = None
    ) -> OutOfDistributionVerdict:
        """Judge one image by its embedding `[features]`.

        Args:
            embedding: of the model.
            threshold: of the distance, for pictures of its kind; the detector's own if None.
        """
        threshold = threshold or self.parameters.distance_threshold
        distance = self.distance(embedding)
        return OutOfDistributionVerdict(
            distance / threshold, not distance <= threshold
        )  # NaN is refused, too
