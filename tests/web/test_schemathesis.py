"""Requests drawn at random from the server's own description, good and bad, held against what it promises."""

from pathlib import Path

import schemathesis
from hypothesis import HealthCheck, settings

from dermdistill.inference import load_bundle
from dermdistill.web import create_app

TINY = Path(__file__).parents[1] / "fixtures" / "tiny_float32"
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
