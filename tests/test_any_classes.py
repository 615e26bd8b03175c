"""Two classes and eleven, from prepared data to the server: nothing on the way knows a diagnosis by name."""

import io
import json

import cv2
import numpy as np
import pandas as pd
import pytest

from dermdistill.classes import load_classes
from dermdistill.inference import load_bundle
from dermdistill.metrics.decisions import decide, priors_as_vector
from dermdistill.metrics.predictions import codes_of, find_classes, labels_of, probs_of, read_predictions
from dermdistill.runs import read_run
from dermdistill.web import create_app
from synthetic import lesion_image

TABLES = {
    "bundle_of_two": load_classes("ham10000").keep(["mel", "nv"]),
    "bundle_of_eleven": load_classes("milk10k"),
}


@pytest.fixture(scope="module", params=list(TABLES))
def made(request):
    """A bundle's folder and the classes that it must have."""
    return request.getfixturevalue(request.param), TABLES[request.param]


def test_bundle_json_states_the_classes_that_training_saw(made):
    bundle_dir, table = made
    spec = load_bundle(bundle_dir, threads=1).spec
    assert (spec.table.codes, spec.class_table, spec.melanoma) == (table.codes, table.name, "mel")
    for entry in spec.classes:
        known = table[entry.code]
        assert (entry.name, entry.plain, entry.risk, entry.key) == (
            *(known.name, known.plain, known.risk),
            known.key,
        )
    assert spec.outputs["logits"].shape == [len(table)]
    assert {point.target for point in spec.operating_points} == {"melanoma", "malignant"}
    assert set(spec.conformal.levels[0].quantiles) == set(spec.class_priors) == set(table.codes)
    run = read_run(bundle_dir.parent / "runs" / "tiny")
    assert run.classes == table


def test_the_engine_answers_in_these_classes(made):
    bundle_dir, table = made
    [answer] = load_bundle(bundle_dir, threads=1).predict(lesion_image(table.codes[0], 5))
    assert tuple(answer.probs) == table.codes
    assert sum(answer.probs.values()) == pytest.approx(1)
    expected = sum(answer.probs[code] for code in table.malignant)
    assert answer.malignant_probability == pytest.approx(expected)
    assert (answer.name, answer.risk) == (table[answer.diagnosis].name, table[answer.diagnosis].risk)


def test_its_predictions_and_report_have_these_classes(made):
    bundle_dir, table = made
    path = bundle_dir.with_name(f"{bundle_dir.name}_predictions.csv")
    frame = read_predictions(path)
    assert codes_of(frame) == table.codes
    assert find_classes(path, table.codes) == table
    report_dir = bundle_dir.with_name(f"{bundle_dir.name}_report")
    report = json.loads((report_dir / "report.json").read_text("utf-8"))
    assert set(report["classes"]) == set(table.codes)
    roc = pd.read_csv(report_dir / "roc.csv")
    assert set(roc["diagnosis"]) == set(table.codes)
    assert (report_dir / "roc.png").stat().st_size > 10_000


def test_with_naevi_and_melanomas_only_its_own_decision_is_as_accurate_as_argmax(bundle_of_two):
    """A prior-corrected decision must not favour a class that no training image has."""
    spec = load_bundle(bundle_of_two, threads=1).spec
    assert spec.decision == "argmax_p_over_prior"
    figures = spec.metrics.values
    assert figures["accuracy"].value >= figures["accuracy_argmax_p"].value
    frame = read_predictions(bundle_of_two.with_name(f"{bundle_of_two.name}_predictions.csv"))
    priors = priors_as_vector(spec.class_priors, spec.codes)
    decided = decide(probs_of(frame), "argmax_p_over_prior", priors)
    plain = probs_of(frame).argmax(axis=1)
    labels = labels_of(frame)
    assert (decided == labels).mean() >= (plain == labels).mean() > 0.5


def test_the_server_answers_in_these_classes(made):
    bundle_dir, table = made
    client = create_app(bundle_dir, slots=2).test_client()
    png = cv2.imencode(".png", lesion_image(table.codes[0], 5)[..., ::-1])[1].tobytes()
    reply = client.post("/api/v1/predict", data={"image": (io.BytesIO(png), "lesion.png")})
    assert reply.status_code == 200
    [answer] = reply.get_json()["predictions"]
    assert set(answer["probabilities"]) == set(table.codes)
    assert (answer["name"], answer["plain"], answer["risk"], answer["key"]) == (
        *(table[answer["diagnosis"]].name, table[answer["diagnosis"]].plain),
        *(table[answer["diagnosis"]].risk, table[answer["diagnosis"]].key),
    )
    described = client.get("/api/v1/model").get_json()["classes"]
    assert [entry["code"] for entry in described] == list(table.codes)


def test_the_open_inference_protocol_has_as_many_columns(made):
    bundle_dir, table = made
    app = create_app(bundle_dir, slots=2)
    client = app.test_client()
    name, size = app.engine.spec.name, app.engine.spec.input.size
    outputs = client.get(f"/v2/models/{name}").get_json()["outputs"]
    shapes = {output["name"]: output["shape"] for output in outputs}
    assert shapes["probabilities"] == shapes["logits"] == [-1, len(table)]
    square = np.full((1, size, size, 3), 128, np.uint8)
    tensor = {
        "name": "image",
        "datatype": "UINT8",
        "shape": list(square.shape),
        "data": square.ravel().tolist(),
    }
    reply = client.post(f"/v2/models/{name}/infer", json={"inputs": [tensor]})
    given = {output["name"]: output for output in reply.get_json()["outputs"]}
    assert given["probabilities"]["shape"] == [1, len(table)]
    assert sum(given["probabilities"]["data"]) == pytest.approx(1, abs=1e-5)
