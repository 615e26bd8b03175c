import json

import numpy as np
import pytest

from dermdistill.errors import DataError
from dermdistill.evaluate.compare.ensemble import ensemble, write_ensemble
from dermdistill.metrics.decisions import decide
from dermdistill.metrics.predictions import (
    probs_of,
    select_split,
    with_probs,
    write_predictions,
)
from ham10000 import CLASSES, TABLE

SHARES = np.array([0.05, 0.05, 0.1, 0.02, 0.1, 0.66, 0.02])
PRIORS = dict(zip(CLASSES, SHARES, strict=True))
EVEN = dict.fromkeys(CLASSES, 1 / 7)
MEL, NV = 4, 5


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


def test_with_even_priors_it_is_the_plain_mean(make_predictions):
    first, second = make_predictions(50, seed=0), make_predictions(50, seed=0, skill=5)
    together = ensemble([first, second], EVEN)
    np.testing.assert_allclose(probs_of(together), (probs_of(first) + probs_of(second)) / 2)


def test_each_image_meets_itself_whatever_the_order(make_predictions):
    first, second = make_predictions(80, seed=0), make_predictions(80, seed=0, skill=5)
    shuffled = second.sample(frac=1, random_state=1)
    np.testing.assert_allclose(
        probs_of(ensemble([first, shuffled], PRIORS)), probs_of(ensemble([first, second], PRIORS))
    )
    with pytest.raises(DataError, match="differ in 1 images"):
        ensemble([first, second.iloc[1:]], PRIORS)


def test_models_that_agree_are_not_changed_by_meeting(make_predictions):
    frame = make_predictions(20)
    np.testing.assert_allclose(probs_of(ensemble([frame] * 3, PRIORS)), probs_of(frame), atol=1e-9)


def with_noise(frame, seed, noise):
    logits = np.log(probs_of(frame)) + np.random.default_rng(seed).normal(0, noise, (len(frame), 7))
    return with_probs(frame, np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True))


def test_members_of_another_split_are_refused(make_predictions, tmp_path):
    frame = make_predictions(400, splits=("val", "test"))
    swapped = frame.assign(split=frame["split"].map({"val": "test", "test": "val"}))
    with pytest.raises(DataError, match="split of 400 images"):
        write_ensemble(tmp_path / "a", {"first": frame, "second": swapped}, PRIORS, TABLE)
    assert not (tmp_path / "a").exists()


def test_a_model_without_val_rows_joins_by_its_test_rows(make_predictions, tmp_path):
    both, other = (
        make_predictions(60, splits=("val", "test")),
        make_predictions(60, skill=4, splits=("val", "test")),
    )
    test_alone = other[other["split"] == "test"].reset_index(drop=True)
    predictions = write_ensemble(tmp_path / "a", {"both": both, "test": test_alone}, PRIORS, TABLE)
    assert list(predictions["image_id"]) == list(test_alone["image_id"])
    expected = ensemble([select_split(both, "test"), test_alone], PRIORS)
    np.testing.assert_array_equal(probs_of(predictions), probs_of(expected))
    assert json.loads((tmp_path / "a" / "ensemble.json").read_text())["splits"] == ["test"]
    val_alone = both[both["split"] == "val"]
    with pytest.raises(DataError, match="no split in common"):
        write_ensemble(tmp_path / "b", {"val": val_alone, "test": test_alone}, PRIORS, TABLE)
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
            write_ensemble(folder, dict.fromkeys(members, frame), priors, TABLE)
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
    result = CliRunner().invoke(app, [*command, "--ensemble", str(tmp_path / "both")])
    assert result.exit_code == 0, result.output
    assert "1.csv" in result.output
    assert "Only their" not in result.output
    report = json.loads((tmp_path / "both" / "report" / "report.json").read_text())
    assert report["n_images"] == 100
    write_predictions(frame[frame["split"] == "test"], paths[1])
    result = CliRunner().invoke(app, [*command, "--ensemble", str(tmp_path / "test_alone")])
    assert "Only their test rows" in result.output
    assert "two or more" in str(CliRunner().invoke(app, command).exception)
