"""Firefox and WebKit, where they are installed; elsewhere their tests are skipped."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from . import firefox, webkit

Browser = firefox.Firefox | webkit.WebKit
KINDS = {"firefox": (firefox.Firefox, firefox.NAMES), "webkit": (webkit.WebKit, webkit.NAMES)}


@pytest.fixture(params=KINDS)
def start(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[[], Browser]]:
    """Start a browser that has never been anywhere."""
    make, names = KINDS[request.param]
    program = next(filter(None, map(shutil.which, names)), None)
    if program is None or (request.param == "webkit" and shutil.which("Xvfb") is None):
        pytest.skip(f"there is no {request.param} on this machine (see .ci/run for its Debian package)")
    started: list[Browser] = []

    def begin() -> Browser:
        started.append(make(program, tmp_path / f"profile-{len(started)}"))
        return started[-1]

    yield begin
    for browser in started:
        browser.close()
