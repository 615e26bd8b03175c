"""A study refuses a split of other images."""

import json
from dataclasses import replace

import numpy as np
import pytest

from dermdistill.classes import load_classes
from dermdistill.data.joined import load_sources
from dermdistill.data.splits import make_splits, write_splits
from dermdistill.data.study import open_study, open_study_of
from dermdistill.errors import DataError
from dermdistill.imaging import resize_square
from ham10000 import CLASSES
from tiny_run import make_prepared


def test_a_split_of_other_images_is_refused(tmp_path):
    _, index = make_prepared(tmp_path / "data", images_per_class=4)
    more = index.assign(image_id=[f"X{number}" for number in range(len(index))])
    write_splits(make_splits(more, val=0.25, test=0.25), tmp_path / "splits.csv", {})
    with pytest.raises(DataError, match=r"names 28 images that .*data does not hold, first X0"):
        open_study(tmp_path / "data", tmp_path / "splits.csv")


def test_rows_and_images_belong_together(tmp_path):
    images, index = make_prepared(tmp_path / "data", images_per_class=8)
    write_splits(make_splits(index, val=0.25, test=0.25), tmp_path / "splits.csv", {})
    study = open_study(tmp_path / "data", tmp_path / "splits.csv")
    rows = study.rows("test", "val")
    assert set(rows["split"]) == {"val", "test"}
    for row, image in zip(rows.itertuples(), study.images(rows), strict=True):
        assert (image == images[index["image_id"].tolist().index(row.image_id)]).all()
    # Four train images of each of seven classes.
    assert set(study.priors.values()) == {1 / 7}


def test_a_study_of_several_sources_gathers_from_each(tmp_path):
    folders = [tmp_path / name for name in ("one", "two")]
    indexes = []
    for folder in folders:
        _, index = make_prepared(folder, images_per_class=8)
        index = index.assign(source=folder.name)
        if folder.name == "two":
            for column in ("image_id", "lesion_id", "group_id"):
                index[column] = [f"two_{value}" for value in index[column]]
            index.loc[0, "image_id"] = "IMG_0000"  # which the first has, too
            images = np.load(folder / "images.npy")
            np.save(folder / "images.npy", 255 - images)
        index.to_csv(folder / "index.csv", index=False)
        indexes.append(index)
    joined = load_sources(folders)
    write_splits(make_splits(joined.index, val=0.25, test=0.25), tmp_path / "splits.csv", {})
    study = open_study(folders, tmp_path / "splits.csv")
    rows = study.rows("train", "val", "test")
    assert len(rows) == 2 * 56
    stored = {folder.name: np.load(folder / "images.npy") for folder in folders}
    for row, image in zip(rows.itertuples(), study.images(rows), strict=True):
        own = indexes[row.source == "two"]["image_id"].tolist().index(row.image_id.split(":")[-1])
        assert (image == stored[row.source][own]).all()
    # The split may be of more sources than a study is of; an image keeps the name that it has there.
    alone = open_study(folders[1], tmp_path / "splits.csv")
    assert set(alone.splits["source"]) == {"two"}
    assert "two:IMG_0000" in set(alone.splits["image_id"])


def split_study(tmp_path, codes):
    """A study of HAM10000's classes with pictures of some; of `df` none is trained on."""
    _, index = make_prepared(tmp_path / "data", images_per_class=8, codes=codes)
    splits = make_splits(index, val=0.25, test=0.25)
    splits.loc[splits["diagnosis"] == "df", ["split", "fold"]] = ["test", -1]
    write_splits(splits, tmp_path / "splits.csv", {})
    return open_study(tmp_path / "data", tmp_path / "splits.csv")


def test_classes_without_a_training_image_are_left_out_and_told(tmp_path):
    study = split_study(tmp_path, ["df", "mel", "nv"])
    assert study.classes.codes == ("mel", "nv")
    assert study.priors == {"mel": 0.5, "nv": 0.5}
    assert set(study.splits["diagnosis"]) == {"mel", "nv"}
    assert study.left_out == {"df": 8}
    assert study.notice == (
        "no training image shows akiec, bcc, bkl, df, vasc: the model has no such class, and their 8 images "
        "of val and test are left out of all figures"
    )


def test_a_study_with_all_its_classes_has_nothing_to_tell(tmp_path):
    assert split_study(tmp_path, [code for code in CLASSES if code != "df"]).notice.startswith("no training")
    _, index = make_prepared(tmp_path / "all", images_per_class=4)
    write_splits(make_splits(index, val=0.25, test=0.25), tmp_path / "all.csv", {})
    assert open_study(tmp_path / "all", tmp_path / "all.csv").notice is None


def test_one_class_is_no_study(tmp_path):
    with pytest.raises(DataError, match="has training images of nv only; a model needs two classes"):
        split_study(tmp_path, ["df", "nv"])


def test_a_split_serves_data_prepared_with_other_classes(tmp_path):
    """The parts are the split's, the diagnoses those of the data."""
    _, index = make_prepared(tmp_path / "data", images_per_class=8, codes=["mel", "nv"])
    write_splits(make_splits(index, val=0.25, test=0.25), tmp_path / "splits.csv", {})
    make_prepared(
        tmp_path / "two", images_per_class=8, table=load_classes("melanoma"), codes=["mel", "not_mel"]
    )
    study = open_study(tmp_path / "two", tmp_path / "splits.csv")
    assert (study.classes.codes, study.classes.name) == (("mel", "not_mel"), "melanoma")
    assert set(study.splits["diagnosis"]) == {"mel", "not_mel"}


def test_a_runs_study_has_the_pixels_of_its_last_phase(tiny_run):
    """Evaluation, export and explanation take them from here; a larger cache is resized by area."""
    run, study, _ = tiny_run
    assert study.image_size == 96
    config = json.loads(json.dumps(run.config))
    config["recipe"]["phases"].append({"image_size": 48})
    small = open_study_of(replace(run, config=config))
    assert small.image_size == 48
    rows = small.rows("test")[:3]
    expected = [resize_square(image, 48) for image in study.images(rows)]
    np.testing.assert_array_equal(small.images(rows), np.stack(expected))
