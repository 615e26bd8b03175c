"""The parity check: how far a file is from its Keras student, and whether that is near enough to ship.

float32 files hold the probabilities to 1e-3. float16 files cannot: rounding the weights to 11 bits moves a
probability by up to .003 in a trained truncated InceptionV3 (170 validation images). In MobileNetV2, whose
folded depthwise kernels span more magnitudes, it is .05. So they are held to .05 and to int8's agreement.
"""

import numpy as np
from numpy.typing import NDArray
from scipy.special import softmax

from dermdistill.bundle import Parity, Quantization
from dermdistill.errors import BundleError
from dermdistill.metrics.decisions import DecisionRule, decide
from dermdistill.metrics.scores import decision_metrics

MAX_PROBABILITY_DIFFERENCE: dict[Quantization, float] = {"float32": 1e-3, "float16": 0.05}
MIN_TOP1_AGREEMENT = 0.98
MAX_BALANCED_ACCURACY_DROP = 0.005
# A byte for each weight, a fifth more for biases and scales, and the graph: 3.0 MB for MobileNetV2.
INT8_BYTES_A_PARAMETER, INT8_GRAPH_BYTES = 1.2, 250_000


def measure_parity(
    keras_logits: NDArray[np.floating],
    file_logits: NDArray[np.floating],
    labels: NDArray[np.intp],
    *,
    split: str,
    rule: DecisionRule,
    priors: NDArray[np.float64],
    temperature: float = 1.0,
) -> Parity:
    """Compare two sets of logits `[n, classes]` of the same images.

    Top-1 agreement is that of plain argmax. Decisions are made as a bundle makes them: by `rule` on
    probabilities scaled by its `temperature`. The drop of balanced accuracy is positive where the file loses.
    """
    keras_probs, file_probs = softmax(keras_logits, axis=1), softmax(file_logits, axis=1)
    decided = [
        decide(softmax(logits / temperature, axis=1), rule, priors) for logits in (keras_logits, file_logits)
    ]
    names = [str(k) for k in range(len(priors))]
    before, after = (
        float(decision_metrics(labels, classes, names)["balanced_accuracy"][0]) for classes in decided
    )
    return Parity(
        split=split,
        n_images=len(labels),
        max_abs_logit_difference=_largest(keras_logits, file_logits),
        max_abs_probability_difference=_largest(keras_probs, file_probs),
        top1_agreement=float(np.mean(keras_logits.argmax(axis=1) == file_logits.argmax(axis=1))),
        decision_agreement=float(np.mean(decided[0] == decided[1])),
        balanced_accuracy_drop=round(before - after, 6),
    )


def check_parity(parity: Parity, quantization: Quantization, *, name: str) -> None:
    """Refuse a file that answers differently from the student it was made of.

    Raises:
        BundleError: a limit is broken; every broken limit is named with its figure.
    """
    broken = []
    largest, most = parity.max_abs_probability_difference, MAX_PROBABILITY_DIFFERENCE.get(quantization, 1.0)
    if not largest <= most:
        broken.append(f"a probability differs by {largest:.2g}, more than {most}")
    if quantization != "float32" and not parity.top1_agreement >= MIN_TOP1_AGREEMENT:
        broken.append(f"top-1 agreement {parity.top1_agreement:.4f} is below {MIN_TOP1_AGREEMENT}")
    if quantization == "int8":
        drop = parity.balanced_accuracy_drop
        if drop is None or not drop <= MAX_BALANCED_ACCURACY_DROP:
            lost = "was not measured" if drop is None else f"lost {drop:.4f}"
            broken.append(f"balanced accuracy {lost}, at most {MAX_BALANCED_ACCURACY_DROP} may be")
    if broken:
        raise BundleError(
            f"{name} ({quantization}) differs too much from its Keras student on {parity.n_images} images of "
            f"{parity.split}: {'; '.join(broken)}; nothing was written."
        )


def check_int8_size(n_bytes: int, n_parameters: int, *, name: str) -> None:
    """Refuse an int8 file that is too large for its network: a part of it was not rounded.

    Raises:
        BundleError: there are more bytes than int8 weights and their scales need.
    """
    most = round(INT8_BYTES_A_PARAMETER * n_parameters + INT8_GRAPH_BYTES)
    if n_bytes > most:
        raise BundleError(
            f"{name} has {n_bytes} bytes for {n_parameters} parameters, more than the {most} of an int8 "
            "file: a part of it was not rounded; nothing was written."
        )


def _largest(first: NDArray[np.floating], second: NDArray[np.floating]) -> float:
    return float(np.abs(first - second).max())
