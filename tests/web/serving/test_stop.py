"""Servers that are asked to stop, and processes that die."""

import os
import signal
import threading
import time
from http.client import HTTPException

import pytest

from servers import HEAD, MULTIPART, answer_on, started, upload_head


def many(jpeg, count):
    return (HEAD + jpeg + b"\r\n") * count + b"--b--\r\n"


@pytest.mark.parametrize("kind", ["serve", "production"])
def test_asked_to_stop_it_finishes_what_is_under_way(kind, tmp_path, jpeg):
    body = many(jpeg, 32)
    with started(kind, tmp_path) as server:
        connection = server.connect(upload_head(len(body)) + body[:-10])  # all but its end
        idle = server.connect()
        time.sleep(0.3)
        server.process.send_signal(signal.SIGTERM)
        time.sleep(0.3)
        connection.sendall(body[-10:])
        response = answer_on(connection)
        assert response.status == 200
        assert response.read().count(b'"diagnosis"') == 32
        start = time.monotonic()
        assert server.process.wait(20) == 0
        assert time.monotonic() - start < 5, "nobody waits for a connection that says nothing"
        connection.close()
        idle.close()


def test_asked_to_stop_it_does_not_wait_for_ever(tmp_path):
    with started("serve", tmp_path) as server, server.connect(upload_head(5000) + b"half"):
        time.sleep(0.3)
        server.process.send_signal(signal.SIGTERM)
        assert server.process.wait(30) == 0


def test_a_process_that_dies_loses_its_own_requests_only(tmp_path, jpeg):
    with started("production", tmp_path) as server:
        statuses, end = [], time.monotonic() + 8

        def ask():
            while time.monotonic() < end:
                try:
                    statuses.append(server.predict(jpeg)[0])
                except (OSError, HTTPException):
                    statuses.append(0)

        people = [threading.Thread(target=ask) for _ in range(6)]
        for person in people:
            person.start()
        for _ in range(3):
            time.sleep(2)
            os.kill(server.workers()[0], signal.SIGKILL)
        for person in people:
            person.join()
        # Each death costs what that process had begun or taken in: at most one request a person.
        assert statuses.count(0) <= 3 * len(people)
        assert set(statuses) <= {0, 200, 503}
        assert statuses.count(200) > 5 * statuses.count(0)
        time.sleep(2)
        assert server.predict(jpeg)[0] == 200
        assert len(server.workers()) == 2
        metrics = server.ask("GET", "/metrics", headers=MULTIPART)[2].decode()
        assert "dermdistill_slots 16.0" in metrics, "places of the dead count no longer"
