"""A real server on a real socket."""

import json
import socket
import threading
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor

import pytest

from dermdistill.web import create_app
from dermdistill.web.serving.serve import ServeError, serve


@pytest.fixture(scope="module")
def address(engine):
    app = create_app(engine=engine, max_request_bytes=4_000_000)
    found, ready = [], threading.Event()

    def started(url):
        found.append(url)
        ready.set()

    # A daemon: a server stops by a signal, which its thread does not get.
    keywords = {"host": "127.0.0.1", "port": 0, "started": started}
    threading.Thread(target=serve, args=(app,), kwargs=keywords, daemon=True).start()
    assert ready.wait(20)
    return found[0]


def post(address, *images):
    boundary = "a-boundary-that-no-picture-holds"
    parts = [
        f'--{boundary}\r\nContent-Disposition: form-data; name="image"; filename="x"\r\n\r\n'.encode()
        + image
        + b"\r\n"
        for image in images
    ]
    body = b"".join(parts) + f"--{boundary}--\r\n".encode()
    headers = {"Content-Type": f"multipart/form-data; boundary={boundary}"}
    request = urllib.request.Request(f"{address}api/v1/predict", body, headers)
    try:
        with urllib.request.urlopen(request, timeout=30) as response:
            return response.status, json.load(response)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.load(error)


def test_page_and_answer_over_http(address, jpeg, engine):
    with urllib.request.urlopen(address, timeout=30) as response:
        assert b"Research use only." in response.read()
        assert "Server" not in response.headers
    status, body = post(address, jpeg)
    assert status == 200
    [expected] = engine.predict(jpeg)
    assert body["predictions"][0]["diagnosis"] == expected.diagnosis


def test_eight_at_once_get_the_same_answer(address, jpeg):
    with ThreadPoolExecutor(8) as workers:
        answers = list(workers.map(lambda _: post(address, jpeg), range(40)))
    assert {status for status, _ in answers} <= {200, 503}
    bodies = {json.dumps(body) for status, body in answers if status == 200}
    assert len(bodies) == 1


def test_a_large_body_stays_in_memory_and_a_larger_one_is_413(address, jpeg, monkeypatch):
    import tempfile

    def refuse(*_, **__):
        raise AssertionError("an upload went to a temporary file")

    monkeypatch.setattr(tempfile, "TemporaryFile", refuse)
    assert post(address, jpeg + bytes(3_000_000))[0] == 200
    status, body = post(address, jpeg + bytes(4_200_000))
    assert status == 413
    assert body["type"].endswith("request-entity-too-large")


def test_a_taken_port_is_one_sentence(engine):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(
            ServeError, match=f"^Port {port} on 127.0.0.1 is in use; give another with --port.$"
        ):
            serve(create_app(engine=engine), host="127.0.0.1", port=port, started=print)


def test_an_address_that_is_not_ours_is_one_sentence(engine):
    with pytest.raises(ServeError, match="--host"):
        serve(create_app(engine=engine), host="203.0.113.7", port=0, started=print)
