import errno

import pytest

from dermdistill.files import write_atomically


def test_a_file_is_replaced_whole(tmp_path):
    path = tmp_path / "new" / "table.csv"
    for content in (b"first", b"second"):
        write_atomically(path, content)
        assert path.read_bytes() == content
    assert [each.name for each in path.parent.iterdir()] == ["table.csv"]


def test_a_full_disk_costs_the_new_file_only(tmp_path, monkeypatch):
    def full(_):
        raise OSError(errno.ENOSPC, "No space left on device")

    path = tmp_path / "table.csv"
    write_atomically(path, b"first")
    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(OSError, match="No space left"):
        write_atomically(path, b"second")
    assert path.read_bytes() == b"first"
    assert [each.name for each in tmp_path.iterdir()] == ["table.csv"]
