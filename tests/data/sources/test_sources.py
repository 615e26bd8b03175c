"""Every layout of the same pictures must give the same prepared data set."""

import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from dermdistill.data import sources
from dermdistill.data.prepare.prepare import prepare
from dermdistill.data.prepared import COLUMNS, load_prepared
from dermdistill.data.sources import About
from dermdistill.errors import DataError
from layouts import (
    HAM,
    write_csv,
    write_dataverse,
    write_flat,
    write_flat_with_masks,
    write_foreign,
    write_isic2018,
    write_isic2019,
    write_kaggle,
)

LAYOUTS = {
    "flat": (write_flat, "images/"),
    "flat with masks": (write_flat_with_masks, "images/"),
    "kaggle": (write_kaggle, "HAM10000_images_part_"),
    "dataverse": (write_dataverse, "HAM10000_images_part_"),
    "isic2018": (write_isic2018, "ISIC2018_Task3_Training_Input/"),
    "isic2019": (write_isic2019, "ISIC_2019_Training_Input"),
}


def read_source(root: Path, **settings):
    return sources.read_source(root, classes=HAM, **settings)


def run(source, out: Path, **settings):
    outcome = prepare(source, out, classes=HAM, image_size=16, on_progress=lambda *_: None, **settings)
    return outcome.report, load_prepared(out)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_each_layout_gives_the_same_images_lesions_and_diagnoses(layout, tmp_path, pictures):
    write, place = LAYOUTS[layout]
    write(tmp_path / "in", pictures)
    report, prepared = run(read_source(tmp_path / "in"), tmp_path / "out")
    write_flat(tmp_path / "flat", pictures)
    _, expected = run(read_source(tmp_path / "flat"), tmp_path / "expected")

    assert report["layout"] == layout.split()[0]
    assert report["problems"] == []
    np.testing.assert_array_equal(prepared.images, expected.images)
    truth = sorted((picture.image_id, picture.lesion_id, picture.diagnosis) for picture in pictures)
    told = prepared.index[["image_id", "lesion_id", "diagnosis"]].itertuples(index=False, name=None)
    assert list(told) == truth
    assert tuple(prepared.index.columns) == COLUMNS
    assert all(path.startswith(place) for path in prepared.index["source_path"])
    assert set(prepared.index["width"]) == {60}
    assert set(prepared.index["height"]) == {45}


def test_ham10000_columns_get_our_names(flat_dir, tmp_path):
    _, prepared = run(read_source(flat_dir), tmp_path / "out")
    row = prepared.index.iloc[0]
    assert (row["age"], row["sex"], row["site"], row["confirmed_by"]) == (45.0, "female", "back", "histo")


def test_any_table_can_be_mapped(tmp_path, pictures):
    write_foreign(tmp_path / "in", pictures)
    source = read_source(
        tmp_path / "in",
        metadata=tmp_path / "in" / "table.csv",
        columns={"image_id": "file", "lesion_id": "case", "diagnosis": "what"},
        labels={"melanoma": "mel", "MOLE": "nv"},
        about=About(picture="clinical"),
    )
    report, prepared = run(source, tmp_path / "out")
    truth = sorted((picture.image_id, picture.lesion_id, picture.diagnosis) for picture in pictures)
    told = prepared.index[["image_id", "lesion_id", "diagnosis"]].itertuples(index=False, name=None)
    assert list(told) == truth
    assert report["problems"] == []


def test_a_spreadsheets_table_with_semicolons_and_paths_is_read(tmp_path, pictures):
    """As Excel saves it under Windows where a comma is in the numbers; commas in a cell part nothing."""
    write_foreign(tmp_path, pictures)
    lines = [
        f"photos\\{picture.image_id}.jpg;{picture.lesion_id};{picture.diagnosis};arm, left"
        for picture in pictures
    ]
    table = tmp_path / "excel.csv"
    table.write_text("\ufeff" + "\r\n".join(["file;lesion_id;diagnosis;site", *lines]), encoding="utf-8")
    rows = read_source(tmp_path, metadata=table, columns={"image_id": "file"}).rows
    told = rows[["image_id", "lesion_id", "diagnosis", "site"]].itertuples(index=False, name=None)
    assert list(told) == [(p.image_id, p.lesion_id, p.diagnosis, "arm, left") for p in pictures]


def test_of_several_ground_truths_one_must_be_named(tmp_path, pictures):
    write_isic2018(tmp_path, pictures[:6])
    header = ["image", "MEL", "NV", "BCC", "AKIEC", "BKL", "DF", "VASC"]
    truth = tmp_path / "ISIC2018_Task3_Test_GroundTruth.csv"
    write_csv(truth, header, [[pictures[6].image_id, "0", "1", "0", "0", "0", "0", "0"]])
    with zipfile.ZipFile(tmp_path / "ISIC2018_Task3_Test_Input.zip", "w") as archive:
        archive.writestr(f"ISIC2018_Task3_Test_Input/{pictures[6].image_id}.jpg", pictures[6].jpeg)
    with pytest.raises(DataError, match="several ground truths"):
        read_source(tmp_path)
    report, prepared = run(read_source(tmp_path, metadata=truth), tmp_path / "out")
    assert prepared.index["diagnosis"].tolist() == ["nv"]
    assert prepared.index["lesion_id"].tolist() == [pictures[6].image_id]
    assert [problem["kind"] for problem in report["problems"]] == ["no_lesions"]


def test_ground_truth_without_or_with_two_classes_is_no_known_class(tmp_path, pictures):
    write_isic2018(tmp_path, pictures)
    path = tmp_path / "ISIC2018_Task3_Training_GroundTruth" / "ISIC2018_Task3_Training_GroundTruth.csv"
    lines = path.read_text().splitlines()
    # Lesions 5 and 6 have one image each: rows 7 and 8 of the table.
    lines[7] = lines[7].replace("1.0", "0.0")
    lines[8] = lines[8].replace("0.0", "1.0", 1)
    path.write_text("\n".join(lines))
    report, _ = run(read_source(tmp_path), tmp_path / "out")
    details = {problem["detail"] for problem in report["problems"]}
    assert {problem["kind"] for problem in report["problems"]} == {"unknown_class"}
    assert details == {"''", "'bcc+mel'"}


def test_isic_2019_tells_of_patients_and_has_a_class_that_the_user_may_map(tmp_path, pictures):
    carcinoma = replace(pictures[0], diagnosis="scc")
    write_isic2019(tmp_path, [carcinoma, *(p for p in pictures if p.lesion_id != carcinoma.lesion_id)])
    report, prepared = run(read_source(tmp_path), tmp_path / "out")
    row = prepared.index.iloc[0]
    assert (row["age"], row["sex"], row["site"]) == (45.0, "female", "posterior torso")
    assert [(problem["kind"], problem["detail"]) for problem in report["problems"]] == [
        ("unknown_class", "'scc'")
    ]
    _, mapped = run(read_source(tmp_path, labels={"SCC": "akiec"}), tmp_path / "mapped")
    assert mapped.index.set_index("image_id")["diagnosis"][carcinoma.image_id] == "akiec"


def test_a_cut_off_zip_is_refused(tmp_path, pictures):
    write_dataverse(tmp_path, pictures)
    path = tmp_path / "HAM10000_images_part_2.zip"
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(DataError, match=r"part_2\.zip is not a whole zip"):
        read_source(tmp_path)


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({}, "no layout that is known"),
        ({"columns": {"diagnosis": "what"}}, "needs --metadata"),
        ({"labels": {"melanoma": "melanoma"}}, "unknown class 'melanoma'"),
        ({"metadata": "table.csv", "columns": {"dx": "what"}}, "--column dx is unknown"),
        ({"metadata": "table.csv", "columns": {"diagnosis": "dx"}}, "no column 'dx'"),
        ({"metadata": "table.csv", "columns": {"diagnosis": "what"}}, r"lacks the column\(s\) image_id"),
        ({"header": False}, "needs --metadata"),
    ],
)
def test_wrong_mappings_are_said_plainly(settings, said, tmp_path, pictures):
    write_foreign(tmp_path, pictures)
    if "metadata" in settings:
        settings = {**settings, "metadata": tmp_path / settings["metadata"]}
    with pytest.raises(DataError, match=said):
        read_source(tmp_path, **settings)


def test_a_missing_folder_is_said_plainly(tmp_path):
    with pytest.raises(DataError, match="is not a folder"):
        read_source(tmp_path / "none")
