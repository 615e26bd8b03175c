"""Requests drawn at random from the server's own description, good and bad, held against what it promises."""

from pathlib import Path

import cv2
import numpy as np
import schemathesis
from hypothesis import HealthCheck, settings

from dermdistill.inference import load_bundle
from dermdistill.web import create_app

TINY = Path(__file__).parents[1] / "fixtures" / "tiny_float32"
JPEG = cv2.imencode(".jpg", np.full((60, 80, 3), 120, np.uint8))[1].tobytes()
APP = create_app(engine=load_bundle(TINY, threads=2))
# 413 is how too many pictures are refused; bytes drawn at random are no picture, which the schema cannot say.
CONFIG = schemathesis.Config.from_dict(
    {
        "checks": {
            "negative_data_rejection": {"expected-statuses": [400, 404, 405, 413, 415]},
            "positive_data_acceptance": {"expected-statuses": ["2xx", 400, 404, 415]},
        }
    }
)
SCHEMA = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", APP, config=CONFIG)


@SCHEMA.parametrize()
@settings(max_examples=30, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
def test_every_answer_is_one_that_the_description_promises(case):
    case.call_and_validate()


BODIES = {"/api/v1/predict": {"image": [JPEG], "heat_map": "none"}}
# Held against the description in tests/web/v2: here a list of 150,528 numbers takes two minutes.
LONG = ("/v2/models/{name}/infer", "/v2/models/{name}/versions/{version}/infer")


@SCHEMA.parametrize()
@settings(max_examples=1, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
def test_a_good_request_to_every_operation_gets_the_good_answer_that_is_described(case):
    names = {"name": "tiny_float32", "version": "0.1.0"}
    operation = case.operation
    if operation.path in LONG:
        return
    known = {parameter.name: names[parameter.name] for parameter in operation.path_parameters}
    body = {"body": BODIES[operation.path]} if operation.method == "post" else {}
    good = operation.Case(path_parameters=known, **body)
    response = good.call()
    assert response.status_code == 200, response.text
    good.validate_response(response)
