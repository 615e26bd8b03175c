"""Ask the page's engine, as the page does, and hear what the page complains of."""

import base64
from typing import Any

from playwright.sync_api import Page

# The module that the page itself uses, and its one instance.
ENGINE = "const engine = await import('/assets/engine.js');"


def complaints(page: Page) -> list[str]:
    """Collect what a page writes as an error: its own faults, and what its policy blocked."""
    heard: list[str] = []
    page.on("console", lambda said: heard.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda error: heard.append(str(error)))
    return heard


def ask_engine(page: Page, picture: bytes, kind: str = "image/png") -> Any:
    """Answer a file's bytes by the page's engine: what a person gets when they choose that file."""
    code = (
        f"async ([text, type]) => {{ {ENGINE}"
        "const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));"
        "return engine.answer(new Blob([bytes], { type })); }"
    )
    return page.evaluate(code, [base64.b64encode(picture).decode(), kind])


def ask_engine_live(page: Page, picture: bytes) -> Any:
    """Answer pixels by the page's engine, as it answers a frame of the camera."""
    code = (
        f"async (text) => {{ {ENGINE}"
        "const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));"
        "return engine.answer(await createImageBitmap(new Blob([bytes]))); }"
    )
    return page.evaluate(code, base64.b64encode(picture).decode())


def prepare(page: Page) -> Any:
    """Wait until the page's engine is there, and return which half answers."""
    return page.evaluate(f"async () => {{ {ENGINE} return engine.prepare(); }}")
