import numpy as np
import pytest

from dermdistill.generate.kid import kernel_distance, nearest
from dermdistill.generate.measure import Seen, memorised


def test_the_distance_is_the_unbiased_estimate_written_out():
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(4, 3)), rng.normal(1, 1, size=(5, 3))
    kernel = lambda a, b: (a @ b / 3 + 1) ** 3  # noqa: E731
    within_x = np.mean([kernel(x[i], x[j]) for i in range(4) for j in range(4) if i != j])
    within_y = np.mean([kernel(y[i], y[j]) for i in range(5) for j in range(5) if i != j])
    across = np.mean([kernel(a, b) for a in x for b in y])
    assert kernel_distance(x, y) == pytest.approx(within_x + within_y - 2 * across)


def test_two_samples_of_one_distribution_are_at_0_on_average():
    rng = np.random.default_rng(1)
    same = [kernel_distance(*rng.normal(size=(2, 60, 8))) for _ in range(200)]
    assert abs(np.mean(same)) < 3 * np.std(same) / np.sqrt(200)
    assert kernel_distance(rng.normal(size=(60, 8)), rng.normal(0.7, 1, (60, 8))) > 5 * np.std(same)
    assert np.isnan(kernel_distance(np.ones((1, 3)), np.ones((4, 3))))


def test_neighbours_of_one_lesion_do_not_count():
    values = np.array([[1, 0], [1, 0.01], [0, 1]])
    groups = np.array(["a", "a", "b"])
    assert nearest(values, values, (groups, groups))[1].tolist() == [2, 2, 1]


def test_copies_are_found_and_new_pictures_are_as_near_as_real_ones():
    rng = np.random.default_rng(2)
    real = Seen(rng.normal(size=(400, 5)), np.zeros(400, int), np.arange(400).astype(str))
    new = Seen(rng.normal(size=(400, 5)), np.zeros(400, int), np.arange(400).astype(str))
    copies = Seen(real.values + rng.normal(0, 1e-3, (400, 5)), real.labels, real.groups)
    assert memorised(new, real).share == pytest.approx(0.05, abs=0.04)
    found = memorised(copies, real)
    assert found.share == 1
    assert found.at.tolist() == list(range(400))
