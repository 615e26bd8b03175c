import numpy as np
import pytest

from dermdistill.errors import DataError
from dermdistill.evaluate.compare.compare import compare, compare_frame
from dermdistill.metrics.predictions import labels_of, probs_of, with_probs


@pytest.fixture
def two(make_predictions):
    """A model, and the same model with the true class raised a little."""
    first = make_predictions(400, seed=1)
    probs = probs_of(first) + 0.15 * np.eye(7)[labels_of(first)]
    return first, with_probs(first, probs / probs.sum(axis=1, keepdims=True))


def test_the_gain_is_the_difference_of_the_point_figures(two):
    first, second = two
    right = [probs_of(frame).argmax(axis=1) == labels_of(frame) for frame in two]
    gain = compare(first, second, resamples=200)["accuracy"]
    assert gain.value == pytest.approx(right[1].mean() - right[0].mean())
    assert 0 < gain.low < gain.value < gain.high


def test_the_other_way_round_the_signs_turn(two):
    forth, back = compare(*two, resamples=200), compare(*two[::-1], resamples=200)
    for name, gain in forth.items():
        assert (back[name].value, back[name].low) == pytest.approx((-gain.value, -gain.high), nan_ok=True)


def test_pairing_makes_the_interval_narrower_than_two_separate_ones(two):
    paired = compare(*two, resamples=300)["nll"]
    other = [probs_of(frame)[np.arange(400), labels_of(frame)] for frame in two]
    errors = [np.log(p).std() / 20 for p in other]
    assert paired.high - paired.low < 0.7 * 2 * 1.96 * np.hypot(*errors)


def test_a_model_against_itself_gains_nothing(make_predictions):
    frame = make_predictions(100)
    for gain in compare(frame, frame.sample(frac=1, random_state=1), resamples=20).values():
        if not np.isnan(gain.value):
            assert (gain.value, gain.low, gain.high) == (0, 0, 0)


def test_different_images_or_labels_are_refused(make_predictions):
    frame = make_predictions(100)
    with pytest.raises(DataError, match=r"differ in 10 images \(first: IMG_00090"):
        compare(frame, frame.iloc[:90])
    with pytest.raises(DataError, match=r"lesion, diagnosis or split of 1 images \(first: IMG_00007"):
        compare(frame, frame.assign(lesion_id=frame["lesion_id"].where(frame.index != 7, "OTHER")))


def test_the_table_says_which_gains_are_sure(two):
    shares = dict(zip(["akiec", "bcc", "bkl", "df", "mel", "nv", "vasc"], [1 / 7] * 7, strict=True))
    table = compare_frame(*two, class_priors=shares, resamples=200).set_index(["decision", "figure"])
    assert table.loc[("argmax_p", "accuracy"), "sure"] == "yes"
    # Even priors change no decision.
    assert (
        table.loc[("argmax_p_over_prior", "accuracy"), "gain"] == table.loc[("argmax_p", "accuracy"), "gain"]
    )
    assert ("any", "macro_auc") in table.index
    assert ("argmax_p", "macro_auc") not in table.index
