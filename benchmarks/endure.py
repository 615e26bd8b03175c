"""What the software endures: overload while processes die, a long run, being asked to stop, a full disk.

    python benchmarks/endure.py [--seconds 3600] [--kills 30] [--out docs/endurance.md] [--parts soak stop]

Overload and the long run take half of the seconds each. Each part's rows are kept in .build/endure.json, so
parts may be measured one by one; the table has those that are there. Ends with 1 where a limit is passed.
Linux only.
"""

import argparse
import json
import os
import platform
import random
import resource
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime
from http.client import HTTPException
from importlib.metadata import version
from pathlib import Path

import cv2
import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
from servers import HEAD, Server, answer_on, started, upload_head

PREDICT = [sys.executable, "-c", "from dermdistill.cli import main; main()", "predict"]
SHOWN = ("gunicorn", "uvicorn", "flask", "ai-edge-litert", "opencv-python-headless", "numpy")
SUFFIXES = (".csv", ".jsonl", ".parquet")
# Megabytes that a server may grow by in a thousand requests.
MOST_GROWTH = 1.0
Row = tuple[str, str, str, bool]  # what, the limit, what was measured, whether it held


def picture(seed: int = 1) -> bytes:
    """Return a JPEG of 320 x 240 with smooth colours."""
    pixels = np.random.default_rng(seed).integers(0, 256, (12, 16, 3), np.uint8)
    return cv2.imencode(".jpg", cv2.resize(pixels, (320, 240), interpolation=cv2.INTER_CUBIC))[1].tobytes()


def hammer(server: Server, seconds: float, people: int, ask: Callable[[Server], int]) -> Counter[int]:
    """Let people ask without a pause; count the statuses, 0 for a connection that broke."""
    counts: Counter[int] = Counter()
    end = time.monotonic() + seconds

    def one(_: int) -> None:
        while time.monotonic() < end:
            try:
                status = ask(server)
            except (OSError, HTTPException):
                status = 0
            counts[status] += 1

    with ThreadPoolExecutor(people) as pool:
        list(pool.map(one, range(people)))
    return counts


def overload(folder: Path, seconds: float) -> list[Row]:
    """Forty people ask two processes, one of which is killed every few seconds."""
    jpeg, people, kills = picture(), 40, 0
    with started("production", folder) as server:
        stop = threading.Event()
        health: list[float] = []

        def kill() -> None:
            """Kill one of two that both answer: where starting takes long, nobody would be left."""
            nonlocal kills
            while not stop.wait(5):
                workers = server.workers()
                if len(workers) == 2 and all(_is_ready(pid) for pid in workers):
                    os.kill(random.choice(workers), signal.SIGKILL)  # noqa: S311
                    kills += 1

        def look() -> None:
            while not stop.wait(0.5):
                start = time.monotonic()
                try:
                    server.ask("GET", "/v2/health/ready")
                except (OSError, HTTPException):
                    continue  # the process that had it was killed
                health.append(time.monotonic() - start)

        for work in (kill, look):
            threading.Thread(target=work, daemon=True).start()
        counts = hammer(server, seconds, people, lambda one: one.predict(jpeg)[0])
        stop.set()
        after = _answered_within(server, jpeg, 120)
    said = ", ".join(f"{count} x {status or 'lost'}" for status, count in sorted(counts.items()))
    lost, typed = counts[0], set(counts) <= {0, 200, 503}
    slow = float(np.quantile(health, 0.99)) if health else float("nan")
    what = f"overload of {seconds:.0f} s"
    return [
        (f"{what}, a kill every 5 s", "200, 503 or lost with it", f"{said}; {kills} kills", typed),
        ("lost requests a kill", str(people), f"{lost / max(kills, 1):.1f}", lost <= people * kills),
        ("health meanwhile, 99th of 100", "10 s", f"{slow:.2f} s of {len(health)}", slow < 10),
        ("one request afterwards", "200 in 120 s", f"200 after {after:.1f} s", after <= 120),
    ]  # fmt: skip


def _is_ready(pid: int) -> bool:
    """Whether a process has opened its bundle: only then it has children that decode."""
    try:
        return bool(Path(f"/proc/{pid}/task/{pid}/children").read_text("ascii").split())
    except OSError:  # it has just ended
        return False


def _answered_within(server: Server, jpeg: bytes, seconds: float) -> float:
    """Ask until a picture is answered; return how long that took, without end if longer."""
    start = time.monotonic()
    while time.monotonic() - start < seconds:
        with suppress(OSError, HTTPException):
            if server.predict(jpeg)[0] == 200:
                return time.monotonic() - start
        time.sleep(0.5)
    return float("inf")


def soak(folder: Path, seconds: float) -> list[Row]:
    """Good and bad requests for a long time; memory must not follow their number."""
    jpeg, done = picture(), 0
    asks: list[Callable[[Server], object]] = [
        lambda one: one.predict(jpeg),
        lambda one: one.predict(jpeg),
        lambda one: one.predict(b"no picture"),
        lambda one: one.ask("POST", "/v2/models/tiny_float32/infer", b'{"inputs": [{"data": [1, "x"]}]}'),
        lambda one: one.ask("GET", "/assets/none.js"),
        lambda one: one.ask("GET", "/metrics"),
    ]
    samples: list[tuple[int, float]] = []
    with started("serve", folder) as server:
        for _ in range(50):
            for ask in asks:
                ask(server)
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            for ask in asks:
                ask(server)
            done += len(asks)
            samples.append((done, server.memory(everything=True) / 2**20))
    numbers, megabytes = np.array(samples).T
    slope = float(np.polyfit(numbers, megabytes, 1)[0]) * 1000
    said = f"{slope:+.2f} MB a 1,000 requests, over {done}; {megabytes[0]:.0f} to {megabytes[-1]:.0f} MB"
    what = f"a long run of good and bad requests, {seconds:.0f} s"
    return [(what, f"{MOST_GROWTH:g} MB a 1,000", said, slope < MOST_GROWTH)]


def stop(folder: Path, times: int) -> list[Row]:
    """SIGTERM while 16 pictures are being answered."""
    rows = []
    body = (HEAD + picture() + b"\r\n") * 16 + b"--b--\r\n"
    for kind in ("serve", "production"):
        whole = clean = 0
        for _ in range(times):
            with started(kind, folder) as server, server.connect(upload_head(len(body)) + body) as connection:
                time.sleep(0.1)
                server.process.send_signal(signal.SIGTERM)
                whole += answer_on(connection).read().count(b'"diagnosis"') == 16
                clean += server.process.wait(60) == 0
        said = f"{whole} of {times} answered, {clean} of {times} ended with 0"
        rows.append((f"SIGTERM, {kind}", "all", said, whole == clean == times))
    return rows


def kills_of_predict(folder: Path, kills: int) -> list[Row]:
    """Kill `dermdistill predict` at any moment; the same command goes on, and its table is the same."""
    album = album_in(folder)
    rows, rng = [], random.Random(1)  # noqa: S311
    for suffix in SUFFIXES:
        whole, out = folder / f"whole{suffix}", folder / f"out{suffix}"
        subprocess.run([*PREDICT, str(album), "--out", str(whole)], check=True, capture_output=True)  # noqa: S603
        same = killed = 0
        while killed < kills:
            process = subprocess.Popen(  # noqa: S603
                [*PREDICT, str(album), "--out", str(out), "--overwrite"],
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
            try:
                process.wait(rng.uniform(0.3, 3))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
                killed += 1
                same += not out.exists() or out.read_bytes() == whole.read_bytes()
            else:
                out.unlink()
        again = [*PREDICT, str(album), "--out", str(out), "--overwrite"]
        subprocess.run(again, check=True, capture_output=True)  # noqa: S603
        last = out.read_bytes() == whole.read_bytes()
        ending = "the same" if last else "ANOTHER"
        said = f"{same} of {killed} left nothing or a whole table; the last run gave {ending}"
        rows.append((f"kill -9 of predict, {suffix}", "all", said, last and same == killed))
    return rows


def album_in(folder: Path) -> Path:
    """Return a folder of 60 pictures, made once."""
    album = folder / "album"
    if not album.exists():
        album.mkdir()
        for number in range(60):
            (album / f"{number:02}.jpg").write_bytes(picture(number))
    return album


def full_disk(folder: Path) -> list[Row]:
    """No file may grow beyond 2 kB: what a full disk does, without one."""
    album = album_in(folder)

    def limit() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (2000, 2000))

    rows = []
    for suffix in SUFFIXES:
        out = folder / f"full{suffix}"
        done = subprocess.run(  # noqa: S603
            [*PREDICT, str(album), "--out", str(out)],
            capture_output=True,
            text=True,
            preexec_fn=limit,
            check=False,
        )
        sentence = done.stderr.strip().splitlines()
        one = done.returncode == 2 and len(sentence) == 1 and not out.exists()
        told = sentence[-1].replace(f"{folder}{os.sep}", "") if sentence else "nothing said"
        said = f"exit {done.returncode}; {told}"
        rows.append((f"a full disk, predict, {suffix}", "exit 2, one sentence, no table", said, one))
    return rows


def keep(path: Path, part: str, rows: list[Row]) -> None:
    """Write a part's rows beside those of the others."""
    path.parent.mkdir(parents=True, exist_ok=True)
    known = json.loads(path.read_text("utf-8")) if path.exists() else {}
    path.write_text(json.dumps(known | {part: rows}), "utf-8")


def text(rows: list[Row]) -> str:
    """Return the table as Markdown."""
    versions = ", ".join(f"{name} {version(name)}" for name in SHOWN)
    lines = [
        "# What it endures",
        "",
        "Made by `make endure`; limits are beside what was measured. What other suites test that this one",
        "does not: [below](#beside-other-suites).",
        "",
        f"{datetime.now(UTC):%Y-%m-%d}: dermdistill {version('dermdistill')}, "
        f"Python {platform.python_version()}, {versions}; "
        f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}.",
        "",
        "<!-- not generated: measured on the machine named above, by make endure -->",
        "| what | limit | measured | held |",
        "|---|---|---|---|",
        *(f"| {what} | {most} | {said} | {'yes' if held else '**no**'} |" for what, most, said, held in rows),
        "",
    ]
    return "\n".join(lines)


def main() -> None:
    """Run all parts and write the table; what stands below it in the file is kept."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=3600)
    parser.add_argument("--kills", type=int, default=30)
    parser.add_argument("--stops", type=int, default=5)
    parser.add_argument("--out", type=Path)
    parser.add_argument("--parts", nargs="*", choices=("overload", "soak", "stop", "kills", "disk"))
    parser.add_argument("--kept", type=Path, default=Path(".build/endure.json"))
    settings = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        parts: dict[str, Callable[[], list[Row]]] = {
            "overload": lambda: overload(folder, settings.seconds / 2),
            "soak": lambda: soak(folder, settings.seconds / 2),
            "stop": lambda: stop(folder, settings.stops),
            "kills": lambda: kills_of_predict(folder, settings.kills),
            "disk": lambda: full_disk(folder),
        }
        for part in settings.parts or parts:
            found = parts[part]()
            keep(settings.kept, part, found)
            print(json.dumps(found), flush=True)
    known = json.loads(settings.kept.read_text("utf-8"))
    rows: list[Row] = [tuple(row) for part in parts for row in known.get(part, [])]  # type: ignore[misc]
    made = text(rows)
    print(made)
    if settings.out:
        mark = "## Beside other suites"
        kept = settings.out.read_text("utf-8").partition(mark)[2] if settings.out.exists() else ""
        settings.out.write_text(made + "\n" + mark + kept if kept else made, "utf-8")
    sys.exit(not all(held for *_, held in rows))


if __name__ == "__main__":
    main()
