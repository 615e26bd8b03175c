"""What is found in folders: one entry that cannot be used costs its own row, never the others'."""

import os

import pytest

from dermdistill.errors import DataError
from dermdistill.inference.batch.files import find_images, predict_files


def rows(engine, *paths):
    return [(row.path.name, row.error) for row in predict_files(engine, find_images(paths), quality=False)]


def test_an_entry_that_cannot_be_used_has_its_own_row(engine, jpeg, nobodys_dir):
    album = nobodys_dir / "album"
    (album / "closed").mkdir(parents=True)
    (album / "deep" / "closed too").mkdir(parents=True)
    for name in ("a.jpg", "deep/z.jpg", "secret.jpg", "closed/unseen.jpg"):
        (album / name).write_bytes(jpeg)
    (album / "link.jpg").symlink_to("a.jpg")
    (album / "broken.jpg").symlink_to("nowhere.jpg")
    (album / "loop.jpg").symlink_to("loop.jpg")
    (album / "into closed.jpg").symlink_to("closed/unseen.jpg")
    os.mkfifo(album / "pipe.jpg")
    os.mkfifo(album / "no image by its name")
    for closed in ("closed", "deep/closed too", "secret.jpg"):
        (album / closed).chmod(0)
    answers = rows(engine, album)
    assert [name for name, _ in answers] == [
        "a.jpg",
        "broken.jpg",
        "closed",
        "closed too",
        "z.jpg",
        "into closed.jpg",
        "link.jpg",
        "loop.jpg",
        "pipe.jpg",
        "secret.jpg",
    ]
    errors = {name: error for name, error in answers if error}
    assert errors == {
        "broken.jpg": f"{album}/broken.jpg does not exist; check the path.",
        "closed": f"{album}/closed cannot be read (Permission denied); check the path.",
        "closed too": f"{album}/deep/closed too cannot be read (Permission denied); check the path.",
        "into closed.jpg": f"{album}/into closed.jpg cannot be read (Permission denied); check the path.",
        "loop.jpg": f"{album}/loop.jpg cannot be read (Too many levels of symbolic links); check the path.",
        "pipe.jpg": f"{album}/pipe.jpg is a pipe, socket or device; give an image file.",
        "secret.jpg": f"{album}/secret.jpg cannot be read (Permission denied); check the path.",
    }


def test_a_link_to_a_folder_is_followed_only_where_it_is_named(tmp_path, jpeg):
    (tmp_path / "real").mkdir()
    (tmp_path / "real" / "a.jpg").write_bytes(jpeg)
    (tmp_path / "album").mkdir()
    for name in ("linked", "linked.jpg"):
        (tmp_path / "album" / name).symlink_to(tmp_path / "real")
    with pytest.raises(DataError, match="No image found"):
        find_images([tmp_path / "album"])
    named = tmp_path / "album" / "linked"
    assert find_images([named]) == [named / "a.jpg"]


def test_a_path_that_is_named_must_be_there(nobodys_dir):
    (nobodys_dir / "closed" / "below").mkdir(parents=True)
    (nobodys_dir / "loop").symlink_to("loop")
    (nobodys_dir / "closed").chmod(0)
    for name, reason in [
        ("closed/a.jpg", "closed/a.jpg cannot be read (Permission denied); check the path."),
        ("closed", "closed cannot be read (Permission denied); check the path."),
        ("loop", "loop cannot be read (Too many levels of symbolic links); check the path."),
        ("none.jpg", "none.jpg does not exist; check the path."),
    ]:
        with pytest.raises(DataError) as caught:
            find_images([nobodys_dir / name])
        assert str(caught.value) == f"{nobodys_dir}/{reason}"
