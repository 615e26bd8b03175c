"""`dermdistill serve`, as a person starts it."""

import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

SERVE = [sys.executable, "-c", "from dermdistill.cli import main; main()", "serve", "--port"]


@dataclass
class Server:
    """`dermdistill serve` in a process of its own."""

    process: subprocess.Popen[str]
    address: str

    @property
    def port(self) -> int:
        return int(self.address.rstrip("/").rpartition(":")[2])

    def stop(self) -> None:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
        self.process.communicate(timeout=30)


def start_server(*options: str, port: int = 0) -> Server:
    process = subprocess.Popen([*SERVE, str(port), *options], stdout=subprocess.PIPE, text=True)
    line = process.stdout.readline()
    return Server(process, re.search(r"http://127\.0\.0\.1:\d+/", line)[0])


@contextmanager
def serving(*options: str) -> Iterator[Server]:
    server = start_server(*options)
    try:
        yield server
    finally:
        server.stop()
