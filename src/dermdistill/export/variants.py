"""Further files of the same student beside the one that counts: more exact, smaller, or for other runtimes.

Each passes the parity gate and carries its own self-test. They share the bundle's calibration, thresholds and
gate, which were fitted on `model_file`.
"""

from collections.abc import Callable, Iterable
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from dermdistill.bundle import Parity, Quantization, Variant, make_self_test
from dermdistill.errors import BundleError
from dermdistill.export import litert, onnx_file
from dermdistill.export.parity import check_parity

VariantName = Literal["float32", "float16", "onnx"]
VARIANTS: tuple[VariantName, ...] = get_args(VariantName)
# How far a logit of the self-test may be off on another machine: other float kernels, or int8 steps of
# about .1 a logit that fall to the other side.
SELF_TEST_TOLERANCE: dict[Quantization, float] = {"float32": 0.02, "float16": 0.02, "int8": 0.5}


def check_variants(names: Iterable[VariantName], model_file: Quantization) -> None:
    """Refuse, before minutes of work, what cannot be made.

    Raises:
        BundleError: ONNX is asked for and not installed, or a variant is the model file itself.
    """
    for name in names:
        if name == model_file:
            raise BundleError(f"the model file is {name} already; leave that variant out.")
        if name == "onnx":
            onnx_file.refuse_without_onnx()


def make_variant(
    name: VariantName,
    model: Any,
    images: Iterable[NDArray[np.uint8]],
    measure: Callable[[NDArray[np.float32]], Parity],
    *,
    advance: Callable[[int], None] = lambda _: None,
) -> tuple[Variant, bytes]:
    """Convert, run over `images` `[size, size, 3]` one by one, and compare with Keras.

    Args:
        name: which variant.
        model: the Keras student, keeping the model contract.
        images: those that Keras has answered.
        measure: from the file's logits `[n, 7]` to its parity.
        advance: told about each image done.

    Raises:
        BundleError: the file differs too much from its student.
    """
    size = int(model.input_shape[1])
    data, logits_of = _converted(name, model)
    answers = []
    for image in images:
        answers.append(logits_of(np.asarray(image)[None]))
        advance(1)
    quantization: Quantization = "float32" if name == "onnx" else name
    file = "model.onnx" if name == "onnx" else f"model_{name}.tflite"
    parity = measure(np.concatenate(answers))
    check_parity(parity, quantization, name=file)
    self_test = make_self_test(logits_of, size=size, tolerance=SELF_TEST_TOLERANCE[quantization])
    variant = Variant(
        file=file,
        format="onnx" if name == "onnx" else "litert",
        quantization=quantization,
        parity=parity,
        self_test=self_test,
    )
    return variant, data


def _converted(
    name: VariantName, model: Any
) -> tuple[bytes, Callable[[NDArray[np.uint8]], NDArray[np.float32]]]:
    """A variant's bytes and what answers images `[1, size, size, 3]` with them."""
    if name == "onnx":
        data = onnx_file.convert_onnx(model)
        outputs_of = onnx_file.opened(data)
        return data, lambda images: outputs_of(images)["logits"]
    data = litert.convert_float32(model) if name == "float32" else litert.convert_float16(model)
    return data, litert.opened(data)
