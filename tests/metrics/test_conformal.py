import numpy as np
import pytest

from dermdistill.metrics.conformal import chance, conformal_levels, fit_quantiles, sets
from dermdistill.metrics.predictions import labels_of, probs_of

MEL = 4


def test_a_quantile_by_hand():
    # Nineteen melanomas with 1 - p of .05 ... .95: rank ceil(20 * .9) = 18, value .90.
    probs = np.zeros((19, 7))
    probs[:, MEL] = 1 - np.arange(1, 20) / 20
    labels = np.full(19, MEL)
    assert fit_quantiles(labels, probs, 0.90)[MEL] == pytest.approx(0.90)
    assert fit_quantiles(labels, probs, 0.95)[MEL] == pytest.approx(0.95)
    # With eighteen images no quantile promises 95 %: the class goes into every set.
    assert fit_quantiles(labels[1:], probs[1:], 0.95)[MEL] == 1
    assert fit_quantiles(labels, probs, 0.90)[0] == 1


def test_sets_hold_what_reaches_the_quantile():
    quantiles = np.array([0.5, 0.5, 1, 0.5, 0.7, 0.1, 0.0])
    probs = np.array([[0.5, 0.1, 0.0, 0.0, 0.3, 0.1, 0.0]])
    assert sets(probs, quantiles)[0].tolist() == [True, False, True, False, True, False, False]


def test_coverage_holds_for_every_class_on_exchangeable_images(make_predictions):
    """The guarantee is an average over calibration sets, so average over some."""
    covered = {0.90: [], 0.95: []}
    for seed in range(30):
        fit = make_predictions(700, seed=2 * seed, skill=1.0)
        measure = make_predictions(700, seed=2 * seed + 1, skill=1.0)
        for level in conformal_levels(fit, measure):
            covered[level.coverage].append([level.measured["mel"], level.measured["nv"]])
    for coverage, shares in covered.items():
        mean = np.mean(shares, axis=0)
        assert (mean >= coverage - 0.012).all()
        assert (mean <= coverage + 0.025).all()  # at most 1/(n+1) above, and melanomas are about 78


def test_too_few_lesions_are_admitted(make_predictions):
    fit = make_predictions(4000, seed=1, images_per_lesion=4, splits=("val",))
    measure = make_predictions(4000, seed=2, images_per_lesion=2)
    level = next(level for level in conformal_levels(fit, measure) if level.coverage == 0.95)
    lesions = fit.groupby("diagnosis")["lesion_id"].nunique()
    assert level.n_lesions == {code: int(lesions.get(code, 0)) for code in level.n_lesions}
    assert level.n_images["mel"] == 4 * level.n_lesions["mel"]
    # About 670 and 1,340 moles, 110 and 220 melanomas: .95 * .05 * (1/110 + 1/220) is .025 squared.
    assert level.enough["nv"]
    assert not level.enough["df"]


def test_chance_by_hand():
    assert chance(0.9, 100, 100) == pytest.approx(np.sqrt(0.09 / 50))
    assert chance(0.9, 0, 100) == np.inf


@pytest.mark.filterwarnings("ignore:WARNING. your conformalization dataset has less labels")
@pytest.mark.parametrize("coverage", [0.90, 0.95])
def test_mapie_makes_the_same_sets(make_predictions, coverage):
    """MAPIE has no class-conditional sets; given one class's images it fits that class's quantile."""
    from mapie.classification import SplitConformalClassifier
    from sklearn.base import BaseEstimator, ClassifierMixin

    class Given(ClassifierMixin, BaseEstimator):
        """A fitted classifier whose inputs are probabilities already."""

        classes_ = np.arange(7)

        def fit(self, x, y):
            return self

        def predict_proba(self, x):
            return x

        def predict(self, x):
            return x.argmax(axis=1)

        def __sklearn_is_fitted__(self):
            return True

    fit, measure = make_predictions(3000, seed=1), make_predictions(500, seed=2)
    labels, probs, new = labels_of(fit), probs_of(fit), probs_of(measure)
    ours = sets(new, fit_quantiles(labels, probs, coverage))
    for k in range(7):
        of_class = labels == k
        assert of_class.sum() >= 20
        peer = SplitConformalClassifier(
            Given(), confidence_level=coverage, conformity_score="lac", prefit=True
        )
        peer.conformalize(probs[of_class], labels[of_class])
        _, theirs = peer.predict_set(new)
        assert 0 < ours[:, k].sum() < len(new)
        np.testing.assert_array_equal(ours[:, k], theirs[:, k, 0], err_msg=f"class {k}")


def test_the_set_size_is_reported(make_predictions):
    fit, measure = make_predictions(700, seed=1), make_predictions(300, seed=2)
    level = conformal_levels(fit, measure)[0]
    quantiles = fit_quantiles(labels_of(fit), probs_of(fit), level.coverage)
    assert level.mean_set_size == pytest.approx((1 - probs_of(measure) <= quantiles).sum(axis=1).mean())
