"""Connections that say nothing, or little at a time, keep nobody out, and end."""

import contextlib
import json
import resource
import threading
import time

import pytest

from servers import answer_on, upload_head

MANY = 1100


@pytest.fixture(autouse=True, scope="module")
def _files():
    """Let this process open as many connections as the tests want."""
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(before[0], min(before[1], 8192)), before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, before)


@contextlib.contextmanager
def connections(server, number, data):
    """Keep so many connections open, each of which has said `data`."""
    with contextlib.ExitStack() as stack:
        yield [stack.enter_context(server.connect(data)) for _ in range(number)]


def is_open(connection):
    connection.settimeout(0.01)
    try:
        return connection.recv(1) != b""
    except TimeoutError:
        return True
    except OSError:
        return False


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"POST /api/v1/predict HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: ",
        upload_head(5_000_000) + b"--b\r\n",
    ],
    ids=["idle", "half a head", "half a body"],
)
def test_eleven_hundred_connections_keep_nobody_out(server, jpeg, data):
    with connections(server, MANY, data):
        for _ in range(3):
            start = time.monotonic()
            assert server.ask("GET", "/api/v1/health")[0] == 200
            assert server.predict(jpeg)[0] == 200
            assert time.monotonic() - start < 10


def test_a_head_that_trickles_in_has_one_deadline_for_all_of_it(server):
    with server.connect(b"GET /api/v1/health HTTP/1.1\r\nX-Slow: ") as connection:
        start = time.monotonic()
        while is_open(connection) and time.monotonic() - start < 30:
            with contextlib.suppress(OSError):
                connection.sendall(b"a")
            time.sleep(0.25)
        assert 8 < time.monotonic() - start < 15


def test_a_kept_connection_is_closed_when_nothing_follows(server):
    with server.connect(b"GET /api/v1/health HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n") as connection:
        assert answer_on(connection).read()
        start = time.monotonic()
        connection.sendall(b"GET /api/v1/he")
        while is_open(connection) and time.monotonic() - start < 30:
            time.sleep(0.25)
        assert time.monotonic() - start < 15


def test_half_uploads_are_bounded_together(server, jpeg):
    """Forty uploads of which 40 MB came in held 1.6 GB in one process."""
    before = server.memory()
    head = upload_head(48_000_000)
    open_ones = [server.connect(head) for _ in range(40)]

    def send(connection):
        with contextlib.suppress(OSError):
            for _ in range(40):
                connection.sendall(bytes(1_000_000))

    threads = [threading.Thread(target=send, args=(one,)) for one in open_ones]
    try:
        for thread in threads:
            thread.start()
        most = 0
        while any(thread.is_alive() for thread in threads):
            most = max(most, server.memory() - before)
            time.sleep(0.05)
        processes = len(server.workers())
        assert most < processes * 250 << 20
        assert server.predict(jpeg)[0] == 200, "a photograph comes in meanwhile"
    finally:
        for connection in open_ones:
            connection.close()
        for thread in threads:
            thread.join()


def test_without_a_key_nothing_is_read_of_a_body(locked):
    with locked.connect(upload_head(40_000_000)) as connection:
        start = time.monotonic()
        response = answer_on(connection)
        body = json.loads(response.read())
        assert time.monotonic() - start < 2
        assert (response.status, body["type"]) == (401, "urn:dermdistill:problem:unauthorized")
        assert response.headers["Connection"] == "close"


def test_whoever_waits_for_a_word_before_sending_a_body_gets_it_only_with_a_key(locked):
    for key, said in (("", b"HTTP/1.1 401"), ("a-key-of-the-clinic", b"HTTP/1.1 100")):
        with locked.connect(upload_head(500, X_API_Key=key, Expect="100-continue")) as connection:
            assert connection.recv(12) == said


def test_health_is_answered_without_a_key_while_keyless_uploads_press(locked):
    with connections(locked, 300, upload_head(40_000_000) + bytes(60_000)):
        assert locked.ask("GET", "/v2/health/live")[0] == 200


def test_too_long_a_head_is_refused(server):
    with server.connect(b"GET / HTTP/1.1\r\n") as connection:
        with contextlib.suppress(OSError):
            for number in range(40_000):
                connection.sendall(f"X-{number}: {'a' * 100}\r\n".encode())
        with contextlib.suppress(OSError):
            assert answer_on(connection).status in (400, 431)
    assert server.memory() < 900 << 20
