"""A heat map over its picture as a DICOM secondary capture."""

from io import BytesIO
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from dermdistill.inference import Prediction, overlay_png
from dermdistill.records.dicom_source import MANUFACTURER

if TYPE_CHECKING:
    from pydicom import Dataset


def heat_map_capture(source: "Dataset", image: NDArray[np.uint8], prediction: Prediction) -> "Dataset":
    """Draw where the network looked over the picture, in a series of its own of the picture's study.

    Args:
        source: the picture's head, of `read_source`.
        image: its pixels, sRGB uint8 `[height, width, 3]`, as they were decoded.
        prediction: what the engine answered.
    """
    import highdicom as hd  # noqa: PLC0415 - of the extra
    from pydicom import Dataset  # noqa: PLC0415 - of the extra
    from pydicom.sequence import Sequence  # noqa: PLC0415 - of the extra

    drawn = Image.open(BytesIO(overlay_png(image, prediction.heat_map)))
    pixels = np.asarray(drawn.convert("RGB"))
    capture: Any = hd.sc.SCImage.from_ref_dataset(
        source,
        pixels,
        photometric_interpretation="RGB",
        bits_allocated=8,
        coordinate_system="PATIENT",
        patient_orientation=("L", "F"),  # highdicom wants one; the picture's own follows
        series_instance_uid=hd.UID(),
        series_number=int(source.get("SeriesNumber") or 0) + 2,
        sop_instance_uid=hd.UID(),
        instance_number=1,
        manufacturer=MANUFACTURER,
    )
    capture.PatientOrientation = source.get("PatientOrientation") or ""
    capture.Laterality = source.get("Laterality") or ""
    reference = Dataset()
    reference.ReferencedSOPClassUID, reference.ReferencedSOPInstanceUID = (
        source.SOPClassUID,
        source.SOPInstanceUID,
    )
    capture.SourceImageSequence = Sequence([reference])
    capture.BurnedInAnnotation = "NO"
    capture.SeriesDescription = f"Heat map for {prediction.name}"[:64]
    capture.DerivationDescription = (
        f"Where {prediction.bundle.name} {prediction.bundle.version} found evidence for {prediction.name}. "
        "Research use only; never a diagnosis."
    )
    made: Dataset = capture
    return made
