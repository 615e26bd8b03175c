"""A picture that ends its decoder is its sender's error; whoever else asks at that moment gets an answer."""

import os
import signal
import threading
import time
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from dermdistill.inference import load_bundle
from dermdistill.web import create_app

from .conftest import TINY


@pytest.fixture
def slow():
    """A small PNG that takes its decoder half a second and 170 MB."""
    file = BytesIO()
    Image.new("RGB", (5000, 4900), (200, 120, 90)).save(file, "PNG")
    return file.getvalue()


def post(app, data):
    return app.test_client().post("/api/v1/predict", data={"image": (BytesIO(data), "lesion")}, buffered=True)


def grown(processes):
    for _ in range(6000):
        for process in processes:
            pages = int(Path(f"/proc/{process}/statm").read_text().split()[1])
            if pages * os.sysconf("SC_PAGE_SIZE") > 170_000_000:
                return process
        time.sleep(0.005)
    raise AssertionError("no decoder is at work")


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="looks at processes as Linux shows them")
def test_a_picture_that_ends_its_decoder_is_one_senders_error(jpeg, slow):
    engine = load_bundle(TINY, threads=2, apart=True)
    app = create_app(engine=engine)
    right = post(app, jpeg).get_json()
    answers = []
    sender = threading.Thread(target=lambda: answers.append(post(app, slow)))
    sender.start()
    os.kill(grown(engine.decoders.processes()), signal.SIGKILL)
    for _ in range(5):
        assert post(app, jpeg).get_json() == right
    sender.join(60)
    assert answers[0].status_code == 400
    problem = answers[0].get_json()
    assert problem["type"] == "urn:dermdistill:problem:unreadable-image"
    assert "ends its decoder" in problem["detail"]
    engine.decoders.close()
