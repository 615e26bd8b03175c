"""A DICOM picture's answer as two files of its study: a Structured Report and a heat map."""

from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

from dermdistill.bundle import BundleSpec
from dermdistill.files import write_atomically
from dermdistill.imaging import decode_image
from dermdistill.inference import Prediction
from dermdistill.records.dicom_heat_map import heat_map_capture
from dermdistill.records.dicom_report import structured_report

if TYPE_CHECKING:
    from pydicom import Dataset

REPORT, HEAT_MAP = "report.dcm", "heat_map.dcm"


def write_dicom(
    folder: Path, source: "Dataset", data: bytes, prediction: Prediction, spec: BundleSpec
) -> list[Path]:
    """Write report.dcm and heat_map.dcm to `folder`, which is made; returns their paths.

    Args:
        folder: where to; files of these names are replaced.
        source: the picture's head, of `read_source`.
        data: the picture's file, which the engine has answered.
        prediction: its answer.
        spec: the bundle that answered.

    Raises:
        OSError: they cannot be written.
    """
    made = {
        REPORT: structured_report(source, prediction, spec),
        HEAT_MAP: heat_map_capture(source, decode_image(data), prediction),
    }
    folder.mkdir(parents=True, exist_ok=True)
    for name, dataset in made.items():
        file = BytesIO()
        dataset.save_as(file, enforce_file_format=True)
        write_atomically(folder / name, file.getvalue())
    return [folder / name for name in made]
