import numpy as np
import pytest

from dermdistill.errors import DataError, RecipeError
from dermdistill.rebalance.methods import METHODS, WITH_COUNT, Embedded, Wish, get_method

COUNTS = (60, 12, 8)
CODES = ("nv", "mel", "df")


@pytest.fixture
def data():
    """Three clouds that touch, so that the borderline has neighbours of other classes."""
    rng = np.random.default_rng(0)
    labels = np.repeat(np.arange(3), COUNTS)
    values = rng.normal(size=(80, 6)) + labels[:, None]
    return Embedded(values.astype(np.float32), labels, CODES)


@pytest.mark.parametrize("name", METHODS)
def test_the_shift_undoes_what_is_drawn_otherwise(name, data):
    """Softmax of log shares of the data, shifted, gives the shares that are drawn: logits follow the data."""
    balanced = get_method(name)(data, Wish(count=40 if name in WITH_COUNT else None, seed=1))
    drawn = np.bincount(balanced.labels, weights=balanced.drawn)
    shifted = np.array(COUNTS) / 80 * np.exp(balanced.shift)
    np.testing.assert_allclose(shifted / shifted.sum(), drawn, atol=1e-9)
    assert balanced.drawn.sum() == pytest.approx(1)


@pytest.mark.parametrize("name", ["oversample", "smote", "borderline_smote"])
def test_rare_classes_are_raised_to_the_count_and_others_stay(name, data):
    balanced = METHODS[name](data, Wish(count=40))
    assert np.bincount(balanced.labels).tolist() == [60, 40, 40]
    np.testing.assert_array_equal(balanced.values[:80], data.values)


def test_adasyn_comes_near_the_count(data):
    counts = np.bincount(METHODS["adasyn"](data, Wish(count=40)).labels)
    assert counts[0] == 60
    assert (np.abs(counts[1:] - 40) <= 6).all()


def test_oversampling_repeats_and_smote_makes_points_between_two_of_one_class(data):
    repeated = METHODS["oversample"](data, Wish(count=40, seed=3))
    own = {row.tobytes() for row in data.values[data.labels == 2]}
    again = [row.tobytes() for row in repeated.values[80:][repeated.labels[80:] == 2]]
    assert set(again) == own
    assert {again.count(row) for row in own} == {4}  # 32 of 8, each as often
    made = METHODS["smote"](data, Wish(count=40, seed=3))
    df = data.values[data.labels == 2].astype(np.float64)
    for point in made.values[80:][made.labels[80:] == 2]:
        assert point.tobytes() not in own
        # On the line between two of them: the way by the point is no longer than the way without it.
        detour = min(
            np.linalg.norm(a - point) + np.linalg.norm(point - b) - np.linalg.norm(a - b)
            for a in df
            for b in df
            if a is not b
        )
        assert detour < 1e-4


def test_views_are_shown_before_an_image_is_shown_again(data):
    views = np.full((16, 6), 9, np.float32)
    seen = Embedded(data.values, data.labels, CODES, views, np.full(16, 2))
    added = METHODS["oversample"](seen, Wish(count=32)).values[80 + 20 :]
    assert (added == 9).all(axis=1).sum() == 16


def test_class_balanced_draws_classes_alike(data):
    balanced = METHODS["class_balanced"](data, Wish())
    np.testing.assert_allclose(np.bincount(balanced.labels, weights=balanced.drawn), 1 / 3)


def test_logit_adjustment_of_strength_1_leaves_nothing_to_shift(data):
    assert not METHODS["logit_adjustment"](data, Wish(tau=1)).shift.any()
    shift = METHODS["logit_adjustment"](data, Wish(tau=1.5)).shift
    np.testing.assert_allclose(shift, 0.5 * np.log(np.array(COUNTS) / 80))


@pytest.mark.parametrize("name", ["smote", "borderline_smote", "adasyn"])
def test_a_class_with_too_few_images_is_refused_in_a_sentence(name, data):
    few = Embedded(data.values[:-3], data.labels[:-3], CODES)  # five of df
    with pytest.raises(DataError, match=rf"{name} needs 6 or more training images of a class and df has 5;"):
        METHODS[name](few, Wish(count=40))
    # Left as it is where it is not to be raised.
    assert np.bincount(METHODS[name](few, Wish(count=5)).labels).tolist() == [60, 12, 5]


def test_far_apart_classes_have_no_border(data):
    apart = Embedded(
        data.values + np.float32(1000) * data.labels[:, None].astype(np.float32), data.labels, CODES
    )
    with pytest.raises(DataError, match="adasyn can make no embeddings of mel, df"):
        METHODS["adasyn"](apart, Wish(count=40))


def test_an_unknown_method_is_told_what_was_meant():
    with pytest.raises(RecipeError, match="There is no method 'smotee'; did you mean 'smote'"):
        get_method("smotee")
