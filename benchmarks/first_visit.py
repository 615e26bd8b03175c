"""Measure a first visit of the page, until it can be read and until it answers: bytes, milliseconds.

    python benchmarks/first_visit.py [ADDRESS ...] [--visits 5] [--slow]

Without an address the page of this checkout is served. Each visit is by a profile that has never been there.
Prints one line a page as Markdown: medians over the visits.
"""

import argparse
import shutil
import statistics
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import Browser, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
SLOW_3G = {"offline": False, "latency": 2000, "downloadThroughput": 50_000, "uploadThroughput": 50_000}
READ = "performance.getEntriesByName('first-contentful-paint')[0]?.startTime"
READY = "() => /device|dispositivo/.test(document.querySelector('#engine')?.textContent ?? '')"
COLUMNS = ("page", "bytes, read", "ms, read", "bytes, answers", "ms, answers", "layout shift")
SHIFTS = """
window.shifted = 0;
new PerformanceObserver((list) => {
  for (const { value, hadRecentInput } of list.getEntries()) if (!hadRecentInput) window.shifted += value;
}).observe({ type: "layout-shift", buffered: true });
"""


@contextmanager
def own_page() -> Iterator[str]:
    """Serve the page of this checkout and give its address."""
    command = [sys.executable, "-c", "from dermdistill.cli import main; main()", "serve", "--port", "0"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)  # noqa: S603  # our own command
    line = process.stdout.readline() if process.stdout else ""
    yield next(word for word in line.split() if word.startswith("http"))
    process.terminate()
    process.communicate(timeout=30)


def visit(browser: Browser, address: str, slow: bool) -> list[float]:
    """Return the columns after the first."""
    with browser.new_context() as context:
        page = context.new_page()
        page.add_init_script(SHIFTS)
        sizes: dict[str, float] = {}

        def count(event: dict[str, Any]) -> None:
            sizes[event["requestId"]] = event["encodedDataLength"]

        devtools = context.new_cdp_session(page)
        devtools.send("Network.enable")
        devtools.on("Network.loadingFinished", count)
        if slow:
            devtools.send("Network.emulateNetworkConditions", SLOW_3G)
        # What the worker fetches is no traffic of the page's, so its sizes are asked of the server.
        others: dict[str, float] = {}
        context.on("response", lambda response: others.setdefault(response.url, _length(response)))
        page.goto(address, timeout=180_000)
        page.wait_for_function(f"() => {READ}", timeout=180_000)
        read_bytes, read = sum(sizes.values()), page.evaluate(READ)
        page.wait_for_function(READY, timeout=180_000)
        ready = page.evaluate("performance.now()")
        total = max(sum(sizes.values()), sum(others.values()))
        return [read_bytes, read, total, ready, page.evaluate("shifted")]


def _length(response: Any) -> float:
    return float(response.headers.get("content-length", 0))


def main() -> None:
    """Read the command line, visit, print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "addresses", nargs="*", metavar="ADDRESS", help="pages to visit; else this checkout's"
    )
    parser.add_argument("--visits", type=int, default=5)
    parser.add_argument(
        "--slow", action="store_true", help="as on slow 3G: 50 kB/s and 2 s of delay for the page"
    )
    options = parser.parse_args()
    program = next(filter(None, map(shutil.which, NAMES)))
    print(f"| {' | '.join(COLUMNS)} |\n|{'---|' * len(COLUMNS)}")
    with own_page() as own, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox", "--disable-gpu"])
        for address in options.addresses or [own]:
            visits = [visit(browser, address, options.slow) for _ in range(options.visits)]
            *whole, shift = (statistics.median(column) for column in zip(*visits, strict=True))
            print(f"| {address} | {' | '.join(f'{value:,.0f}' for value in whole)} | {shift:.3f} |")
        browser.close()


if __name__ == "__main__":
    main()
