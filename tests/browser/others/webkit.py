"""WebKit by its own WebDriver (Debian: webkit2gtk-driver), on a screen that nobody sees (xvfb)."""

import contextlib
import json
import os
import re
import socket
import subprocess
import time
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

NAMES = ("WebKitWebDriver",)
ELEMENT = "element-6066-11e4-a52e-4f735466cecf"  # the name that the standard gives


class WebKit:
    def __init__(self, program: str, folder: Path) -> None:
        folder.mkdir()
        display, self._screen = _screen()
        port = _free_port()
        places = {
            name: str(folder) for name in ("HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME")
        }
        # Software drawing: there is no graphics card behind such a screen.
        quiet = {"WEBKIT_DISABLE_COMPOSITING_MODE": "1", "LIBGL_ALWAYS_SOFTWARE": "1", "NO_AT_BRIDGE": "1"}
        environment = {**os.environ, **places, **quiet, "DISPLAY": display, "LANGUAGE": "en_US"}
        self._driver = subprocess.Popen(
            [program, f"--port={port}"], env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        self._address = f"http://127.0.0.1:{port}/session"
        self._address += "/" + self._started()

    def go(self, address: str) -> None:
        self._ask("url", url=address)

    def evaluate(self, expression: str) -> Any:
        """Return what an expression of JavaScript comes to; a promise is waited for."""
        script = (
            f"const done = arguments[0]; (async () => ({expression}))().then("
            "(value) => done(JSON.stringify({ value: value ?? null })),"
            "(error) => done(JSON.stringify({ error: String(error) })));"
        )
        told = json.loads(self._ask("execute/async", script=script, args=[]))
        assert "error" not in told, told
        return told["value"]

    def set_file(self, selector: str, path: Path) -> None:
        found = self._ask("element", using="css selector", value=selector)
        self._ask(f"element/{found[ELEMENT]}/value", text=str(path))

    def close(self) -> None:
        with contextlib.suppress(OSError):  # it is ended below all the same
            urlopen(Request(self._address, method="DELETE"), timeout=20).close()
        for process in (self._driver, self._screen):
            process.terminate()
            process.communicate(timeout=30)

    def _started(self) -> str:
        options = {"webkitgtk:browserOptions": {"args": ["--automation"]}}
        asked = {"capabilities": {"alwaysMatch": options}}
        for _ in range(100):
            try:
                return _post(self._address, asked)["sessionId"]
            except ConnectionError:
                time.sleep(0.1)
            except OSError as error:
                if "refused" not in str(error):
                    raise
                time.sleep(0.1)
        raise ConnectionError("WebKit's driver did not start")

    def _ask(self, what: str, **params: Any) -> Any:
        return _post(f"{self._address}/{what}", params)


def _post(address: str, body: dict[str, Any]) -> Any:
    request = Request(address, json.dumps(body).encode(), {"Content-Type": "application/json"})
    try:
        with urlopen(request, timeout=90) as response:
            return json.load(response)["value"]
    except HTTPError as error:
        raise AssertionError(error.read().decode()) from None


def _screen() -> tuple[str, subprocess.Popen[str]]:
    process = subprocess.Popen(
        ["Xvfb", "-displayfd", "1", "-screen", "0", "1280x900x24", "-nolisten", "tcp"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    number = re.match(r"\d+", process.stdout.readline())
    assert number, "Xvfb did not start"
    return f":{number[0]}", process


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]
