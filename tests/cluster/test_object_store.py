"""A store that speaks S3, on this machine: pictures in it, parts in it, and no rights to it."""

import logging
import urllib.request
from pathlib import Path

import fsspec
import pytest
from moto.server import ThreadedMotoServer

from dermdistill.cluster.parts import Tally, claim, finished_parts, write_part
from dermdistill.cluster.shards import find_shards
from dermdistill.cluster.store import Folder
from dermdistill.cluster.worker import Answerer
from dermdistill.errors import DataError
from dermdistill.inference.batch.made_with import made_with


@pytest.fixture(scope="module")
def server():
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def store(server, folder, tar, table, monkeypatch):
    """The bucket `clinic`, with everything that lies in the folders."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", server)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "key")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    urllib.request.urlopen(f"{server}/moto-api/reset", data=b"")
    fsspec.get_filesystem_class("s3").clear_instance_cache()
    system = fsspec.filesystem("s3")
    system.mkdir("clinic")
    for path in [*folder.rglob("*"), tar, table]:
        if path.is_file() and not path.is_symlink():
            base = folder if path.is_relative_to(folder) else path.parent
            system.pipe_file(f"clinic/all/{path.relative_to(base)}", path.read_bytes())
    return system


@pytest.fixture
def answerer(engine, store):
    made = Answerer(
        engine.bundle, None, made_with(engine, quality=True), "s3://clinic/out", str(Path.cwd()), quality=True
    )
    yield made
    made.engine.decoders.close()


def answers(rows):
    return [{name: row[name] for name in row if name not in ("path", "error")} for row in rows]


def test_pictures_tar_and_parquet_files_in_a_store(answerer, store, expected):
    shards = find_shards(
        ["s3://clinic/all", "s3://clinic/all/*.tar", "s3://clinic/all/pictures.parquet"], 100
    )
    assert [shard.kind for shard in shards] == ["files", "tar", "parquet", "parquet"]
    codes = answerer.engine.spec.codes
    loose, tar, first, second = (answerer.answer(shard, codes) for shard in shards)
    assert [row["path"].split("/all/")[1] for row in loose[0]][:2] == ["0.jpg", "2.jpg"]
    here = sorted((row for path, row in expected.items() if "gone" not in path), key=lambda row: row["path"])
    assert answers(loose[0]) == answers(here)
    assert [each[1] for each in (tar, first, second)] == [Tally(4, 0, 0), Tally(3, 0, 0), Tally(2, 1, 0)]


def test_a_picture_that_went_after_it_was_found_is_tried_again(answerer, store):
    [shard] = find_shards(["s3://clinic/all/0.jpg"], 100)
    store.rm_file("clinic/all/0.jpg")
    [row], tally = answerer.answer(shard, answerer.engine.spec.codes)
    assert row["error"] == "s3://clinic/all/0.jpg does not exist; check the path."
    assert tally == Tally(1, 1, 1)


def test_parts_in_a_store(store, engine):
    out, shards = Folder("s3://clinic/out"), find_shards(["s3://clinic/all"], 3)
    claim(out, shards, {"bundle": "a"}, anew=False)
    write_part(out, 1, shards[1], [], tally=Tally(3, 0, 0), codes=engine.spec.codes)
    claim(out, shards, {"bundle": "a"}, anew=False)
    assert finished_parts(out, shards) == {1: Tally(3, 0, 0)}
    store.pipe_file("clinic/out/part-0000001.parquet", b"PAR1 half")
    with pytest.raises(DataError, match=r"s3://clinic/out/part-0000001.parquet is damaged or was only half"):
        finished_parts(out, shards)


def test_a_store_without_rights_is_told(store, monkeypatch):
    monkeypatch.setattr("moto.settings.INITIAL_NO_AUTH_ACTION_COUNT", 0)
    store.invalidate_cache()
    denied = r"\(access denied\); check the keys and rights of this account"
    with pytest.raises(DataError, match=f"s3://clinic/all cannot be read {denied}"):
        find_shards(["s3://clinic/all"], 3)
    with pytest.raises(DataError, match=f"s3://clinic/out cannot be written to {denied}"):
        Folder("s3://clinic/out").write("run.json", b"{}")


def test_a_store_that_does_not_answer_is_told(store, monkeypatch):
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    fsspec.get_filesystem_class("s3").clear_instance_cache()
    with pytest.raises(
        DataError, match=r"s3://clinic/all cannot be read \(.*127\.0\.0\.1:9.*\); check the addr"
    ):
        find_shards(["s3://clinic/all"], 3)
