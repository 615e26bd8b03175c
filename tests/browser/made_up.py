"""Cases whose answers are made up, brought in as an exported file: the page shows them as its own."""

import base64
import json
from typing import Any

from playwright.sync_api import Page, expect

from dermdistill.bundle import default_bundle_path
from ham10000 import TABLE

from .clinic import picture_file

SPEC = json.loads((default_bundle_path() / "bundle.json").read_text("utf-8"))
# The thresholds that the page uses: each keeps its sensitivity on new lesions.
THRESHOLDS = {
    point["sensitivity"]: point["cautious"]["threshold"]
    for point in SPEC["operating_points"]
    if point["target"] == "malignant"
}
THRESHOLD = THRESHOLDS[0.95]  # what it takes at first


def visit(
    diagnosis: str,
    malignant: float,
    *,
    others: tuple[str, ...] = (),
    refused: bool = False,
    date: str = "2026-03-01T10:00:00.000Z",
    version: str = "1.0.0",
    conformal: dict[str, Any] | None = SPEC["conformal"],
    probs: dict[str, float] | None = None,
    quality: tuple[str, ...] = (),
    told: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """One picture, answered with that kind and that probability of a malignant or precursor lesion.

    The probability lies on the kind itself, or where it is benign on basal cell carcinoma, so that melanoma's
    own threshold plays no part; `probs` are others. `told` is what was told when it was saved.
    """
    kind = TABLE[diagnosis]
    png = base64.b64encode(picture_file(diagnosis, 1)["buffer"]).decode()
    student = {key: SPEC[key] for key in ("classes", "operating_points", "melanoma")}
    dangerous = kind.risk != "benign"
    rest = {"nv": 1 - malignant} if dangerous else {diagnosis: 1 - malignant, "bcc": malignant}
    given = probs or (rest | {diagnosis: malignant} if dangerous else rest)
    return {
        "id": f"{diagnosis}-{date}",
        "date": date,
        "picture": f"data:image/png;base64,{png}",
        "student": {**student, "conformal": conformal},
        "answer": {
            "diagnosis": diagnosis,
            "name": kind.name,
            "plain": kind.plain,
            "risk": kind.risk,
            "key": kind.key,
            "probabilities": {entry["code"]: given.get(entry["code"], 0.0) for entry in SPEC["classes"]},
            "malignant_probability": malignant,
            "heat_map": [[0, 1], [1, 0]],
            "quality": [{"code": code, "message": code} for code in quality],
            "conformal": [{"coverage": 0.9, "codes": [diagnosis, *others]}],
            "out_of_distribution": {"score": 2.0 if refused else 0.5, "refused": refused},
            "bundle": {"name": "student", "version": version},
            "engine": "device",
            "milliseconds": None,
        },
        **({"told": told} if told else {}),
    }


def bring(page: Page, *visits: dict[str, Any], patient: str = "P-1") -> None:
    """Keep one case with these pictures and open it at the last."""
    words = {"patient": patient, "site": "front.chest", "notes": ""}
    case = {"id": patient, **words, "created": visits[0]["date"], "visits": list(visits)}
    written = {"format": "dermdistill-cases", "version": 1, "cases": [case]}
    page.goto("/#cases")
    expect(page.locator(".cases .actions")).to_be_visible()
    file = {"name": "cases.json", "mimeType": "application/json", "buffer": json.dumps(written).encode()}
    page.set_input_files("#import", file)
    expect(page.locator("#status")).to_contain_text("Cases brought back: 1.")
    page.goto(f"/#case/{patient}")
    expect(page.locator(".answer")).to_be_visible()
