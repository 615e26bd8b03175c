"""Further files of the same student beside the one that counts: more exact, smaller, quicker, or in ONNX.

Each passes the parity check and carries its own self-test. They share the bundle's calibration, thresholds
and detector, which were fitted on `model_file`.
"""

from collections.abc import Callable, Iterable
from typing import Any, Literal, cast, get_args

import numpy as np
from numpy.typing import NDArray

from dermdistill.bundle import Parity, Quantization, Variant, make_self_test
from dermdistill.errors import BundleError
from dermdistill.export.formats import litert, onnx
from dermdistill.export.formats.quarter_turns import as_it_answers
from dermdistill.export.parity import check_parity

VariantName = Literal["float32", "float16", "onnx", "one_view", "careful"]
OTHER_VIEWS: tuple[VariantName, ...] = ("one_view", "careful")
"""Variants that look at an image more or less often than the model file: their embeddings lie elsewhere."""
VARIANTS: tuple[VariantName, ...] = get_args(VariantName)
# How far a logit of the self-test may be off on another machine. Float kernels differ; int8 steps, about .1
# of a logit, may fall to the other side.
SELF_TEST_TOLERANCE: dict[Quantization, float] = {"float32": 0.02, "float16": 0.02, "int8": 0.5}


def check_variants(
    names: Iterable[VariantName], model_file: Quantization, *, quarter_turns: bool = False
) -> None:
    """Refuse, before minutes of work, what cannot be made.

    Raises:
        BundleError: ONNX is asked for and not installed, or a variant is the model file itself.
    """
    for name in names:
        if name == "one_view" and not quarter_turns:
            raise BundleError("the model file looks once already; leave one_view out, or give it four views.")
        if name == "careful" and quarter_turns:
            raise BundleError("the model file has four views already; leave careful out, or give it one.")
        if name == model_file:
            raise BundleError(f"the model file is {name} already; leave that variant out.")
        if name == "onnx":
            onnx.refuse_without_onnx()


def convert_variant(
    name: VariantName,
    student: Any,
    calibration_images: NDArray[np.uint8],
    model_file: Quantization,
    *,
    quarter_turns: bool,
) -> bytes:
    """Convert the Keras `student`, which keeps the model contract, to one of its variants.

    `one_view` looks once and `careful` at four quarter turns, both as precise as the model file; all others
    look as often as that does.
    """
    if name in OTHER_VIEWS:
        return litert.convert(student, model_file, calibration_images, quarter_turns=name == "careful")
    if name == "onnx":
        return onnx.convert_onnx(as_it_answers(student, quarter_turns=quarter_turns))
    precision = cast(Quantization, name)
    return litert.convert(student, precision, calibration_images, quarter_turns=quarter_turns)


def prove_variant(
    name: VariantName,
    data: bytes,
    model_file: Quantization,
    images: Iterable[NDArray[np.uint8]],
    measure: Callable[[NDArray[np.float32]], Parity],
    *,
    size: int,
    quarter_turns: bool,
    advance: Callable[[int], None] = lambda _: None,
) -> Variant:
    """Run a variant over `images` `[size, size, 3]` one by one, and compare it with Keras.

    Args:
        name: which variant.
        data: its file.
        model_file: the precision of the model file.
        images: those that Keras has answered.
        measure: from the file's logits `[n, classes]` to its parity.
        size: pixels of a side.
        quarter_turns: whether the model file turns its images.
        advance: told about each image done.

    Raises:
        BundleError: the file differs too much from its student.
    """
    logits_of = _opened(data) if name == "onnx" else litert.opened(data)
    answers = []
    for image in images:
        answers.append(logits_of(np.asarray(image)[None]))
        advance(1)
    precisions: dict[VariantName, Quantization] = {
        "onnx": "float32",
        "one_view": model_file,
        "careful": model_file,
    }
    quantization = precisions.get(name) or cast(Quantization, name)
    file = "model.onnx" if name == "onnx" else f"model_{name}.tflite"
    parity = measure(np.concatenate(answers))
    check_parity(parity, quantization, name=file)
    return Variant(
        file=file,
        format="onnx" if name == "onnx" else "litert",
        quantization=quantization,
        quarter_turns=quarter_turns != (name in OTHER_VIEWS),
        parity=parity,
        self_test=make_self_test(logits_of, size=size, tolerance=SELF_TEST_TOLERANCE[quantization]),
    )


def _opened(onnx_bytes: bytes) -> Callable[[NDArray[np.uint8]], NDArray[np.float32]]:
    outputs_of = onnx.opened(onnx_bytes)
    return lambda images: outputs_of(images)["logits"]
