"""FHIR documents, read by fhir.resources; and the ICD codes of every class that a table has."""

import base64
import hashlib
import json
from decimal import Decimal

import cv2
import pytest
from fhir.resources.bundle import Bundle
from typer.testing import CliRunner

from dermdistill.classes import PRESETS, load_classes
from dermdistill.cli import app
from dermdistill.records.codes import icd_codes
from synthetic import lesion_image


@pytest.fixture(scope="module")
def picture(tmp_path_factory):
    path = tmp_path_factory.mktemp("fhir") / "lesion.png"
    path.write_bytes(cv2.imencode(".png", lesion_image("mel", 3)[..., ::-1])[1].tobytes())
    return path


@pytest.fixture(scope="module")
def document(picture):
    out = picture.with_suffix(".json")
    result = CliRunner().invoke(app, ["record", str(picture), "--fhir", str(out)])
    assert result.exit_code == 0, result.output
    return json.loads(out.read_text("utf-8"))


def of_kind(document, kind):
    return [entry["resource"] for entry in document["entry"] if entry["resource"]["resourceType"] == kind]


def test_it_is_a_valid_r5_bundle_whose_references_all_lead_somewhere(document):
    Bundle.model_validate(document)
    there = {entry["fullUrl"] for entry in document["entry"]}
    text = json.dumps(document)
    assert len(there) == len(document["entry"])
    referred = {part.split('"')[0] for part in text.split('"reference": "')[1:]}
    assert referred <= there
    assert referred


def test_report_and_observations_are_preliminary_and_name_the_device(document, engine):
    (report,) = of_kind(document, "DiagnosticReport")
    (device,) = of_kind(document, "Device")
    observations = of_kind(document, "Observation")
    assert {one["status"] for one in (report, *observations)} == {"preliminary"}
    assert len(report["result"]) == len(observations) == 2
    assert f"{engine.spec.name} {engine.spec.version}" in device["displayName"]
    assert device["identifier"][0]["value"] == engine.spec.spec_sha256
    urls = {entry["resource"]["resourceType"]: entry["fullUrl"] for entry in document["entry"]}
    assert all(one["device"]["reference"] == urls["Device"] for one in observations)
    assert engine.spec.intended_use in report["conclusion"]
    assert "Of 100 melanomas" in report["conclusion"]


def test_it_says_what_the_engine_answers_of_the_picture_it_refers_to(document, picture, engine):
    prediction = engine.predict_one(picture)
    assessed, probable = of_kind(document, "Observation")
    (level,) = assessed["valueCodeableConcept"]["coding"]
    assert level["code"] == prediction.assessment.level
    *classes, dangerous = [Decimal(str(part["valueQuantity"]["value"])) for part in probable["component"]]
    assert [float(p) for p in classes] == pytest.approx(list(prediction.probs.values()), abs=1e-6)
    assert float(dangerous) == pytest.approx(prediction.malignant_probability, abs=1e-6)
    (referred,) = of_kind(document, "DocumentReference")
    attachment = referred["content"][0]["attachment"]
    sha1 = hashlib.sha1(picture.read_bytes(), usedforsecurity=False).digest()
    assert (attachment["title"], base64.b64decode(attachment["hash"])) == ("lesion.png", sha1)


def test_only_codes_that_each_lesion_of_a_class_has_stand_beside_it(document):
    _, probable = of_kind(document, "Observation")
    beside = {
        part["code"]["text"]: {coding["code"] for coding in part["code"]["coding"][1:]}
        for part in probable["component"][:-1]
    }
    assert beside["Basal cell carcinoma"] == {"C44.9", "2C32"}
    assert beside["Melanoma"] == set(), "a melanoma may be in situ, D03, or invasive, C43"
    related = {
        (element["code"], target["code"]): target["relationship"]
        for one in of_kind(document, "ConceptMap")
        for element in one["group"][0]["element"]
        for target in element["target"]
    }
    assert related["mel", "C43.9"] == related["mel", "D03.9"] == "source-is-broader-than-target"
    assert related["df", "2F23.0"] == "equivalent"


def test_every_kind_of_lesion_that_a_preset_names_has_codes():
    kinds = {entry.key for name in PRESETS for entry in load_classes(name).classes if entry.key}
    without = {key for key in kinds if not icd_codes(key)}
    assert without == {"ben_oth", "mal_oth", "inf", "not_mel"}, "these are no single thing"
    assert icd_codes("made up") == ()


def test_without_the_extra_it_says_what_to_install(picture, monkeypatch):
    import builtins

    real = builtins.__import__

    def refuse(name, *rest):
        if name.startswith("fhir"):
            raise ModuleNotFoundError(name=name)
        return real(name, *rest)

    monkeypatch.setattr(builtins, "__import__", refuse)
    result = CliRunner().invoke(app, ["record", str(picture), "--fhir", str(picture.with_suffix(".x"))])
    assert "pip install 'dermdistill[records]'" in str(result.exception)
