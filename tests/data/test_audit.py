import hashlib
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from dermdistill.classes import load_classes
from dermdistill.data.audit import Leak, audit, read_any_split
from dermdistill.data.prepared import Prepared
from dermdistill.data.splits import make_splits
from dermdistill.errors import DataError
from synthetic import lesion_image

# Four lesions, by hand: A whole in train; B in train and test; C in val and test; D whole in test.
HAND = [
    ("a1", "A", "nv", "train"),
    ("a2", "A", "nv", "train"),
    ("b1", "B", "nv", "train"),
    ("b2", "B", "nv", "test"),
    ("b3", "B", "nv", "test"),
    ("c1", "C", "mel", "val"),
    ("c2", "C", "mel", "test"),
    ("d1", "D", "mel", "test"),
]
COLUMNS = ["image_id", "lesion_id", "diagnosis", "split"]


def frame(rows=HAND) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=COLUMNS)


def prepared(rows=HAND, equal=()) -> Prepared:
    """A prepared data set with a picture per row; those named in `equal` are the same."""
    index = frame(rows).drop(columns="split")
    images = [
        lesion_image("nv", 0 if image_id in equal else number + 1, height=32, width=32)
        for number, image_id in enumerate(index["image_id"])
    ]
    index = index.assign(group_id=index["lesion_id"], source="ours", linked_lesion="")
    return Prepared(np.stack(images), index, "", load_classes("ham10000"))


def test_leaks_are_counted_as_by_hand():
    result = audit(frame())
    assert result.leaks["nv"] == Leak(lesions=2, leaked_lesions=1, held_out=2, leaked_images=2)
    assert result.leaks["mel"] == Leak(lesions=2, leaked_lesions=1, held_out=3, leaked_images=2)
    assert result.leaks["all"] == Leak(lesions=4, leaked_lesions=2, held_out=5, leaked_images=4)
    assert result.leaks["all"].leaked_share == 0.8
    assert result.parts == {"test": 4, "train": 3, "val": 1}
    assert result.leaking


def many(seed: int, images_per_lesion: int = 2) -> pd.DataFrame:
    lesions = [f"L{seed}-{n}" for n in range(200)]
    rows = [
        (f"{lesion}-{n}", lesion, "mel" if int(lesion[-1]) % 5 == 0 else "nv", "")
        for lesion in lesions
        for n in range(images_per_lesion)
    ]
    return frame(rows)


def test_our_splits_leak_nothing():
    result = audit(make_splits(many(0)))
    assert not result.leaking
    assert result.leaks["all"].leaked_images == 0
    assert result.fold_leaked_lesions == 0


def test_a_split_by_image_is_seen_as_a_leak():
    images = many(1)
    order = [hashlib.sha256(name.encode()).hexdigest() for name in images["image_id"]]
    place = pd.Series(order).rank()
    parts = np.select([place <= 280, place <= 340], ["train", "val"], "test")
    result = audit(images.assign(split=parts))
    assert result.leaking
    assert result.leaks["all"].leaked_lesions > 50


def test_what_a_split_by_image_would_leak_is_near_the_expected_share():
    """With pairs and shares .7/.15/.15, a held-out image's fellow lies elsewhere with probability .85."""
    for seed in range(3):
        result = audit(make_splits(many(seed)))
        blind = result.by_image["all"]
        assert blind.held_out == pytest.approx(120, abs=2)
        assert blind.leaked_share == pytest.approx(0.85, abs=0.12)
        assert result.by_image["mel"].leaked_images > 0


def test_lesions_of_one_image_leak_nothing_however_split():
    assert audit(make_splits(many(0, images_per_lesion=1))).by_image["all"].leaked_lesions == 0


def test_a_lesion_in_two_folds_is_a_leak():
    folds = frame().assign(split="train", fold=["0", "1", "1", "1", "1", "0", "0", "-1"])
    result = audit(folds)
    assert result.fold_leaked_lesions == 1
    assert result.leaking


def test_an_image_in_two_parts_is_a_leak():
    result = audit(frame([("a", "A", "nv", "train"), ("b", "B", "nv", "test"), ("a", "A", "nv", "test")]))
    assert result.repeated_images == ["a"]
    assert result.leaks["all"].leaked_images == 1
    assert result.leaking


def test_near_duplicates_count_only_across_parts():
    rows = [
        ("a", "A", "nv", "train"),
        ("b", "B", "nv", "train"),
        ("c", "C", "nv", "test"),
        ("d", "D", "nv", "test"),
    ]
    apart = audit(frame(rows), prepared(rows, equal={"a", "b"}))
    assert apart.near_duplicates == []
    assert not apart.leaking
    across = audit(frame(rows), prepared(rows, equal={"b", "d"}))
    assert [pair["images"] for pair in across.near_duplicates or []] == [["b", "d"]]
    assert across.leaking
    assert audit(frame(rows)).near_duplicates is None


def test_a_near_duplicate_is_named_with_all_that_finds_it():
    rows = [("a", "A", "nv", "train"), ("b", "B", "nv", "test")]
    (pair,) = audit(frame(rows), prepared(rows, equal={"a", "b"})).near_duplicates or []
    assert (pair["lesions"], pair["parts"], pair["correlation"]) == (["A", "B"], ["train", "test"], 1.0)


def test_a_patient_or_a_linked_lesion_in_two_parts_is_a_leak(tmp_path):
    """The file itself knows neither."""
    rows = [
        ("a", "A", "nv", "train"),
        ("b", "B", "nv", "test"),
        ("c", "C", "mel", "val"),
        ("d", "D", "nv", "val"),
    ]
    path = tmp_path / "theirs.csv"
    frame(rows).to_csv(path, index=False)
    assert not audit(read_any_split(path, prepared(rows))).leaking
    data = prepared(rows)
    patients = replace(data, index=data.index.assign(group_id=["P", "P", "C", "D"]))
    result = audit(read_any_split(path, patients))
    assert result.leaked_groups == [{"group": "P", "lesions": ["A", "B"], "parts": ["test", "train"]}]
    assert result.leaks["all"] == Leak(lesions=4, leaked_lesions=2, held_out=3, leaked_images=1)
    linked = replace(data, index=data.index.assign(linked_lesion=["", "", "A", ""]))
    result = audit(read_any_split(path, linked))
    assert [group["lesions"] for group in result.leaked_groups] == [["A", "C"]]
    assert result.leaking


def test_a_patient_column_of_the_file_itself_is_believed(tmp_path):
    path = tmp_path / "theirs.csv"
    frame().assign(group_id=["P"] * 7 + ["NA"]).to_csv(path, index=False)
    splits = read_any_split(path)
    assert splits["group_id"].tolist() == ["P"] * 7 + ["D"]


def test_images_that_the_split_does_not_name_are_not_compared():
    rows = [("a", "A", "nv", "train"), ("b", "B", "nv", "test")]
    assert audit(frame(rows[:1]), prepared(rows, equal={"a", "b"})).near_duplicates == []


def test_a_foreign_file_gets_its_lesions_from_the_prepared_data_set(tmp_path):
    path = tmp_path / "theirs.csv"
    frame()[["image_id", "split"]].to_csv(path, index=False)
    splits = read_any_split(path, prepared())
    pd.testing.assert_frame_equal(splits[COLUMNS], frame())
    with pytest.raises(DataError, match=r"8 image.*--data"):
        read_any_split(path)


def test_the_prepared_data_set_is_believed_before_the_file(tmp_path):
    path = tmp_path / "theirs.csv"
    frame().assign(lesion_id="X").to_csv(path, index=False)
    assert read_any_split(path, prepared())["lesion_id"].tolist() == frame()["lesion_id"].tolist()
    assert set(read_any_split(path)["lesion_id"]) == {"X"}


def test_names_of_files_are_the_ids_of_their_images(tmp_path):
    path = tmp_path / "theirs.csv"
    theirs = frame()[["image_id", "split"]]
    theirs = theirs.assign(image_id=theirs["image_id"] + ".jpg ", split=theirs["split"] + " ")
    theirs.to_csv(path, index=False)
    pd.testing.assert_frame_equal(read_any_split(path, prepared())[COLUMNS], frame())


def test_images_that_the_prepared_data_lack_are_no_clean_bill(tmp_path):
    path = tmp_path / "theirs.csv"
    frame().to_csv(path, index=False)
    with pytest.raises(DataError, match=r"has 1 image\(s\) that the prepared data lack, first d1"):
        read_any_split(path, prepared(HAND[:-1]))


def test_a_file_without_parts_is_refused(tmp_path):
    (tmp_path / "theirs.csv").write_text("image_id,lesion_id\na,A\n")
    with pytest.raises(DataError, match=r"lacks the column.*split"):
        read_any_split(tmp_path / "theirs.csv")


def test_a_file_without_rows_is_refused(tmp_path):
    (tmp_path / "theirs.csv").write_text("image_id,lesion_id,diagnosis,split\n")
    with pytest.raises(DataError, match="names no images"):
        read_any_split(tmp_path / "theirs.csv")


def test_real_images_split_by_image_would_leak_a_third(ham10000_dir):
    """The published finding: about a third of a 16/20 % held-out part, and two thirds of the melanomas."""
    metadata = pd.read_csv(ham10000_dir / "HAM10000_metadata.csv", dtype=str).rename(
        columns={"dx": "diagnosis"}
    )
    result = audit(make_splits(metadata, val=0.16, test=0.2))
    assert not result.leaking
    assert 0.33 < result.by_image["all"].leaked_share < 0.45
    assert 0.6 < result.by_image["mel"].leaked_share < 0.75
