"""Exact intervals, against statsmodels' `proportion_confint(method="beta")`."""

import pytest

from dermdistill.metrics.proportion import clopper_pearson


@pytest.mark.parametrize(
    ("found", "total", "low", "high"),
    [
        (0, 10, 0.0, 0.3084971078),
        (10, 10, 0.6915028922, 1.0),
        (6, 84, 0.0266625, 0.1490125),
        (1, 2, 0.0125791, 0.9874209),
    ],
)
def test_known_intervals(found, total, low, high):
    assert clopper_pearson(found, total) == pytest.approx((low, high), abs=5e-6)
