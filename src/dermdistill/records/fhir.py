"""An answer as FHIR R5: a Bundle of a DiagnosticReport, its Observations, the device and the picture.

Its status is preliminary, and it names the device, not a person. The picture is referred to by name, size and
hash; it is not inside. A ConceptMap says how each class relates to ICD codes: few are equivalent.
Source: hl7.org/fhir/R5/diagnosticreport.html. fhir.resources checks what is written.
"""

import base64
import hashlib
import json
import uuid
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from dermdistill.bundle import BundleSpec, ClassSpec
from dermdistill.errors import DermDistillError
from dermdistill.files import write_atomically
from dermdistill.inference import Prediction
from dermdistill.records.codes import icd_codes, sources
from dermdistill.records.words import LEVELS, REASONS, WORDS, missed_sentence

URN = "urn:dermdistill"
_RELATIONS = {
    "equivalent": "equivalent",
    "narrower": "source-is-narrower-than-target",
    "broader": "source-is-broader-than-target",
    "related": "related-to",
}


class FhirError(DermDistillError):
    """A FHIR document cannot be made."""


def refuse_without_fhir() -> None:
    """Raise early when the extra is not installed.

    Raises:
        FhirError: says what to install.
    """
    try:
        import fhir.resources  # noqa: F401, PLC0415 - of the extra
    except ModuleNotFoundError as error:
        raise FhirError(
            f"FHIR needs {error.name}, not installed here: pip install 'dermdistill[records]'."
        ) from error


def write_fhir(path: Path, picture: bytes, prediction: Prediction, spec: BundleSpec, *, name: str) -> None:
    """Write one picture's answer as JSON; see `fhir_bundle`.

    Raises:
        FhirError: fhir.resources is missing.
        OSError: the file cannot be written.
    """
    document = fhir_bundle(picture, prediction, spec, name=name)
    write_atomically(path, (json.dumps(document, indent=2, ensure_ascii=False) + "\n").encode())


def fhir_bundle(picture: bytes, prediction: Prediction, spec: BundleSpec, *, name: str) -> dict[str, Any]:
    """Make the FHIR R5 Bundle (a collection) of one picture's answer, checked by fhir.resources.

    Args:
        picture: the picture's file, which is referred to by its SHA-1, as FHIR has it, and its length.
        prediction: what the engine answered.
        spec: the bundle that answered.
        name: what the picture is called.

    Raises:
        FhirError: fhir.resources is missing.
    """
    refuse_without_fhir()
    from fhir.resources.bundle import Bundle  # noqa: PLC0415 - of the extra

    now = datetime.now(UTC).replace(microsecond=0).isoformat()
    device, document = _entry(_device(spec)), _entry(_picture(picture, name))
    shared = {
        "status": "preliminary",
        "effectiveDateTime": now,
        "device": {"reference": device["fullUrl"]},
        "derivedFrom": [{"reference": document["fullUrl"]}],
    }
    results = [
        _entry(_assessment(prediction, spec) | shared),
        _entry(_probabilities(prediction, spec) | shared),
    ]
    told = f"{LEVELS[prediction.assessment.level]}. {missed_sentence(prediction)} {spec.intended_use}"
    report = {
        "resourceType": "DiagnosticReport",
        "status": "preliminary",
        "code": {
            "coding": [{"system": "http://loinc.org", "code": "18748-4"}],
            "text": WORDS["report"],
        },
        "effectiveDateTime": now,
        "issued": now,
        "result": [{"reference": entry["fullUrl"]} for entry in results],
        "media": [{"link": {"reference": document["fullUrl"]}}],
        "conclusion": told,
    }
    entries = [_entry(report), *results, device, document, *map(_entry, _concept_maps(spec))]
    bundle = {"resourceType": "Bundle", "type": "collection", "timestamp": now, "entry": entries}
    checked: dict[str, Any] = json.loads(Bundle.model_validate(bundle).model_dump_json())
    return checked


def _entry(resource: dict[str, Any]) -> dict[str, Any]:
    return {"fullUrl": f"urn:uuid:{uuid.uuid4()}", "resource": resource}


def _device(spec: BundleSpec) -> dict[str, Any]:
    return {
        "resourceType": "Device",
        "identifier": [{"system": f"{URN}:bundle-sha256", "value": spec.spec_sha256}],
        "displayName": f"DermDistill, {spec.name} {spec.version}",
        "manufacturer": "DermDistill",
        "modelNumber": spec.name,
        "version": [{"value": spec.version}],
        "type": [{"text": WORDS["device"]}],
        "note": [{"text": spec.intended_use}],
    }


def _picture(picture: bytes, name: str) -> dict[str, Any]:
    sha1 = base64.b64encode(hashlib.sha1(picture, usedforsecurity=False).digest()).decode()
    return {
        "resourceType": "DocumentReference",
        "status": "current",
        "content": [{"attachment": {"title": name, "size": len(picture), "hash": sha1}}],
    }


def _assessment(prediction: Prediction, spec: BundleSpec) -> dict[str, Any]:
    assessment = prediction.assessment
    names = {entry.code: entry for entry in spec.classes}
    parts: list[tuple[str, str, str, str]] = [
        ("reason", REASONS[reason], f"{URN}:reason", reason) for reason in assessment.reasons
    ]
    parts += [("class named", names[code].name, _class_system(spec), code) for code in assessment.classes]
    found = {
        "resourceType": "Observation",
        "code": {"text": WORDS["told"]},
        "valueCodeableConcept": _concept(LEVELS[assessment.level], f"{URN}:assessment", assessment.level),
        "note": [{"text": missed_sentence(prediction)}, {"text": spec.intended_use}],
    }
    if parts:
        found["component"] = [
            {"code": {"text": what}, "valueCodeableConcept": _concept(text, system, code)}
            for what, text, system, code in parts
        ]
    return found


def _probabilities(prediction: Prediction, spec: BundleSpec) -> dict[str, Any]:
    dangerous = {"code": {"text": WORDS["dangerous"]}} | _share(prediction.malignant_probability)
    classes = [
        {"code": _class_concept(entry, spec)} | _share(p)
        for entry, p in zip(spec.classes, prediction.probs.values(), strict=True)
    ]
    return {
        "resourceType": "Observation",
        "code": {"text": WORDS["probabilities"]},
        "component": [*classes, dangerous],
    }


def _share(value: float) -> dict[str, Any]:
    unit = {"system": "http://unitsofmeasure.org", "code": "1"}
    return {"valueQuantity": {"value": round(value, 6), **unit}}


def _class_system(spec: BundleSpec) -> str:
    return f"{URN}:classes:{spec.name}:{spec.version}"


def _class_concept(entry: ClassSpec, spec: BundleSpec) -> dict[str, Any]:
    """The class, and those ICD codes that each of its lesions has."""
    concept = _concept(entry.name, _class_system(spec), entry.code)
    concept["coding"] += [
        {"system": icd.uri, "code": icd.code, "display": icd.title}
        for icd in icd_codes(entry.key)
        if icd.holds
    ]
    return concept


def _concept(text: str, system: str, code: str) -> dict[str, Any]:
    return {"coding": [{"system": system, "code": code, "display": text}], "text": text}


def _concept_maps(spec: BundleSpec) -> list[dict[str, Any]]:
    """How the classes relate to the codes of each classification; none for one that no class is in."""
    maps = []
    for system, source in sources().items():
        elements = [
            {"code": entry.code, "display": entry.name, "target": targets}
            for entry in spec.classes
            if (targets := _targets(entry, system))
        ]
        if not elements:
            continue
        target = next(
            icd.uri for entry in spec.classes for icd in icd_codes(entry.key) if icd.system == system
        )
        maps.append(
            {
                "resourceType": "ConceptMap",
                "status": "draft",
                "experimental": True,
                "title": f"Classes of {spec.class_table} and {source}",
                "group": [{"source": _class_system(spec), "target": target, "element": elements}],
            }
        )
    return maps


def _targets(entry: ClassSpec, system: str) -> list[dict[str, str]]:
    return [
        {"code": icd.code, "display": icd.title, "relationship": _RELATIONS[icd.relation]}
        for icd in icd_codes(entry.key)
        if icd.system == system
    ]
