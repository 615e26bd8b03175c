from pathlib import Path

import cv2
import numpy as np
import pytest
from flask.testing import FlaskClient
from jsonschema import Draft202012Validator

from dermdistill.inference import load_bundle
from dermdistill.web import create_app

TINY = Path(__file__).parents[1] / "fixtures" / "tiny_float32"


@pytest.fixture(scope="session")
def engine():
    return load_bundle(TINY, threads=2)


@pytest.fixture
def app(engine):
    app = create_app(engine=engine)
    app.testing = True
    return app


class Client(FlaskClient):
    """Reads each answer to its end, which closes the file that a page is sent from."""

    def open(self, *args, **kwargs):
        return super().open(*args, **{"buffered": True, **kwargs})


@pytest.fixture
def client(app):
    app.test_client_class = Client
    return app.test_client()


@pytest.fixture(scope="session")
def jpeg():
    noise = np.random.default_rng(21).integers(0, 256, (30, 40, 3), np.uint8)
    return cv2.imencode(".jpg", cv2.resize(noise, (640, 480), interpolation=cv2.INTER_CUBIC))[1].tobytes()


@pytest.fixture
def description(client):
    response = client.get("/api/v1/openapi.json")
    assert response.mimetype == "application/json"
    return response.get_json()


@pytest.fixture
def fits(description):
    """Validate an answer against the schema that the server's own description has for it."""

    def check(path, method, response):
        entry = description["paths"][path][method]["responses"][str(response.status_code)]
        schema = entry["content"][response.mimetype]["schema"]
        validator = Draft202012Validator({**schema, "components": description["components"]})
        validator.validate(response.get_json())

    return check
