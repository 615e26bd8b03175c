"""What a detector refuses of a source that it was not fitted on."""

import numpy as np
import pandas as pd
import pytest

from dermdistill.export.detector.forms import FORMS, OF_ONE_SOURCE, choose_form
from dermdistill.export.detector.left_out import measure_left_out

SOURCES = ("far", "one", "two")


@pytest.fixture(scope="module")
def embedded():
    """Three sources in ten dimensions; the lesions of `far` lie partly outside the others' plane."""
    rng = np.random.default_rng(0)
    planes = rng.normal(size=(3, 10))
    outside = np.linalg.qr(np.vstack([planes, rng.normal(size=(7, 10))]).T)[0].T[5]

    def draw(source, count, split):
        x = rng.normal(scale=5, size=(count, 3)) @ planes + rng.normal(scale=0.1, size=(count, 10))
        if source == "far":
            x[: count // 4] += 40 * outside
        rows = pd.DataFrame(
            {"source": source, "picture": "dermoscopic", "diagnosis": "nv", "split": split}, range(count)
        )
        return x, rows.assign(lesion_id=[f"{source}{split}{i}" for i in range(count)])

    def all_of(*splits, count):
        parts = [draw(source, count, split) for source in SOURCES for split in splits]
        return pd.concat([rows for _, rows in parts], ignore_index=True), np.concatenate(
            [x for x, _ in parts]
        )

    return all_of("train", count=200), all_of("val", "test", count=200)


def test_each_source_is_judged_by_the_others(embedded):
    (train, x), (seen, y) = embedded
    away = np.full((50, 10), 60.0) + np.random.default_rng(1).normal(size=(50, 10))
    negatives = {
        "photographs_plants": away,
        "photographs_medical": y[:50],
        "bare_skin": y[50:100],
    }
    measured = measure_left_out(train, x, seen, y, negatives, form=OF_ONE_SOURCE)
    assert set(measured) == set(SOURCES)
    assert measured["far"].n_lesions == 400
    assert measured["far"].refused == pytest.approx(0.25, abs=0.03), "a quarter of them lies outside"
    assert max(measured["one"].refused, measured["two"].refused) <= 0.04
    assert measured["one"].photographs_refused == 1
    assert measured["one"].tissue_refused < 1


def test_one_source_leaves_nothing_to_fit_on(embedded):
    (train, x), (seen, y) = embedded
    alone, others = (train["source"] == "one").to_numpy(), (seen["source"] == "one").to_numpy()
    assert measure_left_out(train[alone], x[alone], seen[others], y[others], {}, form=OF_ONE_SOURCE) == {}


def test_over_several_sources_the_form_that_refuses_most_of_what_is_drawn_counts():
    """What lies outside grows with the length of a lesion's embedding, so only its share of it tells."""
    rng = np.random.default_rng(0)
    planes = np.eye(3, 10)

    def lesions(count):
        length = rng.uniform(1, 50, (count, 1))
        inside = rng.normal(size=(count, 3))
        inside /= np.linalg.norm(inside, axis=1, keepdims=True)
        return length * (inside @ planes + 0.1 * rng.normal(size=(count, 10)))

    rows = pd.DataFrame(
        {"source": np.repeat(["one", "two"], 300), "picture": "dermoscopic", "diagnosis": "nv"}
    ).assign(lesion_id=range(600))
    train, val = lesions(600), lesions(600)
    drawn = np.zeros((200, 10))
    drawn[:, 3:] = rng.normal(size=(200, 7))
    drawn *= 8 / np.linalg.norm(drawn, axis=1, keepdims=True)
    assert choose_form(rows, train, rows, val, drawn).distance == "residual_per_length"
    assert choose_form(rows, train, rows, val, 40 * drawn) == FORMS[0], "told by all, so the smallest"
    alone = rows[:300]
    assert choose_form(alone, train[:300], alone, val[:300], drawn) == OF_ONE_SOURCE
