import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import minimize_scalar

from dermdistill.errors import DataError
from dermdistill.evaluate.compare.ensemble import ensemble, fit_weights, write_ensemble
from dermdistill.metrics.decisions import decide
from dermdistill.metrics.predictions import (
    labels_of,
    probs_of,
    read_predictions,
    select_split,
    with_probs,
    write_predictions,
)
from dermdistill.taxonomy import CLASSES

SHARES = np.array([0.05, 0.05, 0.1, 0.02, 0.1, 0.66, 0.02])
PRIORS = dict(zip(CLASSES, SHARES, strict=True))
EVEN = dict.fromkeys(CLASSES, 1 / 7)
MEL, NV = 4, 5


def q_of(frame):
    return (probs_of(frame) / SHARES) / (probs_of(frame) / SHARES).sum(axis=1, keepdims=True)


def test_the_mean_is_taken_at_even_priors_by_hand(make_predictions):
    # Two classes only, shares .1 (mel) and .66 (nv). First: .1/.1 = 1 and .9/.66 = 1.3636, q .4231, .5769.
    # Second: .6/.1 = 6 and .4/.66 = .6061, q .9083, .0917. Mean .6657, .3343; back: .06657, .22064, which
    # is .2318, .7682. The plain mean of p would have been .35, .65.
    rows = make_predictions(1)
    first, second = np.zeros((2, 1, 7))
    first[0, [MEL, NV]], second[0, [MEL, NV]] = [0.1, 0.9], [0.6, 0.4]
    together = ensemble([with_probs(rows, first), with_probs(rows, second)], PRIORS)
    np.testing.assert_allclose(probs_of(together)[0, [MEL, NV]], [0.2318, 0.7682], atol=1e-4)
    assert decide(probs_of(together), "argmax_p_over_prior", SHARES) == [MEL]


def test_with_even_priors_it_is_the_plain_weighted_mean(make_predictions):
    first, second = make_predictions(50, seed=0), make_predictions(50, seed=0, skill=5)
    together = ensemble([first, second], EVEN, [1, 3])
    np.testing.assert_allclose(probs_of(together), (probs_of(first) + 3 * probs_of(second)) / 4)


def test_each_image_meets_itself_whatever_the_order(make_predictions):
    first, second = make_predictions(80, seed=0), make_predictions(80, seed=0, skill=5)
    shuffled = second.sample(frac=1, random_state=1)
    np.testing.assert_allclose(
        probs_of(ensemble([first, shuffled], PRIORS)), probs_of(ensemble([first, second], PRIORS))
    )
    with pytest.raises(DataError, match="differ in 1 images"):
        ensemble([first, second.iloc[1:]], PRIORS)


@given(weights=st.lists(st.floats(0, 10), min_size=3, max_size=3).filter(lambda w: sum(w) > 1e-3))
def test_models_that_agree_are_not_changed_by_meeting(make_predictions, weights):
    frame = make_predictions(20)
    np.testing.assert_allclose(probs_of(ensemble([frame] * 3, PRIORS, weights)), probs_of(frame), atol=1e-9)


@pytest.mark.parametrize("weights", [[1], [0, 0], [1, -1], [1, np.nan]])
def test_weights_that_do_not_fit_are_refused(make_predictions, weights):
    with pytest.raises(DataError, match="as many weights"):
        ensemble([make_predictions(5)] * 2, PRIORS, weights)


def with_noise(frame, seed, noise):
    logits = np.log(probs_of(frame)) + np.random.default_rng(seed).normal(0, noise, (len(frame), 7))
    return with_probs(frame, np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True))


def test_fitted_weights_are_the_likeliest_by_another_optimizer(make_predictions):
    frame = make_predictions(400, skill=3)
    frames = [with_noise(frame, 1, 0.7), with_noise(frame, 2, 1.2)]
    labels, q = labels_of(frame), [q_of(one) for one in frames]

    def balanced_loss(weight):
        mixed = (weight * q[0] + (1 - weight) * q[1])[np.arange(400), labels]
        return -np.mean([np.log(mixed[labels == code]).mean() for code in np.unique(labels)])

    best = minimize_scalar(balanced_loss, bounds=(0, 1), method="bounded", options={"xatol": 1e-8}).x
    weights = fit_weights(frames, PRIORS)
    assert 0.5 < weights[0] < 1
    assert weights[0] == pytest.approx(best, abs=1e-4)
    assert weights.sum() == pytest.approx(1)


def test_a_model_that_knows_nothing_gets_no_weight(make_predictions):
    frame = make_predictions(300, skill=6)
    guess = with_probs(frame, np.tile(SHARES, (300, 1)))
    weights = fit_weights([guess, frame, guess], PRIORS)
    assert weights[1] > 0.9
    assert weights[0] == pytest.approx(weights[2])


def test_weights_are_fitted_on_val_and_nothing_of_test(make_predictions, tmp_path):
    frame = make_predictions(400, skill=3, splits=("val", "test"))
    first, second = with_noise(frame, 1, 0.7), with_noise(frame, 2, 1.2)
    predictions = write_ensemble(tmp_path / "a", {"first": first, "second": second}, PRIORS, fit=True)
    told = json.loads((tmp_path / "a" / "ensemble.json").read_text())
    assert told["weights"] == "fitted on val"
    kept = read_predictions(tmp_path / "a" / "predictions.csv")
    np.testing.assert_allclose(probs_of(kept), probs_of(predictions), atol=1e-8)

    probs = probs_of(second)
    probs[frame["split"] == "test"] = 1 / 7
    changed = {"first": first, "second": with_probs(second, probs)}
    write_ensemble(tmp_path / "b", changed, PRIORS, fit=True)
    assert json.loads((tmp_path / "b" / "ensemble.json").read_text())["members"] == told["members"]


def test_members_of_another_split_are_refused(make_predictions, tmp_path):
    frame = make_predictions(400, splits=("val", "test"))
    swapped = frame.assign(split=frame["split"].map({"val": "test", "test": "val"}))
    with pytest.raises(DataError, match="split of 400 images"):
        write_ensemble(tmp_path / "a", {"first": frame, "second": swapped}, PRIORS, fit=False)
    assert not (tmp_path / "a").exists()


def test_a_model_without_val_rows_joins_by_its_test_rows(make_predictions, tmp_path):
    both, other = (
        make_predictions(60, splits=("val", "test")),
        make_predictions(60, skill=4, splits=("val", "test")),
    )
    test_alone = other[other["split"] == "test"].reset_index(drop=True)
    predictions = write_ensemble(tmp_path / "a", {"both": both, "test": test_alone}, PRIORS, fit=False)
    assert list(predictions["image_id"]) == list(test_alone["image_id"])
    expected = ensemble([select_split(both, "test"), test_alone], PRIORS)
    np.testing.assert_array_equal(probs_of(predictions), probs_of(expected))
    assert json.loads((tmp_path / "a" / "ensemble.json").read_text())["splits"] == ["test"]
    with pytest.raises(DataError, match="no rows of split 'val'"):
        write_ensemble(tmp_path / "b", {"both": both, "test": test_alone}, PRIORS, fit=True)
    val_alone = both[both["split"] == "val"]
    with pytest.raises(DataError, match="no split in common"):
        write_ensemble(tmp_path / "b", {"val": val_alone, "test": test_alone}, PRIORS, fit=False)
    assert not (tmp_path / "b").exists()


def test_a_run_or_a_member_keeps_its_own_predictions(make_predictions, tmp_path):
    frame = make_predictions(70)
    priors = dict.fromkeys(CLASSES, 1 / 7)
    run_dir, own = tmp_path / "run", tmp_path / "own"
    for folder in (run_dir, own):
        folder.mkdir()
        write_predictions(frame, folder / "predictions.csv")
    (run_dir / "config.json").write_text("{}")
    before = (own / "predictions.csv").read_bytes()
    for folder, members in ((run_dir, "ab"), (own, [str(own / "predictions.csv"), "b"])):
        with pytest.raises(DataError, match="another model's predictions"):
            write_ensemble(folder, dict.fromkeys(members, frame), priors, fit=False)
        assert (folder / "predictions.csv").read_bytes() == before


def test_the_command_reports_an_ensemble_as_it_does_a_model(make_predictions, tmp_path):
    from typer.testing import CliRunner

    from dermdistill.cli import app
    from dermdistill.metrics.predictions import write_predictions

    frame = make_predictions(200, skill=4, splits=("val", "test"))
    paths = [tmp_path / f"{number}.csv" for number in range(2)]
    for number, path in enumerate(paths):
        write_predictions(with_noise(frame, number, 0.5), path)
    command = ["evaluate", "--resamples", "20", *map(str, paths)]
    result = CliRunner().invoke(app, [*command, "--ensemble", str(tmp_path / "both"), "--fit-weights"])
    assert result.exit_code == 0, result.output
    assert "1.csv" in result.output
    assert "Only their" not in result.output
    report = json.loads((tmp_path / "both" / "report" / "report.json").read_text())
    assert report["n_images"] == 100
    write_predictions(frame[frame["split"] == "test"], paths[1])
    result = CliRunner().invoke(app, [*command, "--ensemble", str(tmp_path / "test_alone")])
    assert "Only their test rows" in result.output
    assert "two or more" in str(CliRunner().invoke(app, command).exception)
    assert "two or more" in str(CliRunner().invoke(app, [*command[:4], "--fit-weights"]).exception)
