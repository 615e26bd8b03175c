"""What the API keeps of the engine's speed, how long answers take near full load, and what overload gets.

    python benchmarks/api_load.py [--server gunicorn] [--bundle DIR] [--seconds 6] [--rounds 3]

Two servers: gunicorn with the settings for production, or `dermdistill serve`. Needs `wrk` (a
Debian package) to send photographs; it takes its share of the same cores, which the engine alone has to
itself. Engine and API take turns. Aims: at least .8 of the engine's images/s at 2 workers; p99 under 10 x p50
at 80 % load; overload answers 503 within 100 ms, no request hangs, and a request after the overload is
answered.
"""

import argparse
import http.client
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from itertools import repeat
from pathlib import Path

import cv2
import numpy as np
from rich.console import Console
from rich.table import Table

from dermdistill.inference import Engine, load_bundle

Reply = tuple[int, float]  # status, seconds; status 0 when the connection broke
SERVERS = {
    "gunicorn": ["-m", "gunicorn", "-c", "python:dermdistill.production", "--bind", "127.0.0.1:0"],
    "serve": ["-c", "from dermdistill.cli import main; main()", "serve", "--port", "0"],
}
TYPE = {"Content-Type": "multipart/form-data; boundary=b"}
HEAD = b'--b\r\nContent-Disposition: form-data; name="image"; filename="x"\r\n\r\n'
WRK = """
wrk.method = "POST"
wrk.headers["Content-Type"] = "multipart/form-data; boundary=b"
wrk.body = io.open(os.getenv("BODY"), "rb"):read("*a")
"""
kept = threading.local()  # each sending thread keeps its connection, as a browser does


def photograph() -> bytes:
    """Return a JPEG of 600 x 450 with the detail of a photograph: smooth shapes under fine noise."""
    rng = np.random.default_rng(1)
    shapes = cv2.resize(
        rng.integers(60, 220, (9, 12, 3), np.uint8), (600, 450), interpolation=cv2.INTER_CUBIC
    )
    noisy = np.clip(shapes + rng.normal(0, 6, shapes.shape), 0, 255).astype(np.uint8)
    return cv2.imencode(".jpg", noisy)[1].tobytes()


@contextmanager
def serving(server: str, bundle: Path) -> Iterator[str]:
    """Start a server on a free port; yield its host:port."""
    environment = {**os.environ, "DERMDISTILL_BUNDLE": str(bundle)}
    with tempfile.TemporaryFile("w+") as log:
        command = [sys.executable, *SERVERS[server]]
        process = subprocess.Popen(command, stdout=log, stderr=log, env=environment)  # noqa: S603 - our own
        try:
            found = None
            while not found and process.poll() is None:
                time.sleep(0.1)
                log.seek(0)
                found = re.search(r"http://(127\.0\.0\.1:\d+)", log.read())
            if not found:
                log.seek(0)
                raise SystemExit(f"{server} does not start:\n{log.read()}")
            yield found[1]
        finally:
            process.terminate()
            process.wait()


def full_rate(place: str, body: Path, seconds: int, clients: int) -> float:
    """Let wrk keep so many clients busy; return the images answered a second."""
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as script:
        script.write(WRK)
        script.flush()
        settings = ["-t1", f"-c{clients}", f"-d{seconds}s", "--timeout", "30s", "-s", script.name]
        run = subprocess.run(  # noqa: S603 - the name was looked up, the rest is our own
            ["wrk", *settings, f"http://{place}/api/v1/predict"],  # noqa: S607 - wherever it is installed
            stdout=subprocess.PIPE,
            text=True,
            check=True,
            env={**os.environ, "BODY": str(body)},
        )
    if "Non-2xx" in run.stdout or "Socket errors" in run.stdout:
        raise SystemExit(f"Not every request was answered:\n{run.stdout}")
    return float(re.search(r"Requests/sec: +([\d.]+)", run.stdout)[1])


def one(place: str, body: bytes) -> Reply:
    """Send one photograph."""
    if getattr(kept, "place", None) != place:
        kept.place, kept.connection = place, http.client.HTTPConnection(place, timeout=60)
    start = time.perf_counter()
    try:
        kept.connection.request("POST", "/api/v1/predict", body, TYPE)
        response = kept.connection.getresponse()
        response.read()
    except OSError:
        kept.connection.close()
        return 0, time.perf_counter() - start
    return response.status, time.perf_counter() - start


def at_once(place: str, body: bytes, requests: int, clients: int) -> list[Reply]:
    """Let each client send its next request when its last is answered."""
    with ThreadPoolExecutor(clients) as pool:
        return list(pool.map(partial(one, place), repeat(body, requests)))


def steady(place: str, body: bytes, requests: int, rate: float) -> list[Reply]:
    """Send at a fixed rate whatever comes back; times count from when a request was due."""
    start = time.perf_counter() + 0.1

    def due(number: int) -> Reply:
        planned = start + number / rate
        time.sleep(max(0.0, planned - time.perf_counter()))
        status, _ = one(place, body)
        return status, time.perf_counter() - planned

    with ThreadPoolExecutor(16) as pool:
        return list(pool.map(due, range(requests)))


def places(place: str) -> int:
    """Ask the server how many requests it works on at once."""
    connection = http.client.HTTPConnection(place, timeout=60)
    connection.request("GET", "/metrics")
    text = connection.getresponse().read().decode()
    connection.close()
    return int(float(re.search(r"^dermdistill_slots ([\d.]+)$", text, re.MULTILINE)[1]))


def alone(engine: Engine, jpeg: bytes, seconds: int) -> float:
    """Return the images/s of the engine in this process."""
    count, start = 0, time.perf_counter()
    for _ in engine.stream(repeat(jpeg)):
        count += 1
        if time.perf_counter() - start > seconds:
            break
    return count / (time.perf_counter() - start)


def said(replies: list[Reply], status: int) -> str:
    """Say how many replies had which status, and how long those with this one took."""
    counts = dict(Counter(got for got, _ in replies))
    seconds = [taken for got, taken in replies if got == status]
    if len(seconds) < 2:
        return f"{counts}"
    cuts = statistics.quantiles(seconds, n=100, method="inclusive")
    middle, slow = 1000 * cuts[49], 1000 * cuts[98]
    return f"{counts}; of {status}: p50 {middle:.0f} ms, p99 {slow:.0f} ms, {slow / middle:.1f} x"


def measure(server: str, place: str, engine: Engine, settings: argparse.Namespace) -> None:
    """Compare, then load to 80 %, then overload, and print."""
    console = Console()
    jpeg = photograph()
    body = HEAD + jpeg + b"\r\n--b--\r\n"
    table = Table("round", "engine images/s", "API images/s", "ratio")
    table.title = f"{engine.spec.name} behind {server}, one image a request, {settings.clients} clients"
    rows = []
    with tempfile.NamedTemporaryFile() as file:
        file.write(body)
        file.flush()
        full_rate(place, Path(file.name), 2, settings.clients)
        for number in range(settings.rounds):
            by_engine = alone(engine, jpeg, settings.seconds)
            by_api = full_rate(place, Path(file.name), settings.seconds, settings.clients)
            rows.append((by_engine, by_api, by_api / by_engine))
            table.add_row(str(number + 1), *(f"{value:.2f}" for value in rows[-1]))
    medians = [statistics.median(column) for column in zip(*rows, strict=True)]
    table.add_row("median", *(f"{value:.2f}" for value in medians))
    console.print(table)
    rate = 0.8 * medians[1]
    console.print(f"80 % load, {rate:.1f}/s:", said(steady(place, body, settings.requests, rate), 200))
    most = places(place)
    start = time.perf_counter()
    replies = at_once(place, body, settings.requests, 2 * most)
    seconds = time.perf_counter() - start
    console.print(f"overload, {2 * most} at once on {most} places, {seconds:.1f} s:", said(replies, 503))
    status, seconds = one(place, body)
    console.print(
        f"after it: {status} in {1000 * seconds:.0f} ms; load of the machine {os.getloadavg()[0]:.1f}"
    )


def main() -> None:
    """Read the options and measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--server", choices=SERVERS, default="gunicorn")
    parser.add_argument("--bundle", type=Path, help="folder of a bundle; the shipped one if not given")
    parser.add_argument("--seconds", type=int, default=6, help="of each part of a round")
    parser.add_argument("--requests", type=int, default=200, help="requests near full load and in overload")
    parser.add_argument("--clients", type=int, default=4, help="clients at once in the comparison")
    parser.add_argument("--rounds", type=int, default=3)
    settings = parser.parse_args()
    if not shutil.which("wrk"):
        raise SystemExit("This benchmark sends with wrk; install it first (Debian: apt install wrk).")
    engine = load_bundle(settings.bundle)
    with serving(settings.server, engine.bundle_dir) as place:
        measure(settings.server, place, engine, settings)


if __name__ == "__main__":
    main()
