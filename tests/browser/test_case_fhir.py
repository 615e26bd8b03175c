"""A case saved for a patient's record, read by fhir.resources."""

import json
from pathlib import Path

from fhir.resources.bundle import Bundle

from .clinic import press
from .made_up import bring, visit


def test_the_case_view_saves_a_valid_fhir_document_of_its_pictures(page):
    bring(page, visit("mel", 0.9), visit("nv", 0.001, date="2026-05-01T10:00:00.000Z"))
    with page.expect_download() as download:
        press(page, "Save for a patient's record (FHIR)")
    assert download.value.suggested_filename.endswith(".fhir.json")
    document = json.loads(Path(download.value.path()).read_text("utf-8"))
    Bundle.model_validate(document)
    kinds = [entry["resource"]["resourceType"] for entry in document["entry"]]
    assert kinds.count("DiagnosticReport") == 2
    assert kinds.count("DocumentReference") == 2
    later = [
        entry["resource"]["conclusion"]
        for entry in document["entry"]
        if entry["resource"].get("effectiveDateTime", "").startswith("2026-05")
        and "conclusion" in entry["resource"]
    ]
    assert "raised an alarm" in later[0]
