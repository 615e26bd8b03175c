import numpy as np
import pytest
from sklearn.metrics import recall_score

from dermdistill.errors import DataError
from dermdistill.evaluate.compare.compare import compare
from dermdistill.evaluate.compare.experiments import (
    ablation_frame,
    experiment_of,
    read_experiments,
    summary_frame,
    summary_markdown,
)
from dermdistill.metrics.predictions import labels_of, probs_of, with_probs, write_predictions
from ham10000 import CLASSES

EVEN = dict.fromkeys(CLASSES, 1 / 7)


@pytest.fixture
def seeds(make_predictions):
    """Five trainings of one recipe: the same images, the true class raised by more in each."""
    first = make_predictions(300, seed=1, images_per_lesion=2)

    def raised(by):
        probs = probs_of(first) + by * np.eye(7)[labels_of(first)]
        return with_probs(first, probs / probs.sum(axis=1, keepdims=True))

    return [raised(by) for by in (0.0, 0.05, 0.1, 0.3, 0.5)]


def accuracy(frame):
    return (probs_of(frame).argmax(axis=1) == labels_of(frame)).mean()


def test_the_gain_of_several_seeds_is_the_difference_of_their_means(seeds):
    old, new = seeds[:3], seeds[3:]
    gain = compare(old, [frame.sample(frac=1, random_state=2) for frame in new], resamples=200)["accuracy"]
    expected = np.mean([accuracy(frame) for frame in new]) - np.mean([accuracy(frame) for frame in old])
    assert gain.value == pytest.approx(expected)
    assert gain.low < gain.value < gain.high


def test_one_seed_alone_is_compared_as_before(seeds):
    gain = compare([seeds[0]], [seeds[1]], resamples=50)["macro_auc"]
    assert compare(seeds[0], seeds[1], resamples=50)["macro_auc"] == gain
    # No seed is drawn where there is one: the spread is that of lesions drawn with the fixed seed.
    assert compare([seeds[0]] * 2, [seeds[1]] * 2, resamples=50)["macro_auc"] == gain


def test_equal_seeds_add_nothing_and_unequal_ones_widen_the_interval(seeds):
    def width(new):
        gain = compare(seeds[0], new, resamples=400)["accuracy"]
        return gain.high - gain.low

    assert width([seeds[2]] * 3) == pytest.approx(width([seeds[2]]))
    # Seeds of accuracies a, b: a resample's mean of two varies by |a - b| / sqrt(8).
    unequal = [seeds[0], seeds[4]]
    spread = 1.96 * 2 * abs(accuracy(seeds[0]) - accuracy(seeds[4])) / np.sqrt(8)
    assert width(unequal) > 0.7 * spread > width([seeds[2]])


def test_folders_that_differ_in_a_last_number_are_seeds_of_one_experiment(seeds, tmp_path):
    assert experiment_of(tmp_path / "v3s_kd_2") == "v3s_kd"
    assert experiment_of(tmp_path / "student_at_224_1") == "student_at_224"
    assert experiment_of(tmp_path / "a-seed1-without-teachers") == "a-without-teachers"
    for whole in ("mobilenet_v2", "efficientnet_lite0", "teacher-fold3", "resnet50", "student_at_224"):
        assert experiment_of(tmp_path / whole) == whole
    for name, frame in zip(("kd_0", "kd_1", "plain"), seeds, strict=False):
        write_predictions(frame, tmp_path / name / "predictions.csv")
    folders = [tmp_path / name for name in ("plain", "kd_0", "kd_1")]
    assert {name: len(runs) for name, runs in read_experiments(folders, "test").items()} == {
        "plain": 1,
        "kd": 2,
    }
    with pytest.raises(DataError, match="named twice"):
        read_experiments([folders[0], folders[0]], "test")
    write_predictions(seeds[0], tmp_path / "others" / "plain" / "predictions.csv")
    with pytest.raises(DataError, match="have one name"):
        read_experiments([folders[0], tmp_path / "others" / "plain"], "test")


@pytest.fixture
def table(seeds):
    experiments = {"plain": seeds[:2], "kd": seeds[3:]}
    return ablation_frame(experiments, class_priors=EVEN, melanoma="mel", baseline="plain", resamples=100)


def test_the_table_holds_means_deviations_and_gains(table, seeds):
    row = table.set_index(["experiment", "decision", "figure"]).loc[("kd", "argmax_p", "accuracy")]
    singles = [accuracy(frame) for frame in seeds[3:]]
    assert row["seeds"] == 2
    assert row["value"] == pytest.approx(np.mean(singles))
    assert row["seed_deviation"] == pytest.approx(np.std(singles, ddof=1))
    assert row["gain"] == pytest.approx(np.mean(singles) - np.mean([accuracy(f) for f in seeds[:2]]))
    assert row["low"] <= row["value"] <= row["high"]
    assert (row["gain_low"] > 0) == (row["sure"] == "yes")
    assert table[table["experiment"] == "plain"]["gain"].isna().all()
    assert not table.duplicated(["experiment", "decision", "figure"]).any()


def test_the_summary_shows_the_same_figures(table):
    summary = summary_frame(table).set_index("experiment")
    row = table.set_index(["experiment", "decision", "figure"]).loc[
        ("kd", "argmax_p_over_prior", "balanced_accuracy")
    ]
    assert summary.loc["kd", "balanced accuracy"].startswith(f"{row['value']:.3f} [{row['low']:.3f}")
    assert summary.loc["kd", "gain in balanced accuracy"].startswith(f"{row['gain']:+.3f}")
    assert summary.loc["plain", "gain in balanced accuracy"] == ""
    lines = summary_markdown(table).splitlines()
    assert len(lines) == 4
    assert len({line.count("|") for line in lines}) == 1


def test_without_a_baseline_the_summary_has_no_gain(seeds):
    table = ablation_frame({"kd": seeds[3:]}, class_priors=EVEN, melanoma="mel", resamples=20)
    assert "gain in balanced accuracy" not in summary_frame(table)


def test_images_without_a_melanoma_have_a_gain_all_the_same(seeds):
    experiments = {
        "plain": [seeds[0].query("diagnosis != 'mel'")],
        "kd": [seeds[3].query("diagnosis != 'mel'")],
    }
    experiments = {name: [run.reset_index(drop=True) for run in runs] for name, runs in experiments.items()}
    table = ablation_frame(experiments, class_priors=EVEN, melanoma="mel", baseline="plain", resamples=20)
    summary = summary_frame(table).set_index("experiment")
    assert summary.loc["kd", "melanoma auc"] == "not defined"
    old, new = (
        recall_score(
            labels_of(run), probs_of(run).argmax(axis=1), labels=np.unique(labels_of(run)), average="macro"
        )
        for (run,) in experiments.values()
    )
    assert summary.loc["kd", "gain in balanced accuracy"].startswith(f"{new - old:+.3f} [")
    assert summary.loc["plain", "gain in balanced accuracy"] == ""


def test_an_unknown_baseline_or_other_images_are_refused(seeds):
    with pytest.raises(DataError, match="no experiment 'x'"):
        ablation_frame({"a": seeds[:1]}, class_priors=EVEN, melanoma="mel", baseline="x")
    with pytest.raises(DataError, match="differ in"):
        ablation_frame(
            {"a": seeds[:1], "b": [seeds[1].iloc[:-2]]}, class_priors=EVEN, melanoma="mel", resamples=10
        )
