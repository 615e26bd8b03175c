import hashlib
import json
import zipfile

import pytest

from data_server import Behaviour, serve
from dermdistill.data.download.dataverse import list_files
from dermdistill.data.download.download import CHOICES, download
from dermdistill.data.prepare.prepare import prepare
from dermdistill.data.sources import read_source
from dermdistill.errors import DataError
from layouts import HAM, write_dataverse

LISTING = "/api/datasets/:persistentId/?persistentId=doi:10.7910/DVN/DBW86T"


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch):
    monkeypatch.setenv("no_proxy", "127.0.0.1")


def entry(number: int, name: str, data: bytes, **more: object) -> dict[str, object]:
    md5 = hashlib.md5(data).hexdigest()
    data_file = {"id": number, "filename": name, "filesize": len(data), "md5": md5, **more}
    return {"label": name, "dataFile": data_file}


@pytest.fixture
def dataverse(tmp_path, pictures):
    """A Dataverse with the files of HAM10000, its table as csv and as tab, and a file nobody asked for."""
    write_dataverse(tmp_path / "theirs", pictures)
    tab = (tmp_path / "theirs" / "HAM10000_metadata.tab").read_bytes()
    original = tab.replace(b"\t", b",")
    parts = [(tmp_path / "theirs" / f"HAM10000_images_part_{n}.zip").read_bytes() for n in (1, 2)]
    table = entry(
        4,
        "HAM10000_metadata.tab",
        original,  # Dataverse gives the original's checksum beside the tab file's name and size
        filesize=len(tab) + 7,
        originalFileFormat="text/csv",
        originalFileName="HAM10000_metadata.csv",
        originalFileSize=len(original),
    )
    listing = [
        entry(3, "HAM10000_segmentations_lesion_tschandl.zip", b"masks"),
        entry(1, "HAM10000_images_part_1.zip", parts[0]),
        entry(2, "HAM10000_images_part_2.zip", parts[1]),
        table,
    ]
    files = {
        LISTING: json.dumps({"status": "OK", "data": {"latestVersion": {"files": listing}}}).encode(),
        "/api/access/datafile/1": parts[0],
        "/api/access/datafile/2": parts[1],
        "/api/access/datafile/4": tab,
        "/api/access/datafile/4?format=original": original,
    }
    with serve(Behaviour(files)) as behaviour:
        yield behaviour


def run(server, out, seen=None):
    progress = seen if seen is not None else []
    return download(
        out, "ham10000", base_url=server.url + "/", on_file=lambda *told: progress.append(told), pause=0.001
    )


def test_what_is_downloaded_can_be_prepared(dataverse, tmp_path, pictures):
    dataverse.cuts = [10_000, 50, 3000]
    progress = []
    paths = run(dataverse, tmp_path / "ham", progress)
    names = ["HAM10000_metadata.csv", "HAM10000_images_part_1.zip", "HAM10000_images_part_2.zip"]
    assert [path.name for path in paths] == names
    assert {path.name for path in (tmp_path / "ham").iterdir()} == set(names)
    assert zipfile.ZipFile(paths[1]).testzip() is None
    done = {name: (here, total) for name, here, total in progress}
    assert done == {path.name: (path.stat().st_size, path.stat().st_size) for path in paths}
    report = prepare(
        read_source(tmp_path / "ham", classes=HAM),
        tmp_path / "out",
        classes=HAM,
        image_size=8,
        on_progress=lambda *_: None,
    ).report
    assert (report["layout"], report["images"], report["problems"]) == ("dataverse", len(pictures), [])


def test_files_that_are_there_are_not_fetched_again(dataverse, tmp_path):
    run(dataverse, tmp_path / "ham")
    (tmp_path / "ham" / "HAM10000_images_part_2.zip").write_bytes(b"damaged")
    dataverse.seen.clear()
    run(dataverse, tmp_path / "ham")
    assert [path for path, _ in dataverse.seen] == [LISTING, "/api/access/datafile/2"]


def test_a_file_that_is_no_longer_listed_is_named(dataverse):
    with pytest.raises(
        DataError, match="no longer lists ISIC2018_Task3_Test_GroundTruth, ISIC2018_Task3_Test_I"
    ):
        list_files(dataverse.url, CHOICES["isic2018-test"].files)


def test_the_test_set_is_found_when_listed(dataverse):
    listing = json.loads(dataverse.files[LISTING])
    names = ["ISIC2018_Task3_Test_Images.zip", "ISIC2018_Task3_Test_GroundTruth.csv"]
    listing["data"]["latestVersion"]["files"] += [entry(10 + n, name, b"x") for n, name in enumerate(names)]
    dataverse.files[LISTING] = json.dumps(listing).encode()
    files = list_files(dataverse.url, CHOICES["isic2018-test"].files)
    assert [file.name for file in files] == names[::-1]


@pytest.mark.parametrize("answer", [b"<html>maintenance</html>", b"{}", b'{"data": null}', b"[]"])
def test_an_answer_that_is_no_listing_is_said_plainly(answer, dataverse):
    dataverse.files[LISTING] = answer
    with pytest.raises(DataError, match="did not answer with Dataverse's file list"):
        list_files(dataverse.url, CHOICES["ham10000"].files)


def test_a_listing_that_is_refused_is_said_plainly(dataverse):
    dataverse.statuses = [404]
    with pytest.raises(DataError, match="cannot be reached"):
        list_files(dataverse.url, CHOICES["ham10000"].files)
