import numpy as np
import pytest
from sklearn.metrics import roc_curve

from dermdistill.evaluate.compare.by_class import by_class_frame, by_class_markdown
from dermdistill.metrics.predictions import codes_of, labels_of, probs_of, select_split


@pytest.fixture
def experiments(make_predictions):
    frames = [select_split(make_predictions(400, seed=5, skill=skill), "test") for skill in (1.0, 2.0, 3.0)]
    return {"weak": frames[:1], "strong": frames[1:]}


def test_it_is_the_mean_over_seeds_of_the_curve_of_scikit_learn(experiments):
    table = by_class_frame(experiments, 0.9, resamples=50)
    frames = experiments["strong"]
    for label, code in enumerate(codes_of(frames[0])):
        found = []
        for frame in frames:
            false, true, _ = roc_curve(
                labels_of(frame) == label, probs_of(frame)[:, label], drop_intermediate=False
            )
            found.append(true[false <= 0.1 + 1e-12].max())
        row = table[(table["experiment"] == "strong") & (table["diagnosis"] == code)].iloc[0]
        assert row["sensitivity"] == pytest.approx(np.mean(found))
        assert row["low"] <= row["sensitivity"] <= row["high"]
        assert row["seeds"] == 2


def test_the_better_model_has_more_and_the_document_shows_both(experiments):
    table = by_class_frame(experiments, 0.9, resamples=20)
    mean = table.groupby("experiment")["sensitivity"].mean()
    assert mean["strong"] > mean["weak"]
    lines = by_class_markdown(table, 0.9).splitlines()
    assert lines[0].startswith("| sensitivity at specificity 0.9 | akiec |")
    assert [line.split(" | ")[0] for line in lines[2:]] == ["| weak", "| strong"]
