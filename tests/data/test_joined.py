"""Several prepared data sets as one."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from dermdistill.classes import load_classes
from dermdistill.data.joined import JoinedImages, join_prepared, load_sources
from dermdistill.data.prepared import Prepared
from dermdistill.errors import DataError
from tiny_run import make_prepared

HAM = load_classes("ham10000")


def prepared(name: str, ids: list[str], value: int) -> Prepared:
    images = (
        np.full((len(ids), 8, 8, 3), value, np.uint8)
        + np.arange(len(ids), dtype=np.uint8)[:, None, None, None]
    )
    index = pd.DataFrame({"image_id": ids, "lesion_id": ids, "group_id": ids, "source": name})
    return Prepared(images, index.assign(linked_lesion=""), name * 3, HAM)


def test_images_of_several_arrays_are_addressed_as_one():
    arrays = [np.random.default_rng(n).integers(0, 256, (n, 4, 4, 3), np.uint8) for n in (3, 1, 5)]
    joined, whole = JoinedImages(arrays), np.concatenate(arrays)
    assert (joined.shape, len(joined)) == (whole.shape, 9)
    for row in (0, 3, 8, -1, np.int64(4)):
        np.testing.assert_array_equal(joined[row], whole[row])
    for rows in (np.array([8, 0, 3, 3, 2]), slice(2, 7), [1, 5], slice(None), np.array([], np.intp)):
        np.testing.assert_array_equal(joined[rows], whole[rows])
    np.testing.assert_array_equal(np.stack(list(joined)), whole)
    with pytest.raises(IndexError):
        joined[9]


def test_ids_that_two_sources_have_are_told_apart():
    joined = join_prepared([prepared("a", ["x", "1"], 0), prepared("b", ["x", "1", "y"], 100)])
    assert joined.index["image_id"].tolist() == ["a:x", "a:1", "b:x", "b:1", "y"]
    # One lesion of one name, unless the name is a mere number.
    assert joined.index["lesion_id"].tolist() == ["x", "a:1", "x", "b:1", "y"]
    assert joined.images[2][0, 0, 0] == 100


def test_the_order_of_sources_changes_neither_ids_nor_fingerprint():
    a, b = prepared("a", ["x"], 0), prepared("b", ["x", "y"], 100)
    one, other = join_prepared([a, b]), join_prepared([b, a])
    assert one.fingerprint == other.fingerprint != a.fingerprint
    assert set(one.index["image_id"]) == set(other.index["image_id"])
    assert join_prepared([a]) is a


def test_what_does_not_go_together_is_refused(tmp_path):
    a = prepared("a", ["x"], 0)
    with pytest.raises(DataError, match=r"are called 'a'; .* --source-name"):
        join_prepared([a, prepared("a", ["y"], 1)])
    with pytest.raises(DataError, match=r"b has the classes akiec, .* scc.* one --classes"):
        join_prepared([a, replace(prepared("b", ["y"], 1), classes=load_classes("isic2019"))])
    make_prepared(tmp_path / "large", images_per_class=1)
    make_prepared(tmp_path / "small", images_per_class=1)
    path = tmp_path / "small" / "images.npy"
    np.save(path, np.load(path)[:, ::2, ::2])
    with pytest.raises(DataError, match=r"are prepared at 48 and 96 pixels"):
        load_sources([tmp_path / "large", tmp_path / "small"])
