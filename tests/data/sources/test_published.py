"""Layouts of published data sets, written with our own pictures in their columns and folders."""

from pathlib import Path

import cv2
import numpy as np
import pydicom
import pytest
from PIL import Image
from pillow_heif import from_pillow
from pydicom.dataset import FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, generate_uid

from dermdistill.data.prepare.prepare import prepare
from dermdistill.data.prepared import load_prepared
from dermdistill.data.sources import About, read_source
from dermdistill.errors import DataError
from layouts import ISIC, encode, write_csv

WANTED = ["image_id", "lesion_id", "group_id", "diagnosis", "picture"]


def picture(path: Path, number: int) -> None:
    """A picture unlike any other."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(
        encode(np.random.default_rng(number).integers(0, 256, (20, 30, 3), np.uint8), path.suffix)
    )


def run(root: Path, **settings):
    source = read_source(root, classes=ISIC, **settings)
    out = root.parent / "out"
    report = prepare(source, out, classes=ISIC, image_size=16, on_progress=lambda *_: None).report
    index = load_prepared(out).index
    return report, index, index[WANTED].to_numpy().tolist()


def write_milk10k(root: Path) -> None:
    """Its ground truth is of lesions; which images they have, and how taken, says the metadata."""
    classes = ["AKIEC", "BCC", "BEN_OTH", "BKL", "DF", "INF", "MAL_OTH", "MEL", "NV", "SCCKA", "VASC"]
    truth = [
        [lesion, *("1.0" if code == marked else "0.0" for code in classes)]
        for lesion, marked in (("IL_1", "SCCKA"), ("IL_2", "NV"), ("IL_3", "BEN_OTH"))
    ]
    write_csv(root / "MILK10k_Training_GroundTruth.csv", ["lesion_id", *classes], truth)
    header = [
        "lesion_id",
        "image_type",
        "isic_id",
        "copyright_license",
        "age_approx",
        "sex",
        "skin_tone_class",
        "site",
    ]
    rows = [
        ["IL_1", "dermoscopic", "ISIC_1", "CC-BY-NC", "50", "male", "4", "head_neck_face"],
        ["IL_1", "clinical: close-up", "ISIC_2", "CC-BY-NC", "50", "male", "4.0", "head_neck_face"],
        ["IL_2", "dermoscopic", "ISIC_3", "CC-BY-NC", "", "", "", ""],
        ["IL_3", "dermoscopic", "ISIC_4", "CC-BY-NC", "", "", "", ""],
    ]
    write_csv(root / "MILK10k_Training_Metadata.csv", header, rows)
    for number, row in enumerate(rows):
        picture(root / "MILK10k_Training_Input" / row[0] / f"{row[2]}.jpg", number)


def test_milk10k(tmp_path):
    write_milk10k(tmp_path / "in")
    report, index, rows = run(tmp_path / "in")
    assert rows == [
        ["ISIC_1", "IL_1", "IL_1", "scc", "dermoscopic"],
        ["ISIC_2", "IL_1", "IL_1", "scc", "clinical"],
        ["ISIC_3", "IL_2", "IL_2", "nv", "dermoscopic"],
    ]
    assert index["skin_tone"].tolist() == ["milk10k 4", "milk10k 4", ""]
    assert (report["source"], report["licences"]) == ("milk10k", ["CC BY-NC 4.0"])
    assert [(problem["kind"], problem["detail"]) for problem in report["problems"]] == [
        ("unknown_class", "'ben_oth'")
    ]
    (tmp_path / "in" / "MILK10k_Training_Metadata.csv").unlink()
    with pytest.raises(DataError, match="no table beside it says which images they have"):
        read_source(tmp_path / "in", classes=ISIC)


def test_a_table_of_milk10k_links_to_lesions_of_ham10000(tmp_path):
    header = ["image_id", "lesion_id", "ham_lesion_id", "image_type", "diagnosis", "diagnosis_3"]
    rows = [
        ["ISIC_1", "IL_1", "HAM_1", "clinical", "NV", "Nevus"],
        ["ISIC_2", "IL_2", "", "dermoscopic", "SCCKA", "Squamous cell carcinoma, NOS"],
    ]
    write_csv(tmp_path / "in" / "metadata.csv", header, rows)
    for number, row in enumerate(rows):
        picture(tmp_path / "in" / "images" / f"{row[0]}.webp", number)
    _, index, rows = run(tmp_path / "in")
    assert index["linked_lesion"].tolist() == ["HAM_1", ""]
    assert [row[3] for row in rows] == ["nv", "scc"]


def test_pad_ufes_20(tmp_path):
    header = [
        "patient_id",
        "lesion_id",
        "age",
        "gender",
        "region",
        "fitspatrick",
        "biopsed",
        "diagnostic",
        "img_id",
    ]
    rows = [
        ["PAT_1", "7", "40", "FEMALE", "FOREARM", "3.0", "True", "ACK", "PAT_1_7_10.png"],
        ["PAT_1", "8", "40", "FEMALE", "NOSE", "3.0", "True", "BCC", "PAT_1_8_11.png"],
        ["PAT_2", "9", "", "", "FACE", "", "False", "SEK", "PAT_2_9_12.png"],
    ]
    write_csv(tmp_path / "in" / "metadata.csv", header, rows)
    for number, row in enumerate(rows):
        picture(tmp_path / "in" / "images" / f"imgs_part_{number}" / row[-1], number)
    report, index, rows = run(tmp_path / "in")
    assert rows == [
        ["PAT_1_7_10", "PAT_1_7", "PAT_1", "akiec", "clinical"],
        ["PAT_1_8_11", "PAT_1_8", "PAT_1", "bcc", "clinical"],
        ["PAT_2_9_12", "PAT_2_9", "PAT_2", "bkl", "clinical"],
    ]
    assert index["skin_tone"].tolist() == ["fitzpatrick 3", "fitzpatrick 3", ""]
    assert index["confirmed_by"].tolist() == ["biopsy", "biopsy", "clinical"]
    assert (report["source"], report["licences"], report["problems"]) == ("pad_ufes", ["CC BY 4.0"], [])


def test_a_download_of_the_isic_archive(tmp_path):
    header = [
        *("isic_id", "attribution", "copyright_license", "age_approx", "anatom_site_general"),
        *("diagnosis_1", "diagnosis_2", "diagnosis_3", "diagnosis_4", "diagnosis_5"),
        *("fitzpatrick_skin_type", "image_type", "lesion_id", "patient_id", "sex"),
    ]
    malignant = ["Malignant", "Malignant epidermal", "Squamous cell carcinoma, Invasive", "", ""]
    benign = [
        "Benign",
        "Benign melanocytic proliferations",
        "Nevus",
        "Nevus, Atypical, Dysplastic, or Clark",
        "",
    ]
    rows = [
        [
            "ISIC_1",
            "A",
            "CC-0",
            "45",
            "lower extremity",
            *benign,
            "II",
            "dermoscopic",
            "IL_1",
            "IP_1",
            "male",
        ],
        [
            "ISIC_2",
            "A",
            "CC-BY",
            "45",
            "palms/soles",
            "Benign",
            *[""] * 4,
            "",
            "dermoscopic",
            "",
            "IP_1",
            "male",
        ],
        ["ISIC_3", "A", "CC-BY", "", "", *malignant, "", "clinical: close-up", "", "", ""],
        ["ISIC_4", "A", "CC-BY", "", "", *benign, "", "RCM: mosaic", "", "", ""],
    ]
    write_csv(tmp_path / "in" / "metadata.csv", header, rows)
    for number, row in enumerate(rows):
        picture(tmp_path / "in" / f"{row[0]}.jpg", number)
    report, index, rows = run(tmp_path / "in")
    assert rows == [
        ["ISIC_1", "IL_1", "IP_1", "nv", "dermoscopic"],
        ["ISIC_3", "ISIC_3", "ISIC_3", "scc", "clinical"],
    ]
    assert index["licence"].tolist() == ["CC0 1.0", "CC BY 4.0"]
    assert index["skin_tone"].tolist() == ["fitzpatrick 2", ""]
    assert [(problem["kind"], problem["images"]) for problem in report["problems"]] == [
        ("no_lesion", ["ISIC_3"]),
        ("no_lesion", ["ISIC_4"]),
        ("unknown_class", ["ISIC_2"]),
        ("other_picture", ["ISIC_4"]),
    ]


def test_isic_2017_has_two_columns_and_naevi_in_neither(tmp_path):
    truth = [["ISIC_1", "1.0", "0.0"], ["ISIC_2", "0.0", "1.0"], ["ISIC_3", "0.0", "0.0"]]
    name = "ISIC-2017_Training_Part3_GroundTruth.csv"
    write_csv(tmp_path / "in" / name, ["image_id", "melanoma", "seborrheic_keratosis"], truth)
    about = [[row[0], "55", "female"] for row in truth]
    table = tmp_path / "in" / "ISIC-2017_Training_Data" / "ISIC-2017_Training_Data_metadata.csv"
    write_csv(table, ["image_id", "age_approximate", "sex"], about)
    for number, row in enumerate(truth):
        picture(table.parent / f"{row[0]}.jpg", number)
        (table.parent / f"{row[0]}_superpixels.png").write_bytes(b"")
    report, index, rows = run(tmp_path / "in")
    assert [row[3] for row in rows] == ["mel", "bkl", "nv"]
    assert index["age"].tolist() == [55.0] * 3
    assert {problem["kind"] for problem in report["problems"]} == {"no_lesions", "image_without_row"}


@pytest.mark.parametrize("marks", [("1", "0"), ("1.0", "0.0"), ("TRUE", "FALSE"), ("yes", ""), ("x", "")])
@pytest.mark.parametrize("key", ["image_id", "lesion_id"])
def test_a_column_a_class_is_read_whatever_the_classes(marks, key, tmp_path):
    """The images of lesions, and what is known of them, stand in a second table; `other` is no class."""
    yes, no = marks
    rows = [["1", yes, no, no], ["2", no, yes, no], ["3", no, no, yes]]
    write_csv(tmp_path / "in" / "truth.csv", [key, "Melanoma", "basal cell carcinoma", "other"], rows)
    images = [[row[0], f"L{row[0]}" if key == "image_id" else row[0], "50"] for row in rows]
    write_csv(tmp_path / "in" / "about.csv", ["image_id", "lesion_id", "age"], images)
    for number, row in enumerate(rows):
        picture(tmp_path / "in" / f"{row[0]}.jpg", number)
    report, index, rows = run(tmp_path / "in")
    assert report["layout"] == "one_hot"
    assert [(row[0], row[3]) for row in rows] == [("1", "mel"), ("2", "bcc")]
    assert index["age"].tolist() == [50, 50]
    assert index["lesion_id"].tolist() == (["L1", "L2"] if key == "image_id" else ["1", "2"])


def test_probabilities_are_no_ground_truth(tmp_path):
    write_csv(tmp_path / "in" / "answers.csv", ["image", "mel", "nv"], [["a", "0.9", "0.1"]])
    picture(tmp_path / "in" / "a.jpg", 0)
    with pytest.raises(DataError, match=r"has no layout that is known.*answers\.csv"):
        read_source(tmp_path / "in", classes=ISIC)


def test_isic_2020_groups_patients(tmp_path):
    header = ["image_name", "patient_id", "sex", "age_approx", "anatom_site_general_challenge", "diagnosis"]
    header += ["benign_malignant", "target"]
    rows = [
        ["ISIC_1", "IP_1", "male", "45.0", "torso", "melanoma", "malignant", "1"],
        ["ISIC_2", "IP_1", "male", "45.0", "torso", "nevus", "benign", "0"],
        ["ISIC_3", "IP_2", "male", "45.0", "torso", "unknown", "benign", "0"],
    ]
    write_csv(tmp_path / "in" / "train.csv", header, rows)
    for number, row in enumerate(rows):
        picture(tmp_path / "in" / "train" / f"{row[0]}.jpg", number)
    report, _, rows = run(tmp_path / "in")
    assert rows == [
        ["ISIC_1", "ISIC_1", "IP_1", "mel", "dermoscopic"],
        ["ISIC_2", "ISIC_2", "IP_1", "nv", "dermoscopic"],
    ]
    assert [(problem["kind"], problem["detail"]) for problem in report["problems"]] == [
        ("unknown_class", "'benign'")
    ]


def test_derm7pt_has_two_pictures_of_a_case(tmp_path):
    rows = [["1", "basal cell carcinoma", "NEL/Nel026.jpg", "NEL/NEL025.JPG", "abdomen", "female"]]
    rows += [["2", "blue nevus", "FAL/Nel026.jpg", "FAL/Fal003.jpg", "back", "male"]]
    header = ["case_num", "diagnosis", "clinic", "derm", "location", "sex"]
    write_csv(tmp_path / "in" / "meta" / "meta.csv", header, rows)
    for number, path in enumerate(["NEL/Nel026.jpg", "NEL/Nel025.jpg", "FAL/Nel026.jpg", "FAL/Fal003.jpg"]):
        picture(tmp_path / "in" / "images" / path, number)
    report, index, rows = run(tmp_path / "in")
    assert rows == [
        ["FAL_Nel026", "derm7pt_2", "derm7pt_2", "nv", "clinical"],
        ["Fal003", "derm7pt_2", "derm7pt_2", "nv", "dermoscopic"],
        ["NEL025", "derm7pt_1", "derm7pt_1", "bcc", "dermoscopic"],
        ["NEL_Nel026", "derm7pt_1", "derm7pt_1", "bcc", "clinical"],
    ]
    assert index["source_path"].tolist()[0] == "images/FAL/Nel026.jpg"
    assert report["problems"] == []


def test_ph2(tmp_path):
    lines = [
        "|| Name   || Histological Diagnosis || Clinical Diagnosis || Asymmetry ||",
        "|| IMD003 ||                        ||         0          ||    0      ||",
        "|| IMD058 ||   Melanoma             ||         2          ||    1      ||",
        "Legends: Clinical Diagnosis: 0 - Common Nevus; 1 - Atypical Nevus; 2 - Melanoma.",
    ]
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "PH2_dataset.txt").write_text("\n".join(lines))
    for number, name in enumerate(["IMD003", "IMD058"]):
        folder = tmp_path / "in" / "PH2 Dataset images" / name
        picture(folder / f"{name}_Dermoscopic_Image" / f"{name}.bmp", number)
        picture(folder / f"{name}_lesion" / f"{name}_lesion.bmp", 9)
    report, _, rows = run(tmp_path / "in")
    assert [(row[0], row[3]) for row in rows] == [("IMD003", "nv"), ("IMD058", "mel")]
    assert report["problems"] == []


def test_one_folder_a_class(tmp_path):
    names = ["train/Melanoma/1.jpg", "train/naevus/1.jpg", "train/nevus/2.png", "test/melanoma/3.jpg"]
    for number, name in enumerate(names):
        picture(tmp_path / "in" / name, number)
    report, _, rows = run(tmp_path / "in", about=About(name="mine", picture="clinical"))
    assert [(row[0], row[3]) for row in rows] == [
        *(("2", "nv"), ("3", "mel"), ("train_Melanoma_1", "mel"), ("train_naevus_1", "nv"))
    ]
    assert {row[4] for row in rows} == {"clinical"}
    assert [problem["kind"] for problem in report["problems"]] == ["no_lesions"]


def test_of_folders_in_folders_the_innermost_that_names_a_class_counts(tmp_path):
    names = ["mel/patient 1/a.jpg", "1_nv/patient 1/b.jpg", "train/2. Basal Cell Carcinoma/c.jpg", "d.jpg"]
    for number, name in enumerate([*names, "other/e.jpg"]):
        picture(tmp_path / "in" / name, number)
    report, _, rows = run(tmp_path / "in")
    assert [(row[0], row[3]) for row in rows] == [("a", "mel"), ("b", "nv"), ("c", "bcc")]
    unknown = [(p["images"], p["detail"]) for p in report["problems"] if p["kind"] == "unknown_class"]
    assert unknown == [(["d"], "''"), (["e"], "'other'")]


def test_folders_beside_an_unknown_table_are_not_taken_for_classes(tmp_path):
    picture(tmp_path / "in" / "mel" / "1.jpg", 1)
    picture(tmp_path / "in" / "nv" / "2.jpg", 2)
    write_csv(tmp_path / "in" / "cases.csv", ["case", "what"], [["1", "mel"]])
    with pytest.raises(DataError, match=r"--metadata and --column \(it has cases\.csv\)"):
        read_source(tmp_path / "in", classes=ISIC)


@pytest.mark.parametrize("header", [None, False])
def test_a_table_without_a_header(header, tmp_path):
    write_csv(tmp_path / "in" / "t.csv", ["a.jpg", "mel"], [["b.jpg", "nv"]])
    for number, name in enumerate("ab"):
        picture(tmp_path / "in" / f"{name}.jpg", number)
    source = read_source(tmp_path / "in", classes=ISIC, metadata=tmp_path / "in" / "t.csv", header=header)
    assert source.rows[["image_id", "diagnosis"]].to_numpy().tolist() == [["a", "mel"], ["b", "nv"]]
    assert any("has no header" in note for note in source.notes) == (header is None)
    by_number = {"image_id": "1", "lesion_id": "1", "diagnosis": "2"}
    table = tmp_path / "in" / "t.csv"
    source = read_source(tmp_path / "in", classes=ISIC, metadata=table, columns=by_number, header=header)
    assert source.rows["lesion_id"].tolist() == ["a.jpg", "b.jpg"]


def test_a_table_without_a_header_is_found(tmp_path):
    write_csv(tmp_path / "in" / "truth.csv", ["a", "mel"], [["b", "nv"]])
    for number, name in enumerate("ab"):
        picture(tmp_path / "in" / "photos" / f"{name}.jpg", number)
    _, _, rows = run(tmp_path / "in")
    assert [(row[0], row[3]) for row in rows] == [("a", "mel"), ("b", "nv")]


def test_three_columns_without_a_header_are_shown_with_their_first_cells(tmp_path):
    write_csv(tmp_path / "in" / "t.csv", ["a.jpg", "mel", "male"], [["b.jpg", "nv", "female"]])
    for number, name in enumerate("ab"):
        picture(tmp_path / "in" / f"{name}.jpg", number)
    with pytest.raises(DataError) as refused:
        read_source(tmp_path / "in", classes=ISIC)
    assert "it has 1 as in 'a.jpg', 2 as in 'mel', 3 as in 'male'" in str(refused.value)
    assert str(refused.value).endswith("for example --column diagnosis=2.")


def test_a_blank_column_is_told(tmp_path):
    write_csv(tmp_path / "in" / "t.csv", ["image_id", "dx", "sex"], [["a", "nv", ""], ["b", "mel", "NA"]])
    source = read_source(tmp_path / "in", classes=ISIC)
    assert source.notes == ["t.csv has nothing in its column sex, so sex is not known of any image."]


def test_dicom_and_heic_are_read_as_predict_reads_them(tmp_path):
    pixels = np.full((20, 30, 3), [200, 120, 90], np.uint8)
    (tmp_path / "in").mkdir()
    from_pillow(Image.fromarray(pixels)).save(tmp_path / "in" / "a.heic", quality=100)
    meta = FileMetaDataset()
    meta.TransferSyntaxUID, meta.MediaStorageSOPInstanceUID = ExplicitVRLittleEndian, generate_uid()
    meta.MediaStorageSOPClassUID = "1.2.840.10008.5.1.4.1.1.77.1.4"
    data = pydicom.Dataset()
    data.file_meta, data.SOPClassUID = meta, meta.MediaStorageSOPClassUID
    data.SOPInstanceUID = meta.MediaStorageSOPInstanceUID
    data.Rows, data.Columns, data.SamplesPerPixel, data.PlanarConfiguration = 20, 30, 3, 0
    data.BitsAllocated = data.BitsStored = 8
    data.HighBit, data.PixelRepresentation, data.PhotometricInterpretation = 7, 0, "RGB"
    data.PixelData = pixels.tobytes()
    data.save_as(tmp_path / "in" / "b.dcm", enforce_file_format=True)
    cv2.imwrite(str(tmp_path / "in" / "c.png"), pixels[..., ::-1])
    write_csv(tmp_path / "in" / "t.csv", ["image_id", "lesion_id", "dx"], [[n, "L", "nv"] for n in "abc"])
    _, index, _ = run(tmp_path / "in")
    assert index["image_id"].tolist() == ["a", "b", "c"]
    images = load_prepared(tmp_path / "out").images
    assert np.abs(images.astype(int) - [200, 120, 90]).max() <= 3
