"""Firefox by WebDriver BiDi, which it speaks itself: nothing but the browser is needed."""

import itertools
import json
import re
import subprocess
import threading
from pathlib import Path
from typing import Any

from .websocket import WebSocket

NAMES = ("firefox-esr", "firefox")


class Firefox:
    def __init__(self, program: str, profile: Path) -> None:
        profile.mkdir()
        # No look-ups of its own; files that a page saves are of no interest.
        settings = {
            "app.update.enabled": False,
            "browser.shell.checkDefaultBrowser": False,
            "datareporting.policy.dataSubmissionEnabled": False,
            "intl.accept_languages": "en-US",
            "network.captive-portal-service.enabled": False,
            "network.connectivity-service.enabled": False,
        }
        lines = [f"user_pref({json.dumps(name)}, {json.dumps(value)});" for name, value in settings.items()]
        (profile / "user.js").write_text("\n".join(lines), "utf-8")
        self._process = subprocess.Popen(
            [program, "--headless", "--no-remote", "--profile", str(profile), "--remote-debugging-port", "0"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        self._numbers = itertools.count(1)
        self._socket = WebSocket(f"{self._address()}/session")
        # A pipe that nobody empties would hold the browser up as soon as it is full.
        self._emptying = threading.Thread(target=self._process.stderr.read, daemon=True)
        self._emptying.start()
        self._ask("session.new", capabilities={})
        self._context = self._ask("browsingContext.getTree")["contexts"][0]["context"]

    def go(self, address: str) -> None:
        self._ask("browsingContext.navigate", context=self._context, url=address, wait="complete")

    def evaluate(self, expression: str) -> Any:
        """Return what an expression of JavaScript comes to; a promise is waited for."""
        written = self._evaluate(f"(async () => JSON.stringify((await ({expression})) ?? null))()")
        return json.loads(written["value"])

    def set_file(self, selector: str, path: Path) -> None:
        element = self._evaluate(f"document.querySelector({json.dumps(selector)})")
        place = {"sharedId": element["sharedId"]}
        self._ask("input.setFiles", context=self._context, element=place, files=[str(path)])

    def close(self) -> None:
        self._socket.close()
        self._process.terminate()
        self._process.wait(timeout=30)
        self._emptying.join(timeout=30)
        self._process.stderr.close()

    def _address(self) -> str:
        for line in self._process.stderr:
            if found := re.search(r"WebDriver BiDi listening on (ws://\S+)", line):
                return found[1]
        raise ConnectionError("Firefox did not start")

    def _evaluate(self, expression: str) -> dict[str, Any]:
        target = {"context": self._context}
        told = self._ask("script.evaluate", expression=expression, target=target, awaitPromise=True)
        assert told["type"] == "success", told
        return told["result"]

    def _ask(self, method: str, **params: Any) -> dict[str, Any]:
        number = next(self._numbers)
        self._socket.send(json.dumps({"id": number, "method": method, "params": params}))
        while True:
            told = json.loads(self._socket.receive())
            if told.get("id") != number:
                continue  # an event
            assert told["type"] == "success", told
            return told["result"]
