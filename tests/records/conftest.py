"""DICOM pictures of the two kinds that dermatology has, and the answers to them."""

import io
import os
import shutil

import numpy as np
import pytest
from pydicom import Dataset
from pydicom.dataset import FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, generate_uid

from dermdistill.inference import load_bundle
from synthetic import lesion_image

KINDS = {
    "dermoscopic": "1.2.840.10008.5.1.4.1.1.77.1.7",
    "visible light": "1.2.840.10008.5.1.4.1.1.77.1.4",
}


def dicom_picture(kind: str, image: np.ndarray, **more: str) -> bytes:
    """A DICOM file of a kind, with what a camera's software writes about patient and study."""
    dataset, meta = Dataset(), FileMetaDataset()
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    meta.MediaStorageSOPClassUID = dataset.SOPClassUID = KINDS[kind]
    meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID = generate_uid()
    dataset.file_meta = meta
    dataset.StudyInstanceUID, dataset.SeriesInstanceUID = generate_uid(), generate_uid()
    dataset.PatientID, dataset.PatientName, dataset.PatientSex = "P1", "Doe^Jane", "F"
    dataset.StudyDate, dataset.StudyTime, dataset.StudyID = "20261130", "101500", "S1"
    dataset.Modality, dataset.SeriesNumber, dataset.InstanceNumber = "XC", 1, 1
    dataset.Rows, dataset.Columns = image.shape[:2]
    dataset.SamplesPerPixel, dataset.PhotometricInterpretation, dataset.PlanarConfiguration = 3, "RGB", 0
    dataset.BitsAllocated, dataset.BitsStored, dataset.HighBit, dataset.PixelRepresentation = 8, 8, 7, 0
    dataset.PixelData = image.tobytes()
    for keyword, value in more.items():
        setattr(dataset, keyword, value)
    file = io.BytesIO()
    dataset.save_as(file, enforce_file_format=True)
    return file.getvalue()


@pytest.fixture(params=KINDS)
def picture(request) -> bytes:
    """One picture of each kind, of a melanoma."""
    return dicom_picture(request.param, lesion_image("mel", 3, height=300, width=400))


@pytest.fixture(scope="session")
def engine():
    return load_bundle()


@pytest.fixture
def installed():
    """Find a program; in CI it must be there."""

    def find(name: str, package: str) -> str:
        path = shutil.which(name, path=f"{os.environ['PATH']}:/usr/sbin:/sbin")
        if path is None:
            missing = f"there is no {name} on this machine (Debian, Ubuntu: apt install {package})"
            if os.environ.get("CI"):
                pytest.fail(f"{missing}, but in CI it must be asked")
            pytest.skip(missing)
        return path

    return find
