"""What an answer depends on besides its picture."""

import hashlib
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, version

import cv2

from dermdistill import __version__
from dermdistill.inference.engine import Engine


def made_with(engine: Engine, *, quality: bool) -> dict[str, str]:
    """What answers depend on besides the images, each named so that "another" can stand before it."""
    found = {
        "bundle": hashlib.sha256(engine.spec.model_dump_json().encode()).hexdigest(),
        "setting of --quality": str(quality),
        "setting of --sensitivity": str(engine.thresholds and engine.thresholds.sensitivity),
        "version of dermdistill": __version__,
        "version of OpenCV": cv2.__version__,
    }
    for package in ("ai-edge-litert", "pydicom", "pillow", "pillow-heif"):
        with suppress(PackageNotFoundError):
            found[f"version of {package}"] = version(package)
    return found
