"""A study refuses a split of other images."""

import pytest

from dermdistill.data.splits import make_splits, write_splits
from dermdistill.data.study import open_study
from dermdistill.errors import DataError
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
