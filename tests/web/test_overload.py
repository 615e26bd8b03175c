"""More than the server can do, over real connections: it says so at once, hangs nobody, and recovers."""

import http.client
import json
import socket
import statistics
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from urllib.parse import urlsplit

import pytest

from dermdistill.web import create_app
from dermdistill.web.serving.serve import serve

SLOTS = 3
SITE = "https://clinic.example"


class Gate:
    """The engine behind a gate that the test opens."""

    def __init__(self, engine):
        self.engine, self.spec, self.threads = engine, engine.spec, engine.threads
        self.entered, self.open = threading.Semaphore(0), threading.Event()

    def stream(self, images):
        self.entered.release()
        assert self.open.wait(60)
        yield from self.engine.stream(images)


@pytest.fixture
def gate(engine):
    gate = Gate(engine)
    yield gate
    gate.open.set()


@pytest.fixture
def place(gate):
    return served(create_app(engine=gate, slots=SLOTS))


def served(app):
    """Serve an application on a free port; return its host and port."""
    found, ready = [], threading.Event()
    keywords = {"host": "127.0.0.1", "port": 0, "started": lambda url: (found.append(url), ready.set())}
    threading.Thread(target=serve, args=(app,), kwargs=keywords, daemon=True).start()
    assert ready.wait(20)
    return urlsplit(found[0]).netloc


def ask(place, jpeg):
    """Send one picture; return status, headers, JSON and the seconds it took."""
    body = (
        b'--b\r\nContent-Disposition: form-data; name="image"; filename="x"\r\n\r\n' + jpeg + b"\r\n--b--\r\n"
    )
    connection = http.client.HTTPConnection(place, timeout=60)
    try:
        start = time.perf_counter()
        connection.request(
            "POST", "/api/v1/predict", body, {"Content-Type": "multipart/form-data; boundary=b"}
        )
        response = connection.getresponse()
        answer = json.load(response)
        return response.status, response.headers, answer, time.perf_counter() - start
    finally:
        connection.close()


def test_a_burst_fills_the_places_and_all_others_are_sent_away_at_once(place, gate, jpeg):
    with ThreadPoolExecutor(40) as people:
        asked = [people.submit(ask, place, jpeg) for _ in range(40)]
        for _ in range(SLOTS):
            assert gate.entered.acquire(timeout=30)
        deadline = time.monotonic() + 30
        while sum(one.done() for one in asked) < 40 - SLOTS and time.monotonic() < deadline:
            time.sleep(0.01)
        refused = [one.result() for one in asked if one.done()]
        assert [status for status, *_ in refused] == [503] * (40 - SLOTS)
        for _, headers, body, _ in refused:
            assert headers["Retry-After"] == "1"
            assert headers["Content-Type"] == "application/problem+json"
            assert body["type"].endswith("busy")
        alone = [ask(place, jpeg) for _ in range(15)]
        assert {status for status, *_ in alone} == {503}
        # The median: other work on the machine may hold up a few of them.
        assert statistics.median(seconds for *_, seconds in alone) < 0.1
        gate.open.set()
        answered = [one.result(60) for one in asked if one.result(60)[0] == 200]
    assert len(answered) == SLOTS
    assert ask(place, jpeg)[0] == 200, "it recovers"


def test_health_and_numbers_are_answered_while_all_places_are_taken(place, gate, jpeg):
    with ThreadPoolExecutor(SLOTS) as people:
        asked = [people.submit(ask, place, jpeg) for _ in range(SLOTS)]
        for _ in range(SLOTS):
            assert gate.entered.acquire(timeout=30)
        connection = http.client.HTTPConnection(place, timeout=30)
        connection.request("GET", "/v2/health/ready")
        assert json.load(connection.getresponse()) == {"ready": True}
        connection.request("GET", "/metrics")
        assert f"dermdistill_slots_busy {SLOTS}.0" in connection.getresponse().read().decode()
        connection.close()
        gate.open.set()
        assert [one.result(60)[0] for one in asked] == [200] * SLOTS


def test_more_connections_than_threads_wait_without_keeping_anyone_out(place, gate, jpeg):
    gate.open.set()
    host, port = place.split(":")
    idle = [socket.create_connection((host, int(port)), timeout=30) for _ in range(150)]
    try:
        assert ask(place, jpeg)[0] == 200
    finally:
        for connection in idle:
            connection.close()


def test_a_request_that_passes_its_deadline_is_given_up_and_frees_its_place(engine, jpeg):
    class Slow:
        spec, threads = engine.spec, engine.threads
        closed = False

        def stream(self, images):
            try:
                for answer in engine.stream(images):
                    time.sleep(0.05)
                    yield answer
            finally:
                Slow.closed = True

    app = create_app(engine=Slow(), slots=1, deadline_s=0.01)
    client = app.test_client()
    images = [(BytesIO(jpeg), "a.jpg") for _ in range(4)]
    late = client.post("/api/v1/predict", data={"image": images})
    assert late.status_code == 503
    assert late.headers["Retry-After"] == "1"
    assert late.get_json()["type"].endswith("deadline")
    assert Slow.closed, "the engine must be told to stop"
    assert app.slots.busy == 0
    one = client.post("/api/v1/predict", data={"image": (BytesIO(jpeg), "a.jpg")})
    assert one.status_code == 200, "what is finished is given, even late"


@pytest.mark.parametrize(
    ("path", "media"),
    [("/api/v1/predict", "application/problem+json"), ("/v2/models/m/infer", "application/json")],
)
def test_a_request_far_over_the_limit_is_cut_before_it_is_sent_and_told_why(place, path, media):
    host, port = place.split(":")
    with socket.create_connection((host, int(port)), timeout=30) as connection:
        head = f"POST {path} HTTP/1.1\r\nHost: {place}\r\nContent-Length: 100000000\r\n\r\n"
        connection.sendall(head.encode())
        response = http.client.HTTPResponse(connection)
        response.begin()
        body = json.load(response)
    assert response.status == 413
    assert response.headers["Content-Type"] == media
    said = body["detail"] if "detail" in body else body["error"]
    assert f"larger than {48 * 1024 * 1024} bytes" in said


@pytest.mark.parametrize(("origin", "readable"), [(SITE, True), ("https://evil.example", False)])
def test_a_script_that_may_use_the_api_can_read_that_it_was_cut(engine, origin, readable):
    place = served(create_app(engine=engine, cors_origins=[SITE]))
    connection = http.client.HTTPConnection(place, timeout=30)
    connection.putrequest("POST", "/api/v1/predict")
    connection.putheader("Origin", origin)
    connection.putheader("Content-Length", "100000000")
    connection.endheaders()
    response = connection.getresponse()
    assert response.status == (413 if readable else 403)
    assert response.headers["Vary"] == "Origin"
    assert response.headers["Access-Control-Allow-Origin"] == (SITE if readable else None)
    connection.close()


def test_what_is_no_http_is_an_error(place):
    host, port = place.split(":")
    with socket.create_connection((host, int(port)), timeout=30) as connection:
        connection.sendall(b"POST / HTTP/1.1\r\nContent-Length: many\r\n\r\n")
        response = http.client.HTTPResponse(connection)
        response.begin()
        assert response.status == 400


@pytest.mark.parametrize(
    "sent",
    [
        b"FOO\r\n\r\n",
        b"\x16\x03\x01\r\n\r\n",
        b"GET  / HTTP/1.1\r\n\r\n",
        b"GET / HTTP/1.1\r\nbad header\r\n\r\n",
        b"GET / HTTP/1.1\r\n folded: header\r\n\r\n",
    ],
)
def test_a_line_that_is_no_request_is_answered_and_closed(place, sent):
    host, port = place.split(":")
    with socket.create_connection((host, int(port)), timeout=30) as connection:
        connection.sendall(sent)
        response = http.client.HTTPResponse(connection)
        response.begin()
        assert response.status == 400
        response.read()
        assert connection.recv(1) == b"", "the server closes it"


def test_any_number_of_broken_requests_leaves_the_server_alive(place):
    host, port = place.split(":")
    for _ in range(600):  # more than it accepts at once
        with socket.create_connection((host, int(port)), timeout=30) as connection:
            connection.sendall(b"\x16\x03\x01\r\n\r\n")
    connection = http.client.HTTPConnection(place, timeout=30)
    connection.request("GET", "/api/v1/health")
    assert connection.getresponse().status == 200
    connection.close()
