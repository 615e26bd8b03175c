"""gunicorn with the settings for production, as a real server of two processes."""

import contextlib
import http.client
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import cv2
import numpy as np
import pytest

TINY = Path(__file__).parent / "fixtures" / "tiny_float32"
HEAD = b'--b\r\nContent-Disposition: form-data; name="image"; filename="x"\r\n\r\n'
MULTIPART = {"Content-Type": "multipart/form-data; boundary=b"}

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="gunicorn needs fork()")


@pytest.fixture(scope="module")
def body():
    pixels = np.random.default_rng(21).integers(0, 256, (120, 160, 3), np.uint8)
    return HEAD + cv2.imencode(".jpg", pixels)[1].tobytes() + b"\r\n--b--\r\n"


@pytest.fixture(scope="module")
def numbers_before(tmp_path_factory):
    return tmp_path_factory.mktemp("numbers")


@pytest.fixture(scope="module")
def server(numbers_before):
    process, place = start(numbers_before)
    try:
        yield process, place
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0
        assert list(numbers_before.iterdir()) == [], "it leaves nothing behind"


def start(temporary, bundle=TINY):
    """Start it with a folder of its own for temporary files; return its process and host:port."""
    log = temporary.with_name(f"{temporary.name}.log")
    command = [sys.executable, "-m", "gunicorn", "-c", "python:dermdistill.production"]
    settings = ["--bind", "127.0.0.1:0", "--workers", "2"]
    environment = {**os.environ, "DERMDISTILL_BUNDLE": str(bundle), "TMPDIR": str(temporary)}
    environment.pop("PROMETHEUS_MULTIPROC_DIR", None)
    with log.open("wb") as out:
        process = subprocess.Popen([*command, *settings], stderr=out, env=environment)
    return process, _place(process, log)


def _place(process, log):
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and process.poll() is None:
        text = log.read_text()
        if "error" in text.lower():
            break
        found = re.search(r"Listening at: http://(127\.0\.0\.1:\d+)", text)
        # Eight places in each of two processes: both have opened their bundle.
        if found and "dermdistill_slots 16.0" in ask(found[1], "GET", "/metrics")[2]:
            return found[1]
        time.sleep(0.05)
    pytest.fail(f"gunicorn does not start:\n{log.read_text()}")


def ask(place, method, path, body=None, headers=MULTIPART):
    connection = http.client.HTTPConnection(place, timeout=60)
    try:
        connection.request(method, path, body, headers if body else {})
        response = connection.getresponse()
        return response.status, response.headers, response.read().decode()
    finally:
        connection.close()


def test_both_processes_answer_and_the_numbers_are_of_both(server, body, numbers_before):
    process, place = server
    with ThreadPoolExecutor(4) as people:
        replies = list(people.map(lambda _: ask(place, "POST", "/api/v1/predict", body), range(40)))
    assert {status for status, *_ in replies} == {200}
    status, _, text = ask(place, "GET", "/metrics")
    assert status == 200
    assert 'dermdistill_images_total{outcome="answered"} 40.0' in text
    assert "dermdistill_slots_busy 0.0" in text
    assert 'dermdistill_bundle_info{name="tiny_float32",quantization="float32",version="0.1.0"} 1.0' in text
    counters = list(numbers_before.glob("dermdistill-numbers-*/counter_*.db"))
    assert len(counters) == 2, "each process keeps its own counts"
    assert process.poll() is None


def test_answers_carry_the_guards_and_problems_are_json(server, body):
    _, place = server
    status, headers, _ = ask(place, "POST", "/api/v1/predict", body)
    assert status == 200
    assert headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    status, headers, text = ask(place, "POST", "/api/v1/predict", HEAD + b"no picture\r\n--b--\r\n")
    assert (status, headers["Content-Type"]) == (415, "application/problem+json"), text
    assert ask(place, "GET", "/v2/health/ready")[0] == 200


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="the system does not list open files")
def test_an_upload_half_way_lies_in_no_file(server, numbers_before):
    _, place = server
    host, port = place.split(":")
    lines = ["POST /api/v1/predict HTTP/1.1", f"Host: {place}", f"Content-Length: {len(HEAD) + 9_000_000}"]
    start = "\r\n".join([*lines, *(": ".join(item) for item in MULTIPART.items()), "", ""]).encode()
    with socket.create_connection((host, int(port)), timeout=60) as connection:
        connection.sendall(start + HEAD + b"\0" * 8_000_000)
        workers = {path.stem.split("_")[1] for path in numbers_before.glob("*/counter_*.db")}
        names = {str(file.readlink()) for pid in workers for file in Path(f"/proc/{pid}/fd").iterdir()}
    kept = {Path(name).name for name in names if name.startswith(f"{numbers_before}{os.sep}")}
    assert len(workers) == 2
    assert kept
    others = {name for name in kept if not name.startswith("wgunicorn-") and not name.endswith(".db")}
    assert others == set()


def test_many_slow_uploads_hold_up_nobody(server, body):
    _, place = server
    host, port = place.split(":")
    start = f"POST /api/v1/predict HTTP/1.1\r\nHost: {place}\r\nContent-Length: 500\r\n\r\nabc".encode()
    slow = [socket.create_connection((host, int(port)), timeout=30) for _ in range(60)]
    try:
        for connection in slow:
            connection.sendall(start)
        assert ask(place, "GET", "/v2/health/ready")[0] == 200
        assert ask(place, "POST", "/api/v1/predict", body)[0] == 200
    finally:
        for connection in slow:
            connection.close()


def test_a_request_under_way_is_answered_when_the_server_stops(tmp_path):
    process, place = start(tmp_path)
    try:
        host, port = place.split(":")
        large = cv2.imencode(".jpg", np.full((2000, 2000, 3), 160, np.uint8))[1].tobytes()
        many = (HEAD + large + b"\r\n") * 20 + b"--b--\r\n"
        lines = ["POST /api/v1/predict HTTP/1.1", f"Host: {place}", f"Content-Length: {len(many)}"]
        head = "\r\n".join([*lines, *(": ".join(item) for item in MULTIPART.items()), "", ""]).encode()
        with socket.create_connection((host, int(port)), timeout=30) as connection:
            connection.sendall(head + many)
            _wait_for(lambda: "dermdistill_slots_busy 1.0" in ask(place, "GET", "/metrics")[2])
            process.send_signal(signal.SIGTERM)
            response = http.client.HTTPResponse(connection)
            response.begin()
            assert response.status == 200
            assert response.read().count(b'"diagnosis"') == 20
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(60)


def test_a_bundle_damaged_under_the_server_reaches_no_process_that_is_started_later(tmp_path, body):
    bundle, numbers = shutil.copytree(TINY, tmp_path / "bundle"), tmp_path / "numbers"
    numbers.mkdir()
    process, place = start(numbers, bundle)
    try:
        before = ask(place, "POST", "/api/v1/predict", body)[2]
        (bundle / "model.tflite").write_bytes(b"damaged")
        process.send_signal(signal.SIGHUP)
        _wait_for(
            lambda: "goes on with the bundle that it had" in numbers.with_name("numbers.log").read_text()
        )
        _wait_for(lambda: len(workers_of(process)) == 2)
        for worker in workers_of(process):
            os.kill(worker, signal.SIGKILL)
        _wait_for(lambda: asked_again(place, body) == before)
        assert process.poll() is None
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(60)


def test_a_damaged_bundle_ends_the_start_with_one_sentence(tmp_path):
    bundle = shutil.copytree(TINY, tmp_path / "bundle")
    (bundle / "model.tflite").write_bytes(b"damaged")
    environment = {**os.environ, "DERMDISTILL_BUNDLE": str(bundle)}
    command = [
        sys.executable,
        "-m",
        "gunicorn",
        "-c",
        "python:dermdistill.production",
        "--bind",
        "127.0.0.1:0",
    ]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 2
    assert "model.tflite" in done.stderr
    assert "Traceback" not in done.stderr


def workers_of(process):
    return [int(pid) for pid in Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()]


def asked_again(place, body):
    with contextlib.suppress(OSError):
        return ask(place, "POST", "/api/v1/predict", body)[2]


def _wait_for(condition):
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)
