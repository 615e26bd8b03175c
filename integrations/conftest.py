"""Servers in processes of their own, for tests against what other people run. See requirements/."""

import os
import re
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

from dermdistill.bundle import self_test_image
from dermdistill.inference import Engine, load_bundle

HERE = Path(__file__).parent


@pytest.fixture(scope="session")
def engine() -> Engine:
    """The shipped bundle."""
    return load_bundle()


@pytest.fixture(scope="session")
def pixels(engine: Engine) -> np.ndarray:
    """Three pictures as the student takes them, `[3, size, size, 3]`."""
    size = engine.spec.input.size
    rng = np.random.default_rng(34)
    noise = rng.integers(0, 256, (size, size, 3), np.uint8)
    return np.stack([self_test_image(size, 1), self_test_image(size, 9)[:, ::-1] // 2, noise])


@contextmanager
def running(command: list[str], folder: Path, ready: str, **environment: str) -> Iterator[None]:
    """Run a server until the block ends; `ready` is the address that answers once it can."""
    with (folder / "server.log").open("wb") as log:
        process = subprocess.Popen(
            command, cwd=folder, stdout=log, stderr=log, env={**os.environ, **environment}
        )
    try:
        _wait(process, ready, folder / "server.log")
        yield
    finally:
        process.terminate()
        process.wait(60)


def _wait(process: "subprocess.Popen[bytes]", address: str, log: Path) -> None:
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urllib.request.urlopen(address, timeout=5) as answer:
                if answer.status == 200:
                    return
        except OSError:
            time.sleep(0.2)
    raise AssertionError(f"{process.args} does not start:\n{log.read_text()}")


@pytest.fixture(scope="session")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Host and port of `dermdistill serve`."""
    folder = tmp_path_factory.mktemp("serve")
    command = [sys.executable, "-c", "from dermdistill.cli import main; main()", "serve", "--port", "0"]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log)
    try:
        deadline = time.monotonic() + 120
        while not (found := re.search(r"http://(127\.0\.0\.1:\d+)", (folder / "log").read_text())):
            assert time.monotonic() < deadline, (folder / "log").read_text()
            assert process.poll() is None, (folder / "log").read_text()
            time.sleep(0.2)
        _wait(process, f"http://{found[1]}/v2/health/ready", folder / "log")
        yield found[1]
    finally:
        process.terminate()
        process.wait(60)
