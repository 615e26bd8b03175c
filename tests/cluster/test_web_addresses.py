"""Pictures, tar and parquet files behind web addresses of a server here; and servers that refuse."""

import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import fsspec
import pytest

from dermdistill.cluster.parts import Tally
from dermdistill.cluster.shards import find_shards
from dermdistill.cluster.worker import Answerer
from dermdistill.errors import DataError
from dermdistill.inference.batch.made_with import made_with


class Files(SimpleHTTPRequestHandler):
    """Files of a folder; what lies in `closed` is not for everybody."""

    def log_message(self, *_):
        pass

    def send_head(self):
        if self.path.startswith("/closed"):
            self.send_error(401 if "401" in self.path else 403)
            return None
        return super().send_head()


@pytest.fixture
def server(tmp_path, folder, tar, table):
    """Its address; it has the pictures of the folders, a tar and a parquet file."""
    for path in [*folder.glob("*.jpg"), *folder.glob("b/*.jpg"), tar, table]:
        if not path.is_symlink():
            (tmp_path / path.name).write_bytes(path.read_bytes())
    fsspec.get_filesystem_class("http").clear_instance_cache()
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Files, directory=tmp_path))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def test_web_addresses_get_the_rows_of_one_machine(server, engine, expected, tmp_path):
    names = [f"{server}/{name}" for name in ("0.jpg", "cut.jpg", "shard-000.tar", "pictures.parquet")]
    shards = find_shards(names, 100)
    assert [shard.kind for shard in shards] == ["files", "tar", "parquet", "parquet"]
    answerer = Answerer(
        engine.bundle,
        None,
        made_with(engine, quality=True),
        str(tmp_path / "out"),
        str(Path.cwd()),
        quality=True,
    )
    answered = [answerer.answer(shard, engine.spec.codes) for shard in shards]
    answerer.engine.decoders.close()
    assert [tally for _, tally in answered] == [
        Tally(2, 1, 0),
        Tally(4, 0, 0),
        Tally(3, 0, 0),
        Tally(2, 1, 0),
    ]
    first, cut = answered[0][0]
    here = next(row for path, row in expected.items() if path.endswith("/0.jpg"))
    assert first == here | {"path": f"{server}/0.jpg"}
    assert cut["error"].startswith(f"{server}/cut.jpg is cut off or damaged")


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("none.jpg", "does not exist; check the path"),
        ("closed/401.tar", "cannot be read (access denied); check the keys and rights of this account"),
        ("closed/403.parquet", "cannot be read (access denied); check the keys and rights of this account"),
    ],
)
def test_what_is_not_there_and_what_is_closed_are_told_apart(server, path, said):
    with pytest.raises(DataError) as refused:
        find_shards([f"{server}/{path}"], 3)
    assert str(refused.value) == f"{server}/{path} {said}."


def test_a_server_that_does_not_answer_is_told(server):
    with pytest.raises(
        DataError, match=r"http://127.0.0.1:9/x.jpg cannot be read \(.*127\.0\.0\.1.*\); check"
    ):
        find_shards(["http://127.0.0.1:9/x.jpg"], 3)
