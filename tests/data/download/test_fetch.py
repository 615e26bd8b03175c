import hashlib
import random
from dataclasses import replace

import pytest

from data_server import Behaviour, serve
from dermdistill.data.download.fetch import RemoteFile, fetch
from dermdistill.errors import DataError

DATA = random.Random(0).randbytes(300_000)
MD5 = hashlib.md5(DATA).hexdigest()


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch):
    monkeypatch.setenv("no_proxy", "127.0.0.1")


@pytest.fixture
def server():
    with serve(Behaviour({"/file": DATA})) as behaviour:
        yield behaviour


def run(server, tmp_path, md5=MD5, size=0):
    progress = []
    fetch(
        RemoteFile("file", f"{server.url}/file", size, md5),
        tmp_path / "file",
        on_bytes=lambda here, total: progress.append((here, total)),
        pause=0.001,
    )
    return progress


def test_a_file_arrives_whole_under_its_name(server, tmp_path):
    progress = run(server, tmp_path)
    assert (tmp_path / "file").read_bytes() == DATA
    assert [path.name for path in tmp_path.iterdir()] == ["file"]
    assert progress[-1] == (len(DATA), len(DATA))
    assert server.seen == [("/file", None)]


def test_after_a_cut_connection_only_the_rest_is_fetched(server, tmp_path):
    server.cuts = [100_000, 50_000]
    progress = run(server, tmp_path)
    assert (tmp_path / "file").read_bytes() == DATA
    assert [wanted for _, wanted in server.seen] == [None, "bytes=100000-", "bytes=150000-"]
    assert progress[-1] == (len(DATA), len(DATA))


def test_what_an_earlier_run_left_is_continued(server, tmp_path):
    (tmp_path / "file.part").write_bytes(DATA[:200_000])
    run(server, tmp_path)
    assert (tmp_path / "file").read_bytes() == DATA
    assert server.seen == [("/file", "bytes=200000-")]


def test_a_link_that_lies_where_the_part_would_is_not_written_through(server, tmp_path):
    victim = tmp_path / "victim"
    victim.write_bytes(b"mine")
    (tmp_path / "file.part").symlink_to(victim)
    run(server, tmp_path)
    assert victim.read_bytes() == b"mine"
    assert (tmp_path / "file").read_bytes() == DATA
    assert not (tmp_path / "file").is_symlink()


def test_a_server_without_ranges_sends_all_again(server, tmp_path):
    server.ranges = False
    server.cuts = [100_000]
    run(server, tmp_path)
    assert (tmp_path / "file").read_bytes() == DATA
    assert [wanted for _, wanted in server.seen] == [None, "bytes=100000-"]


def test_another_range_than_asked_for_is_not_appended(server, tmp_path):
    (tmp_path / "file.part").write_bytes(DATA[:1000])
    server.wrong_ranges = True
    run(server, tmp_path)
    assert (tmp_path / "file").read_bytes() == DATA


@pytest.mark.parametrize("left", [DATA, DATA + b"more", b"wrong" * 100])
def test_a_part_that_is_whole_or_too_long_or_wrong_ends_right(left, server, tmp_path):
    (tmp_path / "file.part").write_bytes(left)
    run(server, tmp_path)
    assert (tmp_path / "file").read_bytes() == DATA


def test_a_wrong_checksum_leaves_no_file(server, tmp_path):
    with pytest.raises(DataError, match=f"MD5 is {MD5}, not 0000"):
        run(server, tmp_path, md5="0000")
    assert list(tmp_path.iterdir()) == []
    assert len(server.seen) == 2


@pytest.mark.parametrize("status", [403, 404])
def test_a_refusal_is_final(status, server, tmp_path):
    server.statuses = [status] * 9
    with pytest.raises(DataError, match=f"refused.*{status}"):
        run(server, tmp_path)
    assert len(server.seen) == 1


@pytest.mark.parametrize("status", [429, 500, 503])
def test_passing_trouble_is_tried_again(status, server, tmp_path):
    server.statuses = [status] * 3
    run(server, tmp_path)
    assert (tmp_path / "file").read_bytes() == DATA


def test_lasting_trouble_is_given_up_and_what_came_is_kept(server, tmp_path):
    (tmp_path / "file.part").write_bytes(DATA[:1000])
    server.statuses = [503] * 99
    with pytest.raises(DataError, match="run the same command again to go on"):
        run(server, tmp_path)
    assert len(server.seen) == 6
    assert (tmp_path / "file.part").read_bytes() == DATA[:1000]


def test_nobody_there_is_said_plainly(tmp_path):
    with serve(Behaviour({})) as gone:
        pass
    with pytest.raises(DataError, match="cannot be fetched"):
        run(gone, tmp_path)


def test_only_web_addresses_are_opened(tmp_path):
    with pytest.raises(DataError, match="not a web address"):
        fetch(RemoteFile("file", "file:///etc/hostname"), tmp_path / "file", on_bytes=lambda *_: None)


def test_no_more_is_written_than_was_announced(server, tmp_path):
    with pytest.raises(DataError, match="sends more than the 1000 bytes that were announced"):
        run(server, tmp_path, size=1000)
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_too_small_is_wrong(server, tmp_path):
    with pytest.raises(DataError, match=f"size is {len(DATA)}, not {len(DATA) + 1} bytes"):
        run(server, tmp_path, size=len(DATA) + 1, md5="")


def test_without_a_published_checksum_the_size_is_checked(server, tmp_path):
    run(server, tmp_path, size=len(DATA), md5="")
    assert (tmp_path / "file").read_bytes() == DATA


def test_a_sha256_is_checked(server, tmp_path):
    file = RemoteFile("file", f"{server.url}/file", len(DATA), hashlib.sha256(DATA).hexdigest(), "sha256")
    fetch(file, tmp_path / "file", on_bytes=lambda *_: None)
    wrong = replace(file, checksum="00")
    with pytest.raises(DataError, match=r"SHA256 is .*, not 00"):
        fetch(wrong, tmp_path / "file", on_bytes=lambda *_: None)
