"""A bundle and images in, Predictions out. Knows no TensorFlow.

engine = load_bundle()                       # the student that ships with the package
prediction, = engine.predict("lesion.jpg")   # a path, bytes, an RGB uint8 array, or a list of them
prediction.assessment.level, prediction.diagnosis, prediction.probs, prediction.malignant_probability
"""

from dermdistill.inference.assessment import Assessment
from dermdistill.inference.conformal import ConformalSet
from dermdistill.inference.engine import Engine, ImageInput, load_bundle
from dermdistill.inference.heat_map import overlay_png, scale_heat
from dermdistill.inference.interpreter import Outputs
from dermdistill.inference.out_of_distribution import OutOfDistributionVerdict
from dermdistill.inference.pictures.kind import SeenPicture
from dermdistill.inference.prediction import BundleName, Prediction
from dermdistill.inference.quality.check import QualityWarning, check_quality

__all__ = [
    "Assessment",
    "BundleName",
    "ConformalSet",
    "Engine",
    "ImageInput",
    "OutOfDistributionVerdict",
    "Outputs",
    "Prediction",
    "QualityWarning",
    "SeenPicture",
    "check_quality",
    "load_bundle",
    "overlay_png",
    "scale_heat",
]
