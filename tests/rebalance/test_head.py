import numpy as np
from scipy.special import softmax

from dermdistill.rebalance.head import HeadSettings, teach_head
from dermdistill.rebalance.methods import METHODS, Embedded, Wish


def clouds(seed):
    rng = np.random.default_rng(seed)
    labels = rng.choice(3, 3000, p=[0.8, 0.15, 0.05])
    means = np.array([[0, 0], [2, 0], [0, 2]])
    return Embedded((means[labels] + rng.normal(size=(3000, 2))).astype(np.float32), labels, ("a", "b", "c"))


QUICK = HeadSettings(steps=600, batch_size=256, learning_rate=0.03, weight_decay=0.0, dropout=0.0)


def test_whatever_is_drawn_the_probabilities_are_those_of_the_data():
    """The posterior of Gaussian clouds is known; a head on balanced draws must give it, too."""
    data, other = clouds(0), clouds(1)
    means, prior = np.array([[0, 0], [2, 0], [0, 2]]), np.array([0.8, 0.15, 0.05])
    known = softmax(other.values @ means.T - (means**2).sum(1) / 2 + np.log(prior), axis=1)
    for method in ("none", "class_balanced", "oversample"):
        balanced = METHODS[method](data, Wish(count=1000 if method == "oversample" else None))
        kernel, bias, _ = teach_head(balanced, data.counts / 3000, seed=1, settings=QUICK)
        found = softmax(other.values @ kernel + bias, axis=1)
        assert np.abs(found - known).mean() < 0.02, method


def test_the_same_seed_gives_the_same_head_and_another_another():
    data = clouds(0)
    prior = data.counts / 3000
    balanced = METHODS["none"](data, Wish())
    short = HeadSettings(steps=100)
    first, again, other = (teach_head(balanced, prior, seed=seed, settings=short)[0] for seed in (1, 1, 2))
    np.testing.assert_array_equal(first, again)
    assert np.abs(first - other).max() > 1e-4
