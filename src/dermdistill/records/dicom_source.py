"""The DICOM picture that an answer belongs to: whose it is, and of which study."""

from io import BytesIO
from typing import TYPE_CHECKING

from dermdistill.errors import ImageError

if TYPE_CHECKING:
    from pydicom import Dataset

MANUFACTURER = "DermDistill"
# What a report or a capture takes over from the picture, and cannot be made without.
_NEEDED = ("SOPClassUID", "SOPInstanceUID", "StudyInstanceUID", "SeriesInstanceUID")
# What the standard wants to be there, be it empty.
_MAY_BE_EMPTY = (
    "PatientID",
    "PatientName",
    "PatientBirthDate",
    "PatientSex",
    "AccessionNumber",
    "StudyID",
    "StudyDate",
    "StudyTime",
    "ReferringPhysicianName",
)


def refuse_without_highdicom() -> None:
    """Raise early when the extra is not installed.

    Raises:
        ImageError: says what to install.
    """
    try:
        import highdicom  # noqa: F401, PLC0415 - of the extra
    except ModuleNotFoundError as error:
        raise ImageError(
            f"A DICOM report needs {error.name}, not installed here: pip install 'dermdistill[records]'."
        ) from error


def read_source(data: bytes, name: str) -> "Dataset":
    """Read a DICOM file's head for the report on it; what may be empty is there afterwards.

    Args:
        data: the file.
        name: what to call it in an error.

    Raises:
        ImageError: pydicom is missing, the file is no DICOM file, or it does not say what it belongs to.
    """
    refuse_without_highdicom()
    from pydicom import dcmread  # noqa: PLC0415 - of the extra
    from pydicom.errors import InvalidDicomError  # noqa: PLC0415 - of the extra

    try:
        dataset = dcmread(BytesIO(data), stop_before_pixels=True)
    except (InvalidDicomError, EOFError, ValueError) as error:
        raise ImageError(f"{name} is no DICOM file; a DICOM report belongs to a DICOM picture.") from error
    if missing := [keyword for keyword in _NEEDED if not dataset.get(keyword)]:
        raise ImageError(
            f"{name} lacks {', '.join(missing)}: a report cannot say what it is of; export it again."
        )
    for keyword in _MAY_BE_EMPTY:
        if keyword not in dataset:
            setattr(dataset, keyword, "")
    return dataset
