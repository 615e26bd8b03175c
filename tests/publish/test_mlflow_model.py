"""A bundle as MLflow has it, loaded and served by MLflow."""

import base64
import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import cv2
import pandas as pd
import pytest

from dermdistill.bundle import open_bundle
from dermdistill.inference import load_bundle
from dermdistill.publish.extra import PublishError
from dermdistill.publish.mlflow_model import write_mlflow
from synthetic import lesion_image

TINY = Path(__file__).parents[1] / "fixtures" / "tiny_float32"
JPEG = cv2.imencode(".jpg", lesion_image("mel", 1))[1].tobytes()


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    folder = tmp_path_factory.mktemp("mlflow") / "model"
    write_mlflow(open_bundle(TINY), folder)
    return folder


@pytest.fixture(scope="module")
def pictures():
    return [base64.b64encode(JPEG).decode(), "no base64!"]


def check(rows):
    expected = load_bundle(TINY).predict(JPEG)[0]
    assert rows[0]["diagnosis"] == expected.diagnosis
    assert rows[0]["p_mel"] == pytest.approx(expected.probs["mel"], rel=1e-8)
    assert rows[0]["assessment"] == expected.assessment.level
    assert rows[1]["error"] == "image 2 is no base64; encode the bytes of the picture's file."


def test_mlflow_loads_it(model, pictures):
    import mlflow

    loaded = mlflow.pyfunc.load_model(str(model))
    check(loaded.predict(pd.DataFrame({"image": pictures})).to_dict("records"))
    loaded.unwrap_python_model().engine.decoders.close()


@pytest.mark.slow
def test_mlflow_serves_it(model, pictures, tmp_path):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    words = [
        Path(sys.executable).with_name("mlflow"),
        "models",
        "serve",
        "-m",
        model,
        "--env-manager",
        "local",
    ]
    source = Path(__file__).parents[2] / "src"
    server = subprocess.Popen(
        [*words, "--host", "127.0.0.1", "--port", str(port)],
        env=os.environ
        | {"MLFLOW_DISABLE_TELEMETRY": "true", "PYTHONPATH": str(source)}
        | {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"},
        cwd=tmp_path,
    )
    asked = json.dumps({"dataframe_records": [{"image": picture} for picture in pictures]}).encode()
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}/invocations", asked, {"Content-Type": "application/json"}
    )
    try:
        for _ in range(240):
            try:
                with urllib.request.urlopen(request) as answer:
                    check(json.load(answer)["predictions"])
                break
            except urllib.error.URLError as error:
                if server.poll() is not None or isinstance(error, urllib.error.HTTPError):
                    raise
                time.sleep(1)
        else:
            pytest.fail("it did not answer")
    finally:
        server.terminate()
        server.wait()


def test_an_occupied_folder_is_left_alone(model):
    with pytest.raises(PublishError, match="is there already; give a new folder for the MLflow model"):
        write_mlflow(open_bundle(TINY), model)
