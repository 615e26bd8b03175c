"""A round trip through Orthanc: store a picture, find it, answer it, store the report, read it back."""

import json
import socket
import subprocess
import time
import urllib.request
from io import BytesIO

import pytest
from pydicom import dcmread

from dermdistill.records.dicom import write_dicom
from dermdistill.records.dicom_source import read_source

from .test_dicom import named


@pytest.fixture
def ask(installed, tmp_path):
    """Ask an Orthanc of our own: `ask(path, body)`; it listens on this machine only."""
    program = installed("Orthanc", "orthanc")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    settings = {
        "StorageDirectory": str(tmp_path / "store"),
        "IndexDirectory": str(tmp_path / "store"),
        "HttpPort": port,
        "HttpBindAddresses": ["127.0.0.1"],
        "RemoteAccessAllowed": False,
        "AuthenticationEnabled": False,
        "DicomServerEnabled": False,
        "Plugins": [],
    }
    (tmp_path / "orthanc.json").write_text(json.dumps(settings))

    def request(path, body=None):
        with urllib.request.urlopen(
            urllib.request.Request(f"http://127.0.0.1:{port}{path}", body), timeout=30
        ) as answer:
            return answer.read()

    with (tmp_path / "log").open("wb") as log:
        process = subprocess.Popen([program, tmp_path / "orthanc.json"], stdout=log, stderr=log)
    try:
        deadline = time.monotonic() + 60
        while True:
            try:
                request("/system")
                break
            except OSError:
                assert process.poll() is None, (tmp_path / "log").read_text()
                assert time.monotonic() < deadline, (tmp_path / "log").read_text()
                time.sleep(0.2)
        yield request
    finally:
        process.terminate()
        process.wait(30)


def found(ask, level, **query):
    """Orthanc's numbers of what fits a query."""
    return json.loads(ask("/tools/find", json.dumps({"Level": level, "Query": query}).encode()))


def test_a_picture_is_stored_found_and_answered_and_its_report_read_back(ask, picture, engine, tmp_path):
    ask("/instances", picture)
    (number,) = found(ask, "Instance", PatientID="P1")
    data = ask(f"/instances/{number}/file")
    source, prediction = read_source(data, "picture"), engine.predict_one(data)
    for path in write_dicom(tmp_path / "out", source, data, prediction, engine.spec):
        assert json.loads(ask("/instances", path.read_bytes()))["Status"] == "Success"
    (study,) = found(ask, "Study", PatientID="P1")
    assert len(json.loads(ask(f"/studies/{study}"))["Series"]) == 3
    (series,) = found(ask, "Series", Modality="SR")
    (report,) = json.loads(ask(f"/series/{series}"))["Instances"]
    back = dcmread(BytesIO(ask(f"/instances/{report}/file")))
    assert back == dcmread(tmp_path / "out" / "report.dcm")
    assert named(back)["Assessment"] == [prediction.assessment.level]
    (heat,) = found(ask, "Instance", SOPClassUID="1.2.840.10008.5.1.4.1.1.7")
    assert ask(f"/instances/{heat}/preview").startswith(b"\x89PNG")
