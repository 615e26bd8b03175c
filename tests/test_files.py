import errno
import os

import pytest

from dermdistill.files import printable, write_atomically


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


def test_a_link_that_lies_where_a_temporary_file_could_is_not_written_through(tmp_path):
    victim = tmp_path / "victim"
    victim.write_text("precious")
    for name in (f".{os.getpid()}.table.csv", ".table.csv", ".0000000000000000.table.csv"):
        (tmp_path / name).symlink_to(victim)
    write_atomically(tmp_path / "table.csv", b"rows")
    assert victim.read_text() == "precious"


def test_a_temporary_file_is_new_and_has_a_name_that_nobody_can_foresee(tmp_path, monkeypatch):
    monkeypatch.setattr("secrets.token_hex", lambda _: "taken")
    (tmp_path / ".taken.table.csv").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(FileExistsError):
        write_atomically(tmp_path / "table.csv", b"rows")
    assert not (tmp_path / "elsewhere").exists()
    assert not (tmp_path / "table.csv").exists()


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("mole.jpg", "mole.jpg"),
        ("Größe 3, 病変.jpg", "Größe 3, 病変.jpg"),
        ("a\nb\r\tc", "a\\nb\\r\\tc"),
        ("\x1b[2J\x07.jpg", "\\x1b[2J\\x07.jpg"),
        ("x\u202egpj.exe", "x\\u202egpj.exe"),
        ("\udcff.jpg", "\\udcff.jpg"),
        ("\u2028", "\\u2028"),
        ("Bild\u202f1\xa0a.png", "Bild\u202f1\xa0a.png"),
    ],
)
def test_a_name_is_shown_without_what_a_terminal_would_obey(name, shown):
    assert printable(name) == shown
