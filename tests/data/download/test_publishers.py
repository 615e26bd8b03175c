"""MILK10k from the ISIC archive and PAD-UFES-20 from Mendeley Data, as their servers answer."""

import hashlib
import io
import json
import zipfile

import numpy as np
import pytest

from data_server import Behaviour, serve
from dermdistill.data.download.download import CHOICES, download
from dermdistill.data.prepare.prepare import prepare
from dermdistill.data.sources import read_source
from dermdistill.errors import DataError
from layouts import ISIC, encode

BUCKET = "/challenges/milk10k/MILK10k_Training_"
API = "/public-api/datasets/zr7vgbcyr2"


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch):
    monkeypatch.setenv("no_proxy", "127.0.0.1")


def zipped(names: list[str]) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        for number, name in enumerate(names):
            pixels = np.random.default_rng(number).integers(0, 256, (20, 30, 3), np.uint8)
            archive.writestr(name, encode(pixels, name[-4:]))
    return data.getvalue()


@pytest.fixture
def bucket():
    classes = "AKIEC,BCC,BEN_OTH,BKL,DF,INF,MAL_OTH,MEL,NV,SCCKA,VASC"
    truth = f"lesion_id,{classes}\nIL_1,0,1,0,0,0,0,0,0,0,0,0\n".encode()
    table = b"lesion_id,image_type,isic_id\nIL_1,dermoscopic,I1\nIL_1,clinical: close-up,I2\n"
    images = zipped(["MILK10k_Training_Input/IL_1/I1.jpg", "MILK10k_Training_Input/IL_1/I2.jpg"])
    files = {"GroundTruth.csv": truth, "Metadata.csv": table, "Input.zip": images}
    etags = {
        "GroundTruth.csv": f'"{hashlib.md5(truth).hexdigest()}"',
        "Input.zip": '"0123456789abcdef0123456789abcdef-38"',  # of a file that was uploaded in pieces
    }
    behaviour = Behaviour(
        {BUCKET + name: data for name, data in files.items()},
        etags={BUCKET + name: etag for name, etag in etags.items()},
    )
    with serve(behaviour):
        yield behaviour


@pytest.fixture
def mendeley():
    table = b"patient_id,lesion_id,diagnostic,img_id\nPAT_1,7,ACK,PAT_1_7_1.png\n"
    table += b"PAT_2,8,NEV,PAT_2_8_2.png\n"
    parts = [zipped(["imgs_part_1/PAT_1_7_1.png"]), zipped(["x.png", "imgs_part_2/PAT_2_8_2.png"])]
    files: dict[str, bytes] = {}
    with serve(Behaviour(files)) as behaviour:

        def entry(name: str, data: bytes) -> dict[str, object]:
            files[f"/public-files/{name}"] = data
            url = f"{behaviour.url}/public-files/{name}"
            content = {
                "download_url": url,
                "size": len(data),
                "sha256_hash": hashlib.sha256(data).hexdigest(),
            }
            return {"filename": name, "content_details": content}

        images = [entry(f"imgs_part_{number}.zip", data) for number, data in enumerate(parts, start=1)]
        files[f"{API}/folders/1"] = json.dumps([{"id": "f-1", "name": "images"}]).encode()
        files[f"{API}/files?folder_id=root&version=1"] = json.dumps([entry("metadata.csv", table)]).encode()
        files[f"{API}/files?folder_id=f-1&version=1"] = json.dumps(
            [entry("notes.txt", b"x"), *images]
        ).encode()
        yield behaviour


def run(server, out, choice):
    return download(out, choice, base_url=server.url, on_file=lambda *_: None, pause=0.001)


def rows(out):
    source = read_source(out, classes=ISIC)
    report = prepare(
        source, out.parent / "out", classes=ISIC, image_size=8, on_progress=lambda *_: None
    ).report
    return report["source"], report["images_per_class"], report["pictures"]


def test_milk10k_is_fetched_whole_and_can_be_prepared(bucket, tmp_path):
    bucket.cuts = [30, 10]
    paths = run(bucket, tmp_path / "milk", "milk10k")
    assert [path.name for path in paths] == [
        *("MILK10k_Training_GroundTruth.csv", "MILK10k_Training_Metadata.csv", "MILK10k_Training_Input.zip")
    ]
    assert rows(tmp_path / "milk") == ("milk10k", {"bcc": 2}, {"clinical": 1, "dermoscopic": 1})
    bucket.seen.clear()
    run(bucket, tmp_path / "milk", "milk10k")
    assert bucket.seen == []


def test_an_etag_that_is_an_md5_is_checked(bucket, tmp_path):
    bucket.etags[BUCKET + "GroundTruth.csv"] = '"00000000000000000000000000000000"'
    with pytest.raises(DataError, match=r"GroundTruth\.csv gives a file whose MD5 is .*, not 0000"):
        run(bucket, tmp_path / "milk", "milk10k")


def test_a_bucket_without_the_file_is_said_plainly(bucket, tmp_path):
    del bucket.files[BUCKET + "Input.zip"]
    with pytest.raises(DataError, match=r"Input\.zip cannot be reached .*404"):
        run(bucket, tmp_path / "milk", "milk10k")


def test_pad_ufes_20_is_fetched_whole_and_can_be_prepared(mendeley, tmp_path):
    paths = run(mendeley, tmp_path / "pad", "pad-ufes-20")
    assert [path.name for path in paths] == ["metadata.csv", "imgs_part_1.zip", "imgs_part_2.zip"]
    assert rows(tmp_path / "pad") == ("pad_ufes", {"akiec": 1, "nv": 1}, {"clinical": 2})


def test_a_file_of_another_sha256_is_refused(mendeley, tmp_path):
    mendeley.files["/public-files/imgs_part_1.zip"] = b"x" * len(
        mendeley.files["/public-files/imgs_part_1.zip"]
    )
    with pytest.raises(DataError, match=r"imgs_part_1\.zip gives a file whose SHA256 is"):
        run(mendeley, tmp_path / "pad", "pad-ufes-20")


@pytest.mark.parametrize("answer", [b"<html>maintenance</html>", b"{}", b'[{"name": "x"}]', b"[1]"])
def test_an_answer_that_is_no_listing_is_said_plainly(answer, mendeley, tmp_path):
    mendeley.files[f"{API}/files?folder_id=root&version=1"] = answer
    with pytest.raises(DataError, match=r"Mendeley Data|no longer lists"):
        run(mendeley, tmp_path / "pad", "pad-ufes-20")


def test_every_choice_names_its_licence():
    assert CHOICES.keys() == {"ham10000", "isic2018-test", "milk10k", "pad-ufes-20"}
    assert all("CC BY" in choice.licence and "cite" in choice.licence for choice in CHOICES.values())
