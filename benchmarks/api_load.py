"""What the API keeps of the engine's speed, how long answers take near full load, and what overload gets.

    python benchmarks/api_load.py [--bundle DIR] [--requests 200] [--workers 2] [--rounds 3]

A second process sends photographs to 127.0.0.1. It takes its share of the cores, which the engine alone has
to itself, so the ratio is a lower bound. Engine and API take turns; the ratio of processor time, of this
process alone, says what the API costs when others are using the cores. Aims: at least .8 of the engine's
images/s at 2 workers; p99 under 10 x p50 at 80 % load; overload answers 503 within 100 ms, hangs nobody, and
one request after it is answered.
"""

import argparse
import http.client
import multiprocessing
import os
import statistics
import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from functools import partial
from itertools import repeat
from queue import Queue
from typing import TypeVar
from urllib.parse import urlsplit

from rich.console import Console
from rich.table import Table

Reply = tuple[int, float]  # status, seconds; status 0 when the connection broke
Result = TypeVar("Result")
HEAD = b'--b\r\nContent-Disposition: form-data; name="image"; filename="x"\r\n\r\n'
kept = threading.local()  # each sending thread keeps its connection, as a browser does


def one(place: str, body: bytes) -> Reply:
    """Send one photograph."""
    if getattr(kept, "place", None) != place:
        kept.place, kept.connection = place, http.client.HTTPConnection(place, timeout=60)
    start = time.perf_counter()
    try:
        headers = {"Content-Type": "multipart/form-data; boundary=b"}
        kept.connection.request("POST", "/api/v1/predict", body, headers)
        response = kept.connection.getresponse()
        response.read()
    except OSError:
        kept.connection.close()
        return 0, time.perf_counter() - start
    return response.status, time.perf_counter() - start


def closed(place: str, body: bytes, requests: int, workers: int) -> tuple[list[Reply], float]:
    """Let each worker send its next request when its last is answered; return replies and seconds."""
    with ThreadPoolExecutor(workers) as pool:
        start = time.perf_counter()
        replies = list(pool.map(partial(one, place), repeat(body, requests)))
        return replies, time.perf_counter() - start


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


def photograph() -> bytes:
    """Return a JPEG of 600 x 450 with the detail of a photograph: smooth shapes under fine noise."""
    import cv2  # noqa: PLC0415 - the sending process does without
    import numpy as np  # noqa: PLC0415

    rng = np.random.default_rng(1)
    shapes = cv2.resize(
        rng.integers(60, 220, (9, 12, 3), np.uint8), (600, 450), interpolation=cv2.INTER_CUBIC
    )
    noisy = np.clip(shapes + rng.normal(0, 6, shapes.shape), 0, 255).astype(np.uint8)
    return cv2.imencode(".jpg", noisy)[1].tobytes()


class Load:
    """A server in this process, and the process that loads it."""

    def __init__(self, bundle: str | None, sender: Executor):
        from dermdistill.inference import load_bundle  # noqa: PLC0415 - the sending process does without
        from dermdistill.web import create_app  # noqa: PLC0415
        from dermdistill.web.serving import serve  # noqa: PLC0415

        self.engine = load_bundle(bundle)
        self.app = create_app(engine=self.engine)
        self.jpeg = photograph()
        self.sender = sender
        started: Queue[str] = Queue()
        keywords = {"host": "127.0.0.1", "port": 0, "started": started.put}
        threading.Thread(target=serve, args=(self.app,), kwargs=keywords, daemon=True).start()
        self.place = urlsplit(started.get(timeout=60)).netloc

    def send(self, function: Callable[..., Result], *settings: float) -> Result:
        """Run one of the functions above in the sending process."""
        body = HEAD + self.jpeg + b"\r\n--b--\r\n"
        return self.sender.submit(function, self.place, body, *settings).result()

    def compare(self, requests: int, workers: int) -> tuple[float, float, float]:
        """Return the images/s of the engine alone, of the API, and the ratio of their processor times."""
        start, used = time.perf_counter(), time.process_time()
        list(self.engine.stream(repeat(self.jpeg, requests)))
        alone, engine_cpu = requests / (time.perf_counter() - start), time.process_time() - used
        used = time.process_time()
        replies, seconds = self.send(closed, requests, workers)
        answered = sum(status == 200 for status, _ in replies)
        return alone, answered / seconds, engine_cpu / (time.process_time() - used)


def said(replies: list[Reply], status: int) -> str:
    """Say how many replies had which status, and how long those with this one took."""
    counts = dict(Counter(got for got, _ in replies))
    seconds = [taken for got, taken in replies if got == status]
    if len(seconds) < 2:
        return f"{counts}"
    cuts = statistics.quantiles(seconds, n=100, method="inclusive")
    middle, slow = 1000 * cuts[49], 1000 * cuts[98]
    return f"{counts}; of {status}: p50 {middle:.0f} ms, p99 {slow:.0f} ms, {slow / middle:.1f} x"


def measure(load: Load, requests: int, workers: int, rounds: int) -> None:
    """Compare, then load to 80 %, then overload, and print."""
    console = Console()
    load.send(closed, 8, workers)
    table = Table("round", "engine images/s", "API images/s", "ratio", "ratio of processor time")
    table.title = f"{load.engine.spec.name}, one image a request, {workers} clients"
    results = [load.compare(requests, workers) for _ in range(rounds)]
    rows = [(alone, api, api / alone, cpu) for alone, api, cpu in results]
    medians = tuple(statistics.median(column) for column in zip(*rows, strict=True))
    for name, (alone, api, ratio, cpu) in [*enumerate(rows, 1), ("median", medians)]:
        table.add_row(str(name), f"{alone:.1f}", f"{api:.1f}", f"{ratio:.2f}", f"{cpu:.2f}")
    console.print(table)
    rate = 0.8 * medians[1]
    console.print(f"80 % load, {rate:.1f}/s:", said(load.send(steady, requests, rate), 200))
    places = load.app.slots.count
    replies, seconds = load.send(closed, requests, 4 * places)
    console.print(f"overload, {4 * places} at once on {places} places, {seconds:.1f} s:", said(replies, 503))
    status, seconds = load.send(one)
    console.print(
        f"after it: {status} in {1000 * seconds:.0f} ms; load of the machine {os.getloadavg()[0]:.1f}"
    )


def main() -> None:
    """Read the options and measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bundle", help="folder of a bundle; the shipped one if not given")
    parser.add_argument("--requests", type=int, default=200, help="requests in each part")
    parser.add_argument("--workers", type=int, default=2, help="clients at once")
    parser.add_argument("--rounds", type=int, default=3)
    settings = parser.parse_args()
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as sender:
        measure(Load(settings.bundle, sender), settings.requests, settings.workers, settings.rounds)


if __name__ == "__main__":
    main()
