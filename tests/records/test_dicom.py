"""The report and the heat map of a DICOM picture, read by pydicom and validated by dciodvfy."""

import re
import subprocess

import numpy as np
import pytest
from pydicom import dcmread
from typer.testing import CliRunner

from dermdistill.cli import app
from dermdistill.imaging import decode_image
from dermdistill.inference import overlay_png
from synthetic import lesion_image

from .conftest import dicom_picture

LESION = lesion_image("nv", 4, height=120, width=160)


@pytest.fixture
def written(picture, tmp_path):
    """The picture's file and the folder that `dermdistill record` made."""
    (tmp_path / "picture.dcm").write_bytes(picture)
    result = CliRunner().invoke(
        app, ["record", str(tmp_path / "picture.dcm"), "--dicom", str(tmp_path / "out")]
    )
    assert result.exit_code == 0, result.output
    return tmp_path / "picture.dcm", tmp_path / "out"


def items(content):
    """Every content item of a document, flat."""
    for item in content:
        yield item
        yield from items(item.get("ContentSequence", []))


def named(report):
    """Values of a report by the meaning of their names: numbers, or the code meanings."""
    found = {}
    for item in items(report.ContentSequence):
        name = item.ConceptNameCodeSequence[0].CodeMeaning if "ConceptNameCodeSequence" in item else ""
        if item.ValueType == "NUM":
            found[name] = float(item.MeasuredValueSequence[0].NumericValue)
        elif item.ValueType == "CODE":
            found.setdefault(name, []).append(item.ConceptCodeSequence[0].CodeValue)
    return found


def test_the_report_says_what_the_engine_answers_and_that_it_is_preliminary(written, engine):
    picture, out = written
    source, report = dcmread(picture), dcmread(out / "report.dcm")
    prediction = engine.predict_one(picture)
    assert (report.PreliminaryFlag, report.VerificationFlag) == ("PRELIMINARY", "UNVERIFIED")
    assert (report.PatientID, report.StudyInstanceUID) == (source.PatientID, source.StudyInstanceUID)
    assert report.SeriesInstanceUID != source.SeriesInstanceUID
    found = named(report)
    for entry in engine.spec.classes:
        assert found[f"Probability: {entry.name}"] == pytest.approx(prediction.probs[entry.code], rel=1e-4)
    risky = found["Probability: malignant or a precursor"]
    assert risky == pytest.approx(prediction.malignant_probability, rel=1e-4)
    assert found["Assessment"] == [prediction.assessment.level]
    assert found.get("Class named", []) == list(prediction.assessment.classes)
    assert found.get("Reason", []) == [reason[:16] for reason in prediction.assessment.reasons]
    upper = found["Of 100 melanomas told no sign of danger, 95 % upper bound"]
    assert upper == pytest.approx(prediction.missed_melanomas.high)
    (template,) = report.ContentTemplateSequence
    assert template.TemplateIdentifier == "1500"
    (study,) = report.CurrentRequestedProcedureEvidenceSequence
    referenced = study.ReferencedSeriesSequence[0].ReferencedSOPSequence[0].ReferencedSOPInstanceUID
    assert referenced == source.SOPInstanceUID


def test_the_heat_map_is_the_overlay_in_the_same_study(written, engine):
    import cv2

    picture, out = written
    source, capture = dcmread(picture), dcmread(out / "heat_map.dcm")
    assert capture.SOPClassUID == "1.2.840.10008.5.1.4.1.1.7"
    assert capture.StudyInstanceUID == source.StudyInstanceUID
    assert capture.SourceImageSequence[0].ReferencedSOPInstanceUID == source.SOPInstanceUID
    image = decode_image(picture.read_bytes())
    png = overlay_png(image, engine.predict_one(picture).heat_map)
    expected = cv2.cvtColor(cv2.imdecode(np.frombuffer(png, np.uint8), cv2.IMREAD_COLOR), cv2.COLOR_BGR2RGB)
    np.testing.assert_array_equal(capture.pixel_array, expected)


def test_dciodvfy_finds_no_error(written, installed):
    dciodvfy = installed("dciodvfy", "dicom3tools")
    for name in ("report.dcm", "heat_map.dcm"):
        done = subprocess.run([dciodvfy, written[1] / name], capture_output=True, text=True, check=False)
        said = done.stdout + done.stderr
        assert re.match(r"EnhancedSR|SCImage", said), said
        assert [line for line in said.splitlines() if line.startswith(("Error", "Abort"))] == []
        warnings = {line for line in said.splitlines() if line.startswith("Warning")}
        # A private scheme is none that it knows; nothing says on which side the lesion is.
        assert [line for line in warnings if not re.search("99DERMDISTILL|Laterality", line)] == []


@pytest.mark.parametrize(
    ("name", "data", "sentence"),
    [
        ("x.png", None, "is no DICOM file"),
        ("x.dcm", dicom_picture("dermoscopic", LESION, StudyInstanceUID=""), "lacks StudyInstanceUID"),
    ],
)
def test_what_no_report_can_be_of_is_one_sentence(tmp_path, name, data, sentence):
    import cv2

    path = tmp_path / name
    path.write_bytes(data or cv2.imencode(".png", LESION)[1].tobytes())
    result = CliRunner().invoke(app, ["record", str(path), "--dicom", str(tmp_path / "out")])
    assert sentence in str(result.exception)
    assert not (tmp_path / "out").exists()


def test_a_picture_that_names_nobody_still_gets_its_report(tmp_path):
    path = tmp_path / "x.dcm"
    path.write_bytes(dicom_picture("dermoscopic", LESION, PatientID="", PatientName="", StudyDate=""))
    result = CliRunner().invoke(app, ["record", str(path), "--dicom", str(tmp_path / "out")])
    assert result.exit_code == 0, result.output
    assert dcmread(tmp_path / "out" / "report.dcm").PatientID == ""
