import pyarrow as pa
import pytest
from pyarrow import parquet

from dermdistill.cluster.shards import find_shards
from dermdistill.errors import DataError
from dermdistill.inference.batch.files import find_images


def test_a_folder_is_cut_in_the_order_of_one_machine(folder):
    shards = find_shards([str(folder)], 4)
    assert [len(shard.names) for shard in shards] == [4, 4, 1]
    assert [name for shard in shards for name in shard.names] == list(map(str, find_images([folder])))
    assert find_shards([str(folder)], 4) == shards


def test_what_is_named_twice_counts_once(folder):
    twice = find_shards([str(folder / "b"), str(folder), str(folder / "*.jpg")], 100)
    assert [set(shard.names) for shard in twice] == [set(map(str, find_images([folder])))]


def test_tar_and_parquet_files_are_shards_of_their_own(folder, tar, table):
    shards = find_shards([str(folder), str(tar.parent / "*.tar"), str(table)], 100)
    assert [(shard.kind, shard.row_group) for shard in shards] == [
        ("files", 0),
        ("tar", 0),
        ("parquet", 0),
        ("parquet", 1),
    ]


def test_a_changed_file_makes_another_shard(tmp_path):
    path = tmp_path / "a.jpg"
    path.write_bytes(b"one")
    [before] = find_shards([str(tmp_path)], 10)
    path.write_bytes(b"three")
    [after] = find_shards([str(tmp_path)], 10)
    assert before.names == after.names
    assert before.digest != after.digest


def test_addresses_and_paths_find_the_same(folder):
    [here] = find_shards([str(folder)], 100)
    [there] = find_shards([f"file://{folder}"], 100)
    assert sorted(there.names) == sorted(f"file://{name}" for name in here.names)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("nothing_here", "does not exist"),
        ("*.png", "No image found in"),
        ("file:///nothing/here.jpg", "does not exist"),
        ("moon://bucket/x.jpg", "cannot be read (Protocol not known: moon"),
    ],
)
def test_what_is_not_there_is_told(name, said, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(DataError) as caught:
        find_shards([name], 10)
    assert said in str(caught.value)


def test_parquet_files_without_pictures_or_cut_off_are_told(tmp_path, table):
    other, cut = tmp_path / "other.parquet", tmp_path / "cut.parquet"
    parquet.write_table(pa.table({"age": [3]}), other)
    cut.write_bytes(table.read_bytes()[:-9])
    with pytest.raises(DataError, match="no column of pictures; name it one of bytes, image"):
        find_shards([str(other)], 10)
    with pytest.raises(DataError, match="is no parquet file, or is cut off"):
        find_shards([str(cut)], 10)
