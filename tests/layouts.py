"""The layouts that people have HAM10000 in, written with our own pictures."""

import csv
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from dermdistill.classes import load_classes

HAM = load_classes("ham10000")
ISIC = load_classes("isic2019")
CLASS_COLUMNS = ["MEL", "NV", "BCC", "AKIEC", "BKL", "DF", "VASC"]
HAM_COLUMNS = ["lesion_id", "image_id", "dx", "dx_type", "age", "sex", "localization"]


@dataclass(frozen=True)
class Picture:
    """One row of metadata and its JPEG."""

    image_id: str
    lesion_id: str
    diagnosis: str
    jpeg: bytes

    @property
    def row(self) -> list[str]:
        return [self.lesion_id, self.image_id, self.diagnosis, "histo", "45.0", "female", "back"]


def encode(image: np.ndarray, suffix: str = ".jpg") -> bytes:
    done, data = cv2.imencode(suffix, cv2.cvtColor(image, cv2.COLOR_RGB2BGR))
    assert done
    return data.tobytes()


def write_csv(path: Path, header: Sequence[str], rows: Sequence[Sequence[str]], delimiter: str = ",") -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="") as file:
        csv.writer(file, delimiter=delimiter).writerows([header, *rows])


def write_flat(root: Path, pictures: Sequence[Picture]) -> None:
    (root / "images").mkdir(parents=True)
    for picture in pictures:
        (root / "images" / f"{picture.image_id}.jpg").write_bytes(picture.jpeg)
    write_csv(root / "HAM10000_metadata.csv", HAM_COLUMNS, [picture.row for picture in pictures])


def write_flat_with_masks(root: Path, pictures: Sequence[Picture]) -> None:
    """Masks and other versions beside the images are no images of the set."""
    write_flat(root, pictures)
    for picture in pictures:
        for name in (f"originals/{picture.image_id}.jpg", f"images/{picture.image_id}_segmentation.png"):
            (root / name).parent.mkdir(exist_ok=True)
            (root / name).write_bytes(picture.jpeg)


def write_kaggle(root: Path, pictures: Sequence[Picture]) -> None:
    """Kaggle's archive has the folders twice, in two cases, and tables of pixels that are not wanted."""
    half = len(pictures) // 2
    for number, part in enumerate((pictures[:half], pictures[half:]), start=1):
        for folder in (f"HAM10000_images_part_{number}", f"ham10000_images_part_{number}"):
            (root / folder).mkdir(parents=True, exist_ok=True)
            for picture in part:
                (root / folder / f"{picture.image_id}.jpg").write_bytes(picture.jpeg)
    write_csv(root / "HAM10000_metadata.csv", HAM_COLUMNS, [picture.row for picture in pictures])
    write_csv(root / "hmnist_8_8_L.csv", ["pixel0000", "label"], [["1", "2"]])


def write_dataverse(root: Path, pictures: Sequence[Picture]) -> None:
    """Zips as they come, one part unpacked too, the table with tabs and one more column."""
    root.mkdir(parents=True, exist_ok=True)
    half = len(pictures) // 2
    for number, part in enumerate((pictures[:half], pictures[half:]), start=1):
        with zipfile.ZipFile(
            root / f"HAM10000_images_part_{number}.zip", "w", zipfile.ZIP_DEFLATED
        ) as archive:
            for picture in part:
                archive.writestr(f"{picture.image_id}.jpg", picture.jpeg)
    with zipfile.ZipFile(root / "HAM10000_images_part_1.zip") as archive:
        archive.extractall(root / "HAM10000_images_part_1")
    with zipfile.ZipFile(root / "HAM10000_segmentations_lesion_tschandl.zip", "w") as archive:
        archive.writestr("ISIC_1_segmentation.png", b"")
    rows = [[*picture.row, "vidir_modern"] for picture in pictures]
    write_csv(root / "HAM10000_metadata.tab", [*HAM_COLUMNS, "dataset"], rows, delimiter="\t")


def write_isic2018(root: Path, pictures: Sequence[Picture]) -> None:
    folder = root / "ISIC2018_Task3_Training_Input"
    folder.mkdir(parents=True)
    for picture in pictures:
        (folder / f"{picture.image_id}.jpg").write_bytes(picture.jpeg)
    (folder / "LICENSE.txt").write_text("text")
    truth = [
        [picture.image_id, *("1.0" if picture.diagnosis == code.lower() else "0.0" for code in CLASS_COLUMNS)]
        for picture in pictures
    ]
    name = "ISIC2018_Task3_Training_GroundTruth"
    write_csv(root / name / f"{name}.csv", ["image", *CLASS_COLUMNS], truth)
    groups = [[picture.image_id, picture.lesion_id, "histopathology"] for picture in pictures]
    header = ["image", "lesion_id", "diagnosis_confirm_type"]
    write_csv(root / "ISIC2018_Task3_Training_LesionGroupings.csv", header, groups)


def write_isic2019(root: Path, pictures: Sequence[Picture]) -> None:
    """AK for akiec, two classes more, all in one zip, and age, sex and site in a table beside it."""
    root.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(root / "ISIC_2019_Training_Input.zip", "w") as archive:
        for picture in pictures:
            archive.writestr(f"ISIC_2019_Training_Input/{picture.image_id}.jpg", picture.jpeg)
    columns = ["MEL", "NV", "BCC", "AK", "BKL", "DF", "VASC", "SCC", "UNK"]
    names = {"akiec": "AK"}
    truth = [
        [picture.image_id]
        + [
            "1.0" if names.get(picture.diagnosis, picture.diagnosis.upper()) == code else "0.0"
            for code in columns
        ]
        for picture in pictures
    ]
    write_csv(root / "ISIC_2019_Training_GroundTruth.csv", ["image", *columns], truth)
    header = ["image", "age_approx", "anatom_site_general", "lesion_id", "sex"]
    about = [[picture.image_id, "45", "posterior torso", picture.lesion_id, "female"] for picture in pictures]
    write_csv(root / "ISIC_2019_Training_Metadata.csv", header, about)


def write_foreign(root: Path, pictures: Sequence[Picture]) -> None:
    """A table whose columns and diagnoses have other names; images in sub-folders, and named with suffix."""
    for picture in pictures:
        path = root / "photos" / picture.diagnosis / f"{picture.image_id}.jpg"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(picture.jpeg)
    names = {"mel": "Melanoma", "nv": "Mole"}
    rows = [
        [f"{picture.image_id}.jpg", picture.lesion_id, names.get(picture.diagnosis, picture.diagnosis)]
        for picture in pictures
    ]
    write_csv(root / "table.csv", ["file", "case", "what"], rows)
