import numpy as np
import pytest
from scipy.special import softmax
from sklearn.calibration import CalibratedClassifierCV
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression

from dermdistill.errors import DataError
from dermdistill.metrics.calibration import apply_temperature, fit_temperature
from dermdistill.metrics.scores import binned_error


def _drawn(n: int, seed: int = 0):
    """Logits, and labels that really follow softmax(logits)."""
    rng = np.random.default_rng(seed)
    logits = rng.normal(scale=2, size=(n, 7))
    labels = np.array([rng.choice(7, p=row) for row in softmax(logits, axis=1)])
    return logits, labels


@pytest.mark.parametrize("true", [0.5, 1.0, 3.0])
def test_a_known_temperature_is_found(true):
    logits, labels = _drawn(6000)
    assert fit_temperature(labels, softmax(logits * true, axis=1)) == pytest.approx(true, rel=0.04)


def test_log_probabilities_serve_as_logits():
    logits, _ = _drawn(20)
    got = apply_temperature(softmax(logits + 5, axis=1), 2.5)
    np.testing.assert_allclose(got, softmax(logits / 2.5, axis=1))


def test_scaling_mends_the_calibration_error():
    logits, labels = _drawn(6000, seed=1)
    sure = softmax(logits * 3, axis=1)
    mended = apply_temperature(sure, fit_temperature(labels, sure))
    before = binned_error(sure.max(axis=1), sure.argmax(axis=1) == labels)
    after = binned_error(mended.max(axis=1), mended.argmax(axis=1) == labels)
    assert before > 0.15
    assert after < 0.03


def test_agreement_with_scikit_learn():
    logits, labels = _drawn(2000, seed=2)
    model = LogisticRegression().fit(logits[:1000], labels[:1000])
    scaled = CalibratedClassifierCV(FrozenEstimator(model), method="temperature", ensemble=False)
    scaled.fit(logits[1000:], labels[1000:])
    raw = model.predict_proba(logits)
    ours = apply_temperature(raw, fit_temperature(labels[1000:], raw[1000:]))
    np.testing.assert_allclose(ours, scaled.predict_proba(logits), atol=2e-4)


def test_a_fit_that_runs_away_is_refused():
    labels = np.arange(70) % 7
    certain = 0.9 * np.eye(7)[labels] + 0.1 / 7
    with pytest.raises(DataError, match="no temperature between"):
        fit_temperature(labels, certain)
