"""The self-test's second half: what the bundle's numbers make of the logits that it recorded."""

import numpy as np

from dermdistill.bundle import BundleSpec, SelfTestAnswer
from dermdistill.errors import BundleError
from dermdistill.inference.probabilities import calibrate, decide, malignant_probability

# Of a score, on another machine: int8 steps that fall to the other side move an embedding, too.
SCORE_TOLERANCE = {"float32": 0.02, "float16": 0.02, "int8": 0.2}
# Of a probability, which is arithmetic on the recorded logits alone.
_CLOSE = 1e-6


def self_test_answer(spec: BundleSpec, score: float | None) -> SelfTestAnswer:
    """Record the answer to the self-test image.

    Args:
        spec: the bundle with all its numbers.
        score: out-of-distribution score of the self-test image; None without a detector.
    """
    logits = np.array(spec.self_test.expected_logits, np.float32)
    probs = calibrate(logits, spec.temperature)
    return SelfTestAnswer(
        diagnosis=spec.codes[decide(probs, spec)],
        probabilities=dict(zip(spec.codes, (float(p) for p in probs), strict=True)),
        malignant_probability=malignant_probability(probs, spec),
        out_of_distribution_score=score,
        score_tolerance=None if score is None else max(score * SCORE_TOLERANCE[spec.quantization], 1e-3),
    )


def check_answer(spec: BundleSpec, score: float | None, *, name: str) -> None:
    """Compare this machine's answer with the recorded one; a draft has none.

    Raises:
        BundleError: the decision, a probability or the score is another.
    """
    recorded = spec.self_test_answer
    if recorded is None:
        return
    now = self_test_answer(spec, score)
    pairs = [(now.malignant_probability, recorded.malignant_probability)]
    pairs += [(p, recorded.probabilities.get(code, np.nan)) for code, p in now.probabilities.items()]
    same = now.diagnosis == recorded.diagnosis and all(abs(a - b) <= _CLOSE for a, b in pairs)
    expected, tolerance = recorded.out_of_distribution_score, recorded.score_tolerance
    if score is None or expected is None or tolerance is None:
        same &= score is None and expected is None
    else:
        same &= abs(score - expected) <= tolerance
    if not same:
        raise BundleError(
            f"{name} fails its self-test: decision, probabilities or out-of-distribution score are not those "
            "that it was exported with; do not use it, export it again."
        )
