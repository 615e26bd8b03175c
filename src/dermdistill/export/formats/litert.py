"""A Keras model to the bytes of a LiteRT file: float32, float16 or full int8. Batch 1, one image an answer.

A fixed shape lets XNNPACK plan its memory once, and an answer cannot depend on its neighbours.
"""

import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from ai_edge_litert.interpreter import Interpreter
from numpy.typing import NDArray

from dermdistill.bundle import Quantization
from dermdistill.errors import BundleError

CALIBRATION_IMAGES = 256


def check_backend() -> None:
    """Refuse to begin where Keras could not convert at the end.

    Raises:
        BundleError: Keras runs on another backend than TensorFlow.
    """
    import keras  # noqa: PLC0415 - importing the export room must not load Keras

    if (backend := keras.backend.backend()) != "tensorflow":
        raise BundleError(
            f"A student is converted on TensorFlow, and Keras runs on {backend} here; export it in a process "
            "with KERAS_BACKEND=tensorflow."
        )


def convert(
    model: Any,
    quantization: Quantization,
    calibration_images: NDArray[np.uint8],
    *,
    quarter_turns: bool = False,
) -> bytes:
    """Convert a model that keeps the contract, or its mean over quarter turns; see the functions below."""
    from dermdistill.export.formats.quarter_turns import as_it_answers  # noqa: PLC0415 - loads Keras

    if quantization == "int8":
        return convert_int8(model, calibration_images, quarter_turns=quarter_turns)
    model = as_it_answers(model, quarter_turns=quarter_turns)
    return convert_float16(model) if quantization == "float16" else convert_float32(model)


def convert_float32(model: Any) -> bytes:
    """Convert a model that keeps the contract, without change of precision."""
    return _export(model)


def convert_float16(model: Any) -> bytes:
    """Convert with weights rounded to float16, half the size; arithmetic stays float32."""
    import tensorflow as tf  # noqa: PLC0415 - importing the export room must not load TensorFlow

    return _export(
        model,
        optimizations=[tf.lite.Optimize.DEFAULT],
        target_spec={"supported_types": [tf.float16]},
    )


def convert_int8(model: Any, calibration_images: NDArray[np.uint8], *, quarter_turns: bool = False) -> bytes:
    """Convert to full int8 by post-training quantisation: weights by channel, activations by tensor.

    The student is made ready first (see `ready_for_int8`). Then the file is run on the calibration images,
    and a second conversion subtracts what it still adds to each logit on average.

    Args:
        model: keeps the contract; it stays as it is.
        calibration_images: real training images `[n, size, size, 3]`, whose activations set the ranges.
        quarter_turns: the file answers as `over_quarter_turns(model)` does.
    """
    from dermdistill.export.formats.quarter_turns import as_it_answers  # noqa: PLC0415 - loads Keras
    from dermdistill.export.int8.prepare import ready_for_int8, shift_logits  # noqa: PLC0415 - loads Keras

    ready = ready_for_int8(model, calibration_images)
    exactly, rounded = (as_it_answers(one, quarter_turns=quarter_turns) for one in (model, ready))
    first_try = file_logits(_quantise(rounded, calibration_images), calibration_images)
    exact = np.concatenate([exactly.predict_on_batch(image[None])["logits"] for image in calibration_images])
    shift_logits(ready, (exact - first_try).mean(axis=0))
    return _quantise(rounded, calibration_images)


def file_logits(model_bytes: bytes, images: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Logits `[n, classes]` that a converted file gives for images `[n, size, size, 3]`."""
    logits_of = opened(model_bytes)
    return np.concatenate([logits_of(image[None]) for image in images])


def opened(model_bytes: bytes) -> Callable[[NDArray[np.uint8]], NDArray[np.float32]]:
    """From one image `[1, size, size, 3]` to the logits `[1, classes]` of a converted file.

    Raises:
        BundleError: LiteRT refuses the file.
    """
    interpreter = Interpreter(model_content=model_bytes, num_threads=1)
    try:
        interpreter.allocate_tensors()
    except RuntimeError as error:
        raise BundleError(
            f"LiteRT refuses the converted file ({error}); export with another --format, such as float16."
        ) from error
    runner = interpreter.get_signature_runner("serving_default")
    (name,) = runner.get_input_details()

    def logits(image: NDArray[np.uint8]) -> NDArray[np.float32]:
        return np.asarray(runner(**{name: image})["logits"], np.float32)

    return logits


def _quantise(model: Any, calibration_images: NDArray[np.uint8]) -> bytes:
    import tensorflow as tf  # noqa: PLC0415 - importing the export room must not load TensorFlow

    def representative() -> Iterator[list[NDArray[np.uint8]]]:
        for image in calibration_images:
            yield [image[None]]

    return _export(
        model,
        optimizations=[tf.lite.Optimize.DEFAULT],
        representative_dataset=representative,
        target_spec={"supported_ops": [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]},
    )


def choose_calibration(splits: pd.DataFrame, count: int = CALIBRATION_IMAGES) -> pd.DataFrame:
    """Rows of train images to calibrate with: as many of each class as there are, spread over its rows."""
    train = splits[splits["split"] == "train"]
    codes = sorted(train["diagnosis"].unique())
    share = count // len(codes)
    chosen: list[pd.DataFrame] = []
    for code in codes:
        rows = train[train["diagnosis"] == code]
        spread = np.unique(np.linspace(0, len(rows) - 1, min(share, len(rows))).astype(int))
        chosen.append(rows.iloc[spread])
    return pd.concat(chosen, ignore_index=True)


def _export(model: Any, **options: Any) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.tflite"
        with _quiet_stderr():
            model.export(path, format="litert", verbose=False, **options)
        return path.read_bytes()


@contextmanager
def _quiet_stderr() -> Iterator[None]:
    """Hold back what the converter's C++ prints past Python's streams; show it if the conversion fails."""
    sys.stderr.flush()
    kept = os.dup(2)
    try:
        with tempfile.TemporaryFile() as chatter:
            os.dup2(chatter.fileno(), 2)
            try:
                yield
            except BaseException:
                chatter.seek(0)
                os.write(kept, chatter.read())
                raise
            finally:
                os.dup2(kept, 2)
    finally:
        os.close(kept)
