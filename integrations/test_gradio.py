"""The Gradio app of a model repository, run by gradio and asked by its own client."""

import shutil
import socket
import sys
from importlib.metadata import version

import cv2
import numpy as np
import pytest
from gradio_client import Client, handle_file

from conftest import running
from dermdistill.bundle import default_bundle_path
from dermdistill.publish.hub import _APP
from dermdistill.records.words import LEVELS


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    folder = tmp_path_factory.mktemp("repository") / "hub"
    shutil.copytree(default_bundle_path(), folder)
    (folder / "space").mkdir()
    (folder / "space" / "app.py").write_text(_APP)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = {
        "GRADIO_SERVER_NAME": "127.0.0.1",
        "GRADIO_SERVER_PORT": str(port),
        "GRADIO_ANALYTICS_ENABLED": "False",
        "HF_HUB_OFFLINE": "1",
    }
    command = [sys.executable, str(folder / "space" / "app.py")]
    with running(command, folder, f"http://127.0.0.1:{port}/config", **environment):
        yield f"http://127.0.0.1:{port}/"


def test_the_app_answers_as_the_engine(place, engine, pixels, tmp_path):
    picture = tmp_path / "picture.png"
    cv2.imwrite(str(picture), cv2.cvtColor(pixels[0], cv2.COLOR_RGB2BGR))
    told, label, heat = Client(place, verbose=False).predict(handle_file(str(picture)), api_name="/predict")
    prediction = engine.predict_one(picture)
    assert LEVELS[prediction.assessment.level] in told
    assert "Of 100 melanomas" in told
    names = {entry.name: entry.code for entry in engine.spec.classes}
    shown = {names[one["label"]]: one["confidence"] for one in label["confidences"]}
    assert shown == pytest.approx(prediction.probs, abs=1e-5)
    path = heat if isinstance(heat, str) else heat["path"]
    assert cv2.imread(path).shape == (*np.shape(pixels[0])[:2], 3)
    print("gradio", version("gradio"))
