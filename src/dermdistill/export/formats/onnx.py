"""A Keras model to the bytes of an ONNX file, and its answers in ONNX Runtime. Needs the extra `onnx`."""

import tempfile
import warnings
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dermdistill.errors import BundleError

_NEEDED = ("onnx", "onnxruntime", "tf2onnx")


def refuse_without_onnx() -> None:
    """Raise early, before minutes of work, when the extra is not installed.

    Raises:
        BundleError: names what is missing.
    """
    if missing := [name for name in _NEEDED if find_spec(name) is None]:
        raise BundleError(
            f"ONNX needs {', '.join(missing)}, not installed here: pip install 'dermdistill[onnx]'."
        )


def convert_onnx(model: Any) -> bytes:
    """Convert a model that keeps the contract; the batch axis stays free, the names are the contract's."""
    size = int(model.input_shape[1])
    model(np.zeros((1, size, size, 3), np.uint8))  # Keras exports only what has been called
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        # Keras asks numpy for `np.object` to mend tf2onnx; nothing of ours.
        warnings.simplefilter("ignore", FutureWarning)
        path = Path(folder) / "model.onnx"
        model.export(path, format="onnx", verbose=False)
        return path.read_bytes()


def opened(model_bytes: bytes) -> Callable[[NDArray[np.uint8]], dict[str, NDArray[np.float32]]]:
    """From images `[n, size, size, 3]` to a file's outputs by name, as ONNX Runtime gives them."""
    import onnxruntime  # noqa: PLC0415 - of the extra

    session = onnxruntime.InferenceSession(model_bytes, providers=["CPUExecutionProvider"])
    (image_input,) = session.get_inputs()
    names = [output.name for output in session.get_outputs()]
    return lambda images: dict(zip(names, session.run(None, {image_input.name: images}), strict=True))
