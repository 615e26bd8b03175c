"""What attacks do to this version and to an older one, taking turns: pictures, JSON, connections, images/s.

    git worktree add /tmp/older COMMIT
    python benchmarks/hardening.py /tmp/older [--parts pictures json connections overload rate]

Each version serves the bundle of its own checkout, by `dermdistill serve`, and by gunicorn for images/s. A
picture may take 6 GB and 15 s of a processor, imports among them. Linux only.
"""

import argparse
import contextlib
import json
import os
import resource
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPException
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
from api_load import photograph

from imaging.hostile import HOSTILE
from servers import Server, started, upload_head

ROOT = Path(__file__).parents[1]
# One or two of each kind of the list; tests/imaging/test_hostile.py has all.
PICTURES = (
    "png, animated",
    "png, a chunk that claims 4 GB",
    "tiff, LONG8 of 400 MP",
    "tiff, a tile of 2 GB",
    "webp, animated on 100 MP",
    "dicom, run lengths of 100 MP",
    "dicom, JPEG 2000 of 26 MP",
    "heic, a grid of more than it shows",
    "jpeg, 150 scans of 12 MP",
    "dicom, JPEG 2000 in 65,535 layers",
    "dicom, 3,000,000 elements",
    "bmp, steps that lead nowhere",
)
IMAGE = b'{"inputs": [{"name": "image", "datatype": "UINT8", "shape": [1, 224, 224, 3], "data": ['
JSONS = {
    "json, 220 kB, a text among numbers": IMAGE + b"1," * 20_000 + b'"' + b"a" * 180_000 + b'"]}]}',
    "json, 1.3 MB, unlike depths": IMAGE + b"[1]," * 300_000 + b"[[1]]]}]}",
    "json, 30 kB, a text without an end": b'"' + b'\\"' * 15_000,
}
CONNECTIONS = {
    "1,100 idle connections": b"",
    "1,100 half heads": b"POST /api/v1/predict HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: ",
    "1,100 half bodies": upload_head(5_000_000) + b"--b\r\n",
}
_BYTES, _SECONDS = 6_000_000_000, 15
Row = tuple[str, ...]


@contextlib.contextmanager
def serving(side: Path, kind: str, *, shipped: bool = False) -> Iterator[Server]:
    """Run a version's server on the bundle of its own checkout."""
    bundle = side / ("src/dermdistill/bundles/mobilenet_v2" if shipped else "tests/fixtures/tiny_float32")
    with (
        tempfile.TemporaryDirectory() as folder,
        started(kind, Path(folder), bundle=bundle, PYTHONPATH=str(side / "src")) as server,
    ):
        yield server


def picture(side: Path, path: Path) -> str:
    """Decode a file with a version, in a process of its own."""
    command = [sys.executable, str(ROOT / "tests/imaging/measured.py"), str(path), str(_BYTES)]
    done = subprocess.run(  # noqa: S603
        command,
        env={**os.environ, "PYTHONPATH": str(side / "src")},
        capture_output=True,
        text=True,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_CPU, (_SECONDS, _SECONDS + 1)),
        check=False,
    )
    if done.returncode == -signal.SIGXCPU:
        return f"**not done** in {_SECONDS} s"
    if done.returncode:
        last = done.stderr.strip().splitlines()[-1:] or [""]
        why = f": {last[0].partition(':')[0]}" if done.returncode > 0 else ""
        return f"**died** ({done.returncode}{why})"
    said = json.loads(done.stdout)
    ending = "a picture" if said["outcome"].startswith("(") else "an error"
    return f"{ending}, {said['peak_bytes'] / 1e6:.0f} MB, {said['seconds']:.1f} s"


def json_request(side: Path, body: bytes) -> str:
    """Post a body to /v2; say what came, and how much the server grew meanwhile."""
    with serving(side, "serve") as server:
        before, most, done = server.memory(), 0, threading.Event()
        resource.prlimit(server.process.pid, resource.RLIMIT_AS, (6 << 30, 6 << 30))

        def watch() -> None:
            nonlocal most
            while not done.wait(0.02):
                most = max(most, server.memory() - before)

        watcher = threading.Thread(target=watch)
        watcher.start()
        start = time.monotonic()
        try:
            headers = {"Content-Type": "application/json"}
            status = str(server.ask("POST", "/v2/models/tiny_float32/infer", body, headers)[0])
        except (OSError, HTTPException) as error:
            status = f"no answer ({type(error).__name__})"
        seconds = time.monotonic() - start
        done.set()
        watcher.join()
        if server.process.poll() is None and seconds > 50:
            server.process.kill()
    return f"{status} after {seconds:.1f} s, +{most / 1e6:.0f} MB"


def crowd(side: Path, data: bytes) -> str:
    """Open 1,100 connections that say no more; ask for health beside them."""
    with serving(side, "serve") as server, contextlib.ExitStack() as stack:
        for _ in range(1100):
            try:
                stack.enter_context(server.connect(data))
            except OSError:
                break
        taken = []
        for _ in range(5):
            start = time.monotonic()
            connection = None
            try:
                connection = server.connect(b"GET /api/v1/health HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
                connection.settimeout(60)
                answered = connection.recv(12) == b"HTTP/1.1 200"
            except OSError:
                answered = False
            finally:
                if connection:
                    connection.close()
            if not answered:
                server.process.kill()
                return "**no health within 60 s**"
            taken.append(time.monotonic() - start)
    return f"health in {1000 * statistics.median(taken):.0f} ms"


def overload(side: Path, jpeg: bytes) -> str:
    """Let 64 people ask without a pause for 15 s."""
    with serving(side, "production") as server:
        counts: Counter[str] = Counter()
        refused: list[float] = []
        end = time.monotonic() + 15

        def ask(_: int) -> None:
            while time.monotonic() < end:
                start = time.monotonic()
                try:
                    status = str(server.predict(jpeg)[0])
                except (OSError, HTTPException):
                    status = "lost"
                counts[status] += 1
                if status == "503":
                    refused.append(time.monotonic() - start)

        with ThreadPoolExecutor(64) as pool:
            list(pool.map(ask, range(64)))
        after = server.predict(jpeg)[0]
    said = ", ".join(f"{count} x {status}" for status, count in sorted(counts.items()))
    late = f"; 503 in {1000 * statistics.median(refused):.0f} ms" if refused else ""
    return f"{said}{late}; afterwards {after}"


def rate(older: Path, jpeg: bytes, rounds: int, seconds: float) -> list[Row]:
    """Images/s of both servers of both versions on the shipped bundle, all running, taking turns."""
    rows = []
    for kind in ("production", "serve"):
        with serving(older, kind, shipped=True) as old, serving(ROOT, kind, shipped=True) as new:
            found: list[tuple[float, float]] = []
            for number in range(rounds + 1):
                pair = [_rate(server, jpeg, seconds) for server in ((old, new), (new, old))[number % 2]]
                if number % 2:
                    pair.reverse()
                if number:  # the first is to get warm
                    found.append((pair[0], pair[1]))
        ratios = [after / before for before, after in found]
        before, after = (statistics.median(column) for column in zip(*found, strict=True))
        each = ", ".join(f"{ratio:.2f}" for ratio in ratios)
        ratio = statistics.median(ratios)
        rows.append(
            (f"images/s, {kind}", f"{before:.1f}", f"{after:.1f}; {ratio:.2f} times ({each}); aim .90")
        )
    return rows


def _rate(server: Server, jpeg: bytes, seconds: float) -> float:
    end, done = time.monotonic() + seconds, 0

    def ask(_: int) -> int:
        count = 0
        while time.monotonic() < end:
            if server.predict(jpeg)[0] != 200:
                raise SystemExit("a picture was not answered")
            count += 1
        return count

    start = time.monotonic()
    with ThreadPoolExecutor(4) as pool:
        done = sum(pool.map(ask, range(4)))
    return done / (time.monotonic() - start)


def main() -> None:
    """Read the options, measure, and print a table in Markdown."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("older", type=Path, help="a checkout of the older version")
    known = ("pictures", "json", "connections", "overload", "rate")
    parser.add_argument("--parts", nargs="*", choices=known, default=known)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=6)
    asked = parser.parse_args()
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, min(hard, 8192)), hard))
    jpeg, sides = photograph(), (asked.older, ROOT)

    def row(name: str, look: Callable[[Path], str]) -> None:
        print(f"| {name} | {' | '.join(look(side) for side in sides)} |", flush=True)

    print("| what | before | now |\n|---|---|---|", flush=True)
    for name in PICTURES if "pictures" in asked.parts else ():
        with tempfile.NamedTemporaryFile() as file:
            file.write(HOSTILE[name]())
            file.flush()
            row(name, lambda side, path=Path(file.name): picture(side, path))  # type: ignore[misc]
    for name, body in JSONS.items() if "json" in asked.parts else ():
        row(name, lambda side, body=body: json_request(side, body))  # type: ignore[misc]
    for name, data in CONNECTIONS.items() if "connections" in asked.parts else ():
        row(name, lambda side, data=data: crowd(side, data))  # type: ignore[misc]
    if "overload" in asked.parts:
        row("64 people without a pause, gunicorn, 15 s", lambda side: overload(side, jpeg))
    for found in rate(asked.older, jpeg, asked.rounds, asked.seconds) if "rate" in asked.parts else ():
        print(f"| {' | '.join(found)} |", flush=True)
    print(f"\n{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
