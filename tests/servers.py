"""Both servers as people start them, each in processes of its own, and plain ways to ask them."""

import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

TINY = Path(__file__).parent / "fixtures" / "tiny_float32"
HEAD = b'--b\r\nContent-Disposition: form-data; name="image"; filename="x"\r\n\r\n'
MULTIPART = {"Content-Type": "multipart/form-data; boundary=b"}
START_S, STOP_S = 300, 180  # on a machine that is busy with many other things
COMMANDS = {
    "serve": ["-c", "from dermdistill.cli import main; main()", "serve", "--port", "0"],
    "production": ["-m", "gunicorn", "-c", "python:dermdistill.production", "--bind", "127.0.0.1:0", "-w2"],
}


class Server:
    """A running server: its process, and `place`, its host and port."""

    def __init__(self, kind: str, process: subprocess.Popen[bytes], log: Path):
        self.kind, self.process, self.log = kind, process, log
        self.place = ""

    @property
    def address(self) -> tuple[str, int]:
        host, port = self.place.split(":")
        return host, int(port)

    def workers(self) -> list[int]:
        """Numbers of the processes that answer: gunicorn's children, or the process itself."""
        return _children(self.process.pid) if self.kind == "production" else [self.process.pid]

    def memory(self, *, everything: bool = False) -> int:
        """Resident bytes of all processes together, without those that decode unless `everything`."""
        processes, found = {self.process.pid, *self.workers()}, 0
        if everything:
            processes |= {child for pid in processes for child in _children(pid)}
        for pid in processes:
            try:
                status = Path(f"/proc/{pid}/status").read_text()
            except OSError:  # it has just ended
                continue
            if resident := re.search(r"VmRSS:\s+(\d+) kB", status):
                found += int(resident[1]) * 1024
        return found

    def ask(self, method: str, path: str, body: bytes | None = None, headers: dict | None = None):
        """Send one request; return status, headers and body."""
        connection = http.client.HTTPConnection(self.place, timeout=60)
        try:
            connection.request(method, path, body, {} if headers is None else headers)
            response = connection.getresponse()
            return response.status, response.headers, response.read()
        finally:
            connection.close()

    def predict(self, picture: bytes, **headers: str):
        """Send one picture; return status and JSON."""
        body = HEAD + picture + b"\r\n--b--\r\n"
        status, _, text = self.ask("POST", "/api/v1/predict", body, MULTIPART | headers)
        return status, json.loads(text)

    def connect(self, data: bytes = b"") -> socket.socket:
        """Open a connection and begin to say something."""
        connection = socket.create_connection(self.address, timeout=60)
        if data:
            connection.sendall(data)
        return connection


def _children(pid: int) -> list[int]:
    return [int(number) for number in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


@contextmanager
def started(kind: str, folder: Path, *, bundle: Path = TINY, **environment: str) -> Iterator[Server]:
    """Run a server until the block ends; then it is asked to stop, and must.

    Args:
        kind: `serve` or `production` (gunicorn with two processes).
        folder: for its log and its temporary files.
        bundle: what it serves.
        environment: variables for it.
    """
    variables = {**os.environ, "DERMDISTILL_BUNDLE": str(bundle), "TMPDIR": str(folder), **environment}
    variables.pop("PROMETHEUS_MULTIPROC_DIR", None)
    log = folder / f"{kind}.log"
    with log.open("wb") as out:
        process = subprocess.Popen([sys.executable, *COMMANDS[kind]], stdout=out, stderr=out, env=variables)
    server = Server(kind, process, log)
    try:
        _wait(server)
        yield server
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
        try:
            process.wait(STOP_S)
        finally:
            process.kill()


def _wait(server: Server) -> None:
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline and server.process.poll() is None:
        found = re.search(r"http://(127\.0\.0\.1:\d+)", server.log.read_text())
        if found:
            server.place = found[1]
            try:
                if server.ask("GET", "/v2/health/ready")[0] == 200:
                    return
            except OSError:
                pass
        time.sleep(0.1)
    raise AssertionError(f"the server does not start:\n{server.log.read_text()}")


def upload_head(length: int, **headers: str) -> bytes:
    """The head of a predict request whose body has `length` bytes."""
    lines = ["POST /api/v1/predict HTTP/1.1", "Host: 127.0.0.1", f"Content-Length: {length}"]
    more = [f"{name.replace('_', '-')}: {value}" for name, value in {**MULTIPART, **headers}.items()]
    return "\r\n".join([*lines, *more, "", ""]).encode()


def answer_on(connection: socket.socket) -> http.client.HTTPResponse:
    """Read the answer of a connection."""
    response = http.client.HTTPResponse(connection)
    response.begin()
    return response
