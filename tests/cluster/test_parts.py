import re

import pytest

from dermdistill.cluster.parts import Tally, claim, finished_parts, part_name, write_part
from dermdistill.cluster.shards import find_shards
from dermdistill.cluster.store import Folder
from dermdistill.errors import DataError
from ham10000 import CLASSES


@pytest.fixture
def shards(folder):
    return find_shards([str(folder)], 4)


@pytest.fixture
def out(tmp_path):
    return Folder(str(tmp_path / "out"))


def write(out, shards, number, tally):
    write_part(out, number, shards[number], [], tally=tally, codes=CLASSES)


def test_parts_that_are_there_are_not_made_again_unless_something_could_not_be_read(out, shards):
    write(out, shards, 0, Tally(4, 1, 0))
    write(out, shards, 2, Tally(1, 1, 1))
    assert finished_parts(out, shards) == {0: Tally(4, 1, 0)}


@pytest.mark.parametrize("length", [0, 7, -9])
def test_a_half_written_part_is_told_and_nothing_is_lost(out, shards, length):
    write(out, shards, 0, Tally(4, 0, 0))
    write(out, shards, 1, Tally(4, 0, 0))
    path = out.here / part_name(1)
    path.write_bytes(path.read_bytes()[:length])
    said = f"{path} is damaged or was only half written; remove it, and the same command makes it again."
    with pytest.raises(DataError, match=re.escape(said)):
        finished_parts(out, shards)
    path.unlink()
    assert list(finished_parts(out, shards)) == [0]


def test_a_part_of_another_run_is_told(out, shards):
    write(out, shards, 0, Tally(4, 0, 0))
    (out.here / part_name(0)).rename(out.here / part_name(1))
    with pytest.raises(DataError, match=r"part-0000001.parquet is of another run"):
        finished_parts(out, shards)


def test_another_question_into_the_same_folder_is_refused(out, shards):
    claim(out, shards, {"bundle": "a"}, anew=False)
    write(out, shards, 0, Tally(4, 0, 0))
    claim(out, shards, {"bundle": "a"}, anew=False)
    with pytest.raises(DataError, match=r"made with another bundle; go on as before"):
        claim(out, shards, {"bundle": "b"}, anew=False)
    with pytest.raises(DataError, match=r"made with another set of pictures; go on as before"):
        claim(out, shards[:2], {"bundle": "a"}, anew=False)
    assert list(finished_parts(out, shards)) == [0]
    claim(out, shards, {"bundle": "b"}, anew=True)
    assert finished_parts(out, shards) == {}


def test_a_folder_of_somebody_else_is_left_alone(out, shards):
    out.write("thesis.txt", b"years of work")
    with pytest.raises(DataError, match=r"holds thesis.txt, which is no run of this command"):
        claim(out, shards, {}, anew=True)
    assert out.read("thesis.txt") == b"years of work"


def test_a_damaged_note_is_told(out, shards):
    out.write("run.json", b"{")
    with pytest.raises(DataError, match=r"run.json is damaged; give a new folder"):
        claim(out, shards, {}, anew=False)
