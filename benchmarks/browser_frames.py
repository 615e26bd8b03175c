"""Frames a second that the page answers from a camera, and where the time goes; Python's engine beside it.

    python benchmarks/browser_frames.py [--frames 100] [--rounds 3] [--threads 1]

The fake camera of headless Chromium plays drawn lesions at 640 x 480. The middle square of each frame goes
through the page's own engine: resizing, model, probabilities, heat map and all checks. Loading and the first
frames, in which the browser still compiles, are left out. After each round Python's engine answers the same
squares on one thread. Needs Chromium or Chrome on the PATH.
"""

import argparse
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import cv2
import numpy as np
from playwright.sync_api import Page, sync_playwright
from rich.console import Console
from rich.table import Table

from dermdistill.inference import Engine, load_bundle

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
from synthetic import lesion_image

SERVE = [sys.executable, "-c", "from dermdistill.cli import main; main()", "serve", "--port", "0"]
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--use-fake-ui-for-media-stream",
    "--use-fake-device-for-media-stream",
]
STEPS = ("grab", "decode", "resize", "model", "verdict", "round trip", "whole")
# Grabs the middle of the camera's picture, as the page's frame does; times in ms.
LOOP = """async (frames) => {
    const { answer } = await import('/assets/engine.js');
    if (!globalThis.benchmarkCamera) {
        globalThis.benchmarkCamera = document.createElement('video');
        benchmarkCamera.muted = true;
        const video = { width: 640, height: 480 };
        benchmarkCamera.srcObject = await navigator.mediaDevices.getUserMedia({ video });
        await benchmarkCamera.play();
    }
    const laps = [];
    for (let i = 0; i < frames; i++) {
        const start = performance.now();
        const frame = await createImageBitmap(benchmarkCamera, 80, 0, 480, 480);
        const grabbed = performance.now();
        const { engine, milliseconds: ms } = await answer(frame);
        if (engine !== 'device') throw new Error('answered by the server');
        const end = performance.now();
        const inside = [ms.decode, ms.resize, ms.model, ms.verdict];
        const between = end - grabbed - inside.reduce((sum, step) => sum + step);
        laps.push([grabbed - start, ...inside, between, end - start]);
    }
    return laps;
}"""


def film(path: Path, frames: list[np.ndarray]) -> None:
    """Write RGB frames as an uncompressed YUV4MPEG2 film, which Chromium's fake camera plays in a loop."""
    height, width = frames[0].shape[:2]
    with path.open("wb") as file:
        file.write(f"YUV4MPEG2 W{width} H{height} F30:1 Ip A1:1 C420\n".encode())
        for frame in frames:
            file.write(b"FRAME\n" + cv2.cvtColor(frame, cv2.COLOR_RGB2YUV_I420).tobytes())


def python_ms(engine: Engine, frames: list[np.ndarray], count: int) -> float:
    """Median milliseconds in which Python's engine answers a frame's middle square."""
    laps = []
    for i in range(count):
        square = np.ascontiguousarray(frames[i % len(frames)][:, 80:560])
        start = time.perf_counter()
        engine.predict_one(square)
        laps.append(1000 * (time.perf_counter() - start))
    return statistics.median(laps)


def measure(page: Page, engine: Engine, frames: list[np.ndarray], count: int, rounds: int) -> None:
    """Let browser and Python take turns, and print the medians of every round."""
    page.evaluate(LOOP, 40)
    table = Table("round", *(f"{step}, ms" for step in STEPS), "frames/s", "Python, ms", "browser / Python")
    for number in range(1, rounds + 1):
        laps = list(zip(*page.evaluate(LOOP, count), strict=True))
        medians = [statistics.median(step) for step in laps]
        native = python_ms(engine, frames, count)
        per_second = 1000 * count / sum(laps[-1])
        table.add_row(
            str(number),
            *(f"{value:.1f}" for value in medians),
            f"{per_second:.1f}",
            f"{native:.1f}",
            f"{medians[-1] / native:.2f}",
        )
    Console(width=150).print(table)


def main() -> None:
    """Run."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--frames", type=int, default=100, help="frames a round")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument(
        "--threads", type=int, default=1, help="WebAssembly's threads, at most 4 and the cores"
    )
    arguments = parser.parse_args()
    chromium = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if chromium is None:
        sys.exit("There is no Chromium on the PATH (Debian, Ubuntu: apt install chromium).")

    frames = [
        lesion_image(code, seed, height=480, width=640) for seed in range(3) for code in ("nv", "mel", "bcc")
    ]
    engine = load_bundle(threads=1)
    server = subprocess.Popen(SERVE, stdout=subprocess.PIPE, text=True)  # noqa: S603 - this Python
    try:
        address = server.stdout.readline().split(" at ")[1].split()[0]
        with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
            film(Path(folder) / "lesions.y4m", frames)
            camera = f"--use-file-for-fake-video-capture={folder}/lesions.y4m"
            browser = playwright.chromium.launch(executable_path=chromium, args=[*FLAGS, camera])
            page = browser.new_page()
            page.add_init_script(
                f"Object.defineProperty(navigator, 'hardwareConcurrency', {{ value: {arguments.threads} }})"
            )
            page.goto(address)
            state = page.evaluate("async () => (await import('/assets/engine.js')).prepare()")
            print(f"Chromium {browser.version}, {state['threads']} thread(s) of WebAssembly")
            measure(page, engine, frames, arguments.frames, arguments.rounds)
            browser.close()
    finally:
        server.terminate()
        server.wait()


if __name__ == "__main__":
    main()
