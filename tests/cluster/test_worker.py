import pickle
from pathlib import Path

import pytest
from pyarrow import parquet

from dermdistill.cluster.parts import Tally
from dermdistill.cluster.shards import find_shards
from dermdistill.cluster.worker import Answerer
from dermdistill.errors import DataError
from dermdistill.inference.batch.made_with import made_with


@pytest.fixture(scope="module")
def answerer(engine, tmp_path_factory):
    agreed = made_with(engine, quality=True)
    made = Answerer(
        engine.bundle, None, agreed, str(tmp_path_factory.mktemp("out")), str(Path.cwd()), quality=True
    )
    yield made
    made.engine.decoders.close()


def rows_of(answerer, shard):
    return answerer.answer(shard, answerer.engine.spec.codes)


def test_files_get_the_rows_of_one_machine(answerer, folder, expected):
    [shard] = find_shards([str(folder)], 100)
    rows, tally = rows_of(answerer, shard)
    assert rows == list(expected.values())
    assert tally == Tally(images=9, failed=2, passing=1)


def answers(row):
    return {name: value for name, value in row.items() if name not in ("path", "image_id")}


def of_number(expected, number):
    return answers(next(row for path, row in expected.items() if path.endswith(f"/{number}.jpg")))


def test_pictures_in_a_tar_file_get_the_same_answers(answerer, tar, expected):
    [shard] = find_shards([str(tar)], 100)
    rows, tally = rows_of(answerer, shard)
    assert [(row["path"], row["image_id"]) for row in rows] == [
        (f"{tar}/s{n}.jpg", f"s{n}") for n in range(4)
    ]
    assert [answers(row) for row in rows] == [of_number(expected, number) for number in range(4)]
    assert tally == Tally(4, 0, 0)


def test_bytes_in_a_parquet_file_get_the_same_answers(answerer, table, expected):
    first, second = (rows_of(answerer, shard) for shard in find_shards([str(table)], 100))
    rows = first[0] + second[0]
    assert [row["image_id"] for row in rows] == [f"v1.{number}" for number in range(5)]
    assert [answers(row) for row in rows[:4]] == [of_number(expected, number) for number in range(4)]
    assert (
        rows[4]["error"] == f"{table}/v1.4 has no bytes; fill its column with the bytes of a picture's file."
    )
    assert second[1] == Tally(2, 1, 0)


def test_a_tar_file_that_is_cut_off_is_one_error_behind_its_good_pictures(answerer, tar, tmp_path):
    cut = tmp_path / "cut.tar"
    cut.write_bytes(tar.read_bytes()[:5000])
    rows, tally = rows_of(answerer, *find_shards([str(cut)], 100))
    assert tally.failed == 1
    assert [row["error"] for row in rows[:-1]] == [None] * (tally.images - 1)
    assert f"{cut} is damaged after {tally.images - 1} pictures" in rows[-1]["error"]


def test_a_part_is_written_whole_and_twice_is_as_good_as_once(answerer, folder, expected):
    [shard] = find_shards([str(folder)], 100)
    asked = {"part": 3, "shard": pickle.dumps(shard)}
    told = [answerer(asked) for _ in range(2)]
    assert [(line["part"], line["images"], line["failed"]) for line in told] == [(3, 9, 2)] * 2
    assert parquet.read_table(f"{answerer.out}/part-0000003.parquet").to_pylist() == list(expected.values())


def test_a_picture_that_ends_its_decoder_does_not_end_the_worker(answerer, folder, tmp_path, monkeypatch):
    (tmp_path / "a.jpg").write_bytes((folder / "0.jpg").read_bytes())

    def die(*_, **__):
        raise EOFError

    [decoder] = answerer.engine.decoders._all
    monkeypatch.setattr(decoder, "open_square", die)
    rows, tally = rows_of(answerer, *find_shards([str(tmp_path)], 1))
    assert tally == Tally(1, 1, 0)
    assert "ends its decoder" in rows[0]["error"]


def test_a_machine_with_other_packages_is_refused(engine, tmp_path):
    agreed = made_with(engine, quality=True) | {"version of OpenCV": "0.1"}
    other = Answerer(engine.bundle, None, agreed, str(tmp_path), str(Path.cwd()), quality=True)
    with pytest.raises(DataError, match="has another version of OpenCV; install the same packages"):
        _ = other.engine
