"""Which images are chosen, what is true of them, and what is warned of."""

import pandas as pd
import pytest

from dermdistill.classes import load_classes
from dermdistill.errors import DataError
from dermdistill.evaluate.external.rows import ALL, read_external, training_warning, with_truth

HAM = load_classes("ham10000")


def _splits(path, source_dir, *, prefix="", split_of=lambda i: ("train", "val", "test")[i % 3]):
    index = pd.read_csv(source_dir / "index.csv", dtype=str)
    groups = index["group_id"].astype("category").cat.codes
    columns = ["image_id", "source", "lesion_id", "group_id", "diagnosis"]
    splits = index[columns].assign(split=[split_of(i) for i in groups], fold=-1)
    splits["image_id"] = prefix + splits["image_id"]
    splits.to_csv(path, index=False)
    return splits


def test_all_images_or_those_of_one_split(source_dir, tmp_path):
    assert len(read_external(source_dir)) == 96
    assert read_external(source_dir).split == ALL
    splits = _splits(tmp_path / "splits.csv", source_dir)
    test = read_external(source_dir, tmp_path / "splits.csv", "test")
    assert test.rows["image_id"].tolist() == splits.loc[splits["split"] == "test", "image_id"].tolist()
    pixels = list(test.pixels())
    assert (pixels[1] == test.images[int(test.rows["position"][1])]).all()


def test_ids_that_a_split_tells_apart_by_source_are_understood(source_dir, tmp_path):
    _splits(tmp_path / "splits.csv", source_dir, prefix="clinic:")
    assert len(read_external(source_dir, tmp_path / "splits.csv", "test")) == 32


def test_train_is_never_scored(source_dir, tmp_path):
    _splits(tmp_path / "splits.csv", source_dir)
    with pytest.raises(DataError, match="The train split is what models learn from"):
        read_external(source_dir, tmp_path / "splits.csv", "train")


def test_images_that_a_split_does_not_name_are_told(source_dir, tmp_path):
    splits = _splits(tmp_path / "splits.csv", source_dir)
    splits.iloc[:90].to_csv(tmp_path / "splits.csv", index=False)
    external = read_external(source_dir, tmp_path / "splits.csv", "test")
    assert external.warnings == ("clinic: 6 images are not in splits.csv and are left out.",)
    with pytest.raises(DataError, match="names no image of clinic in the split 'other'"):
        read_external(source_dir, tmp_path / "splits.csv", "other")


def test_truth_is_the_source_s_and_the_kind_the_model_s(source_dir):
    truth = with_truth(read_external(source_dir), HAM).set_index("diagnosis")
    assert (truth.loc["scc", "kind"] == "").all()
    assert truth.loc["scc", "malignant"].all()
    assert (truth.loc["nv", "kind"] == "nv").all()
    assert truth["melanoma"].groupby(level=0).any().to_dict() == {
        code: code == "mel" for code in load_classes("isic2019").codes
    }


def test_what_a_model_has_learned_from_is_left_out_and_told(source_dir):
    external = read_external(source_dir)
    left = external.without({"CLINIC_000", "clinic:CLINIC_001", "ELSEWHERE"})
    assert len(left) == 94
    assert left.rows["image_id"].iloc[0] == "CLINIC_002"
    assert left.warnings == ("clinic: 2 images that the model learned from are left out.",)
    assert external.without({"ELSEWHERE"}) is external
    with pytest.raises(DataError, match="has learned from every image of clinic"):
        external.without(set(external.rows["image_id"]))


def test_a_source_that_a_bundle_was_trained_on_is_warned_of(source_dir, tmp_path):
    external = read_external(source_dir)
    assert training_warning(external, ["HAM10000"]) is None
    assert "so figures on all its images are too good" in training_warning(external, ["CLINIC"])
    _splits(tmp_path / "splits.csv", source_dir)
    val, test = (read_external(source_dir, tmp_path / "splits.csv", split) for split in ("val", "test"))
    assert training_warning(test, ["Clinic"], with_val=True) is None
    assert training_warning(val, ["Clinic"]) is None
    assert "has learned from the val split, too" in training_warning(val, ["Clinic"], with_val=True)


def test_lesions_that_another_source_shows_are_warned_of(source_dir, tmp_path):
    import shutil

    folder = shutil.copytree(source_dir, tmp_path / "linked")
    index = pd.read_csv(folder / "index.csv", dtype=str, keep_default_na=False)
    index.loc[:2, "linked_lesion"] = "HAM_0000001"
    index.to_csv(folder / "index.csv", index=False)
    assert "3 images show lesions that another source shows, too" in read_external(folder).warnings[0]
