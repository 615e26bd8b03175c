import os
from pathlib import Path

import numpy as np
import pytest

from dermdistill.errors import ImageError, UnreadableError
from dermdistill.imaging import read_image

from .made import coded, smooth


def test_a_file_is_read_and_decoded(tmp_path):
    (tmp_path / "image").write_bytes(coded(smooth(8, 9), "PNG"))
    np.testing.assert_array_equal(read_image(tmp_path / "image"), smooth(8, 9))


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("none.jpg", r"^none\.jpg does not exist"),
        (".", "cannot be read"),
        ("a\0b.jpg", r"'a\\x00b\.jpg' is not a path"),
        ("http://x.org/a.jpg", "^http://x.org/a.jpg is an address, not a file; download it first"),
        ("S3://bucket/a.jpg", "^S3://bucket/a.jpg is an address"),
    ],
)
def test_a_path_that_leads_to_no_file_says_so(path, reason, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UnreadableError, match=reason):
        read_image(Path(path))


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_what_never_ends_is_not_opened(tmp_path):
    os.mkfifo(tmp_path / "pipe.jpg")
    for path in (tmp_path / "pipe.jpg", Path("/dev/zero")):
        with pytest.raises(ImageError, match="is a pipe, socket or device"):
            read_image(path)
