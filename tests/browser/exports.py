"""Exports as a person makes them, and opened without the page: by Python's zipfile and by cryptography."""

import base64
import io
import json
import struct
import unicodedata
import zipfile
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.pbkdf2 import PBKDF2HMAC
from playwright.sync_api import Page, expect

from .clinic import press

MAGIC = b"DermDistill encrypted 1\n"
TAG = 16


def begin_export(page: Page, passphrase: str = "") -> None:
    """Go to the cases and confirm the dialog of an export."""
    page.goto("/#cases")
    press(page, "Export everything")
    if passphrase:
        page.fill("#passphrase", passphrase)
        page.fill("#passphrase-again", passphrase)
    page.get_by_role("dialog").get_by_role("button", name="Export", exact=True).click()


def export(page: Page, passphrase: str = "") -> Path:
    """The one file of an export, which the page saves by itself."""
    with page.expect_download() as download:
        begin_export(page, passphrase)
    return Path(download.value.path())


def manifest_of(file: Path | io.BytesIO) -> tuple[dict[str, Any], dict[str, bytes]]:
    """What an export says, and its pictures by name; every checksum is checked."""
    with zipfile.ZipFile(file) as archive:
        assert archive.testzip() is None
        contents = {name: archive.read(name) for name in archive.namelist()}
    return json.loads(contents.pop("manifest.json")), contents


def decrypted(data: bytes, passphrase: str) -> bytes:
    """Open an encrypted export by what docs/cases.md says, and by nothing of the page."""
    assert data.startswith(MAGIC)
    (length,) = struct.unpack(">I", data[len(MAGIC) : len(MAGIC) + 4])
    start = len(MAGIC) + 4 + length
    head = json.loads(data[len(MAGIC) + 4 : start])
    assert (head["kdf"], head["cipher"]) == ("PBKDF2-HMAC-SHA-256", "AES-256-GCM")
    salt, prefix = base64.b64decode(head["salt"]), base64.b64decode(head["nonce"])
    kdf = PBKDF2HMAC(hashes.SHA256(), 32, salt, head["iterations"])
    cipher = AESGCM(kdf.derive(unicodedata.normalize("NFC", passphrase).encode()))
    step = head["piece"] + TAG
    pieces = [data[at : at + step] for at in range(start, len(data), step)]
    return b"".join(
        cipher.decrypt(prefix + struct.pack(">IB", i, i == len(pieces) - 1), piece, data[:start])
        for i, piece in enumerate(pieces)
    )


def bring_back(page: Page, *files: tuple[str, bytes]) -> None:
    """Choose exported files to bring back."""
    page.goto("/#cases")
    expect(page.locator("#import")).to_be_attached()
    page.set_input_files(
        "#import",
        [{"name": name, "mimeType": "application/octet-stream", "buffer": data} for name, data in files],
    )
