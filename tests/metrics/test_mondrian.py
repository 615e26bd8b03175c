"""Conformal sets by age and malignancy: by hand, by a plain loop, and their promise on many images."""

import numpy as np
import pandas as pd
import pytest

from dermdistill.metrics.mondrian import AGES, age_groups, coverage_frame, fit_mondrian
from dermdistill.metrics.predictions import labels_of, probs_of
from ham10000 import CLASSES, TABLE

MALIGNANT = np.isin(CLASSES, ["akiec", "bcc", "mel"])


def test_forty_is_not_under_forty():
    groups = age_groups(pd.Series([39.9, 40.0, np.nan, 0.0]))
    assert groups.tolist() == ["under 40", "40 and over", "unknown age", "under 40"]


def test_each_group_has_the_quantile_of_its_own_images(make_predictions):
    frame = make_predictions(900, seed=4)
    labels, probs = labels_of(frame), probs_of(frame)
    ages = np.random.default_rng(1).choice(AGES[:2], 900)
    level = fit_mondrian(labels, probs, ages, MALIGNANT, 0.9)
    for (age, risk), quantile in level.quantiles.items():
        wrong = sorted(
            1 - probs[i, labels[i]] for i in range(900) if ages[i] == age and MALIGNANT[labels[i]] == risk
        )
        rank = int(np.ceil(0.9 * (len(wrong) + 1)))
        assert quantile == pytest.approx(wrong[rank - 1] if rank <= len(wrong) else 1)
    assert level.quantiles["unknown age", True] == 1


def test_a_class_is_in_the_set_by_the_image_s_age_and_its_own_risk(make_predictions):
    frame = make_predictions(900, seed=4)
    ages = np.random.default_rng(1).choice(AGES[:2], 900)
    level = fit_mondrian(labels_of(frame), probs_of(frame), ages, MALIGNANT, 0.9)
    inside = level.sets(probs_of(frame), ages, MALIGNANT)
    for i in range(0, 900, 97):
        for k in range(7):
            limit = level.quantiles[ages[i], bool(MALIGNANT[k])]
            assert inside[i, k] == (1 - probs_of(frame)[i, k] <= limit)


def test_young_melanomas_are_covered_where_class_wise_sets_miss_them(make_predictions):
    """Melanomas under 40 that look like moles: few among all, so the class's quantile passes them by."""
    frame = make_predictions(24_000, seed=7, splits=("val", "test"))
    rng = np.random.default_rng(3)
    age = pd.Series(np.where(rng.random(len(frame)) < 0.15, 30.0, 60.0), index=frame["image_id"])
    young_cancer = frame["image_id"].map(age).lt(40) & frame["diagnosis"].isin(["mel", "bcc", "akiec"])
    columns = [f"p_{code}" for code in CLASSES]
    probs = frame[columns].to_numpy(copy=True)
    probs[young_cancer] **= 0.3
    for code in ("mel", "bcc", "akiec"):
        probs[young_cancer, CLASSES.index(code)] /= 8
    frame[columns] = probs / probs.sum(axis=1, keepdims=True)
    val, test = (frame[frame["split"] == split].reset_index(drop=True) for split in ("val", "test"))
    table = coverage_frame(val, test, age, TABLE, coverages=(0.9,)).set_index(["age", "kind"])
    assert table.loc[("under 40", "malignant"), "by_age_and_malignancy"] == pytest.approx(0.9, abs=0.05)
    assert table.loc[("under 40", "malignant"), "classwise"] < 0.7
    assert (
        table.loc[("under 40", "mel"), "classwise"] < table.loc[("under 40", "mel"), "by_age_and_malignancy"]
    )
    for key in [("under 40", "benign"), ("40 and over", "benign"), ("40 and over", "malignant")]:
        assert table.loc[key, "by_age_and_malignancy"] == pytest.approx(0.9, abs=0.03)


def test_the_table_counts_images_and_groups(make_predictions):
    frame = make_predictions(400, seed=2, images_per_lesion=2, splits=("val", "test"))
    age = pd.Series(np.where(np.arange(400) < 200, 30.0, np.nan), index=frame["image_id"])
    val, test = (frame[frame["split"] == split].reset_index(drop=True) for split in ("val", "test"))
    table = coverage_frame(val, test, age, TABLE, coverages=(0.9,)).set_index(["age", "kind"])
    young = test["image_id"].map(age).notna() & ~test["diagnosis"].isin(["mel", "bcc", "akiec"])
    assert table.loc[("under 40", "benign"), "images"] == young.sum()
    assert table.loc[("under 40", "benign"), "groups"] == test.loc[young, "lesion_id"].nunique()
    assert set(table.index.get_level_values("age")) == {"under 40", "unknown age"}
