"""Pictures in folders, tar and parquet files, and what one machine answers about them."""

import io
import tarfile
from pathlib import Path

import cv2
import numpy as np
import pyarrow as pa
import pytest
from pyarrow import parquet

from dermdistill.inference import load_bundle
from dermdistill.inference.batch.files import find_images, predict_files

TINY = Path(__file__).parents[1] / "fixtures" / "tiny_float32"


def picture(seed):
    noise = np.random.default_rng(seed).integers(0, 256, (9, 12, 3), np.uint8)
    return cv2.imencode(".jpg", cv2.resize(noise, (160, 120), interpolation=cv2.INTER_CUBIC))[1].tobytes()


@pytest.fixture(scope="session")
def folder(tmp_path_factory):
    """Seven pictures, a broken one and a link to nothing, among files that are no pictures."""
    folder = tmp_path_factory.mktemp("clinic")
    (folder / "b").mkdir()
    (folder / ".hidden").mkdir()
    for number in range(7):
        (folder / ("b" if number % 2 else ".") / f"{number}.jpg").write_bytes(picture(number))
    (folder / "b" / "cut.jpg").write_bytes(picture(9)[:-100])
    (folder / "b" / "gone.jpg").symlink_to(folder / "nowhere.jpg")
    (folder / ".hidden" / "x.jpg").write_bytes(picture(8))
    (folder / "notes.txt").write_text("not an image")
    return folder


@pytest.fixture(scope="session")
def tar(tmp_path_factory):
    """A WebDataset shard: pictures with their labels beside them."""
    path = tmp_path_factory.mktemp("tars") / "shard-000.tar"
    with tarfile.open(path, "w") as archive:
        for number in range(4):
            for name, data in ((f"s{number}.jpg", picture(number)), (f"s{number}.cls", b"3")):
                info = tarfile.TarInfo(name)
                info.size = len(data)
                archive.addfile(info, io.BytesIO(data))
    return path


@pytest.fixture(scope="session")
def table(tmp_path_factory):
    """A parquet file with the bytes of five pictures in two row groups; the last one has none."""
    path = tmp_path_factory.mktemp("tables") / "pictures.parquet"
    data = {"image_id": [f"v1.{number}" for number in range(5)]}
    data["bytes"] = [*map(picture, range(4)), None]
    parquet.write_table(pa.table(data), path, row_group_size=3)
    return path


@pytest.fixture(scope="session")
def engine():
    return load_bundle(TINY)


@pytest.fixture(scope="session")
def expected(engine, folder):
    """The rows of one machine, by path."""
    rows = predict_files(engine, find_images([folder]), quality=True)
    return {row["path"]: row for row in (row.cells(engine.spec.codes) for row in rows)}
