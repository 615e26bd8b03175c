"""A linear step on the embedding tells dermoscopic from clinical pictures, each source weighing alike."""

import numpy as np
import pandas as pd
import pytest

from dermdistill.export.detector.recogniser import fit_recogniser


@pytest.fixture(scope="module")
def embedded():
    """Two kinds that differ in the first of six features; the second feature is of the source."""
    rng = np.random.default_rng(0)
    rows = pd.DataFrame(
        {
            "picture": ["dermoscopic"] * 300 + ["clinical"] * 60,
            "source": ["one"] * 200 + ["two"] * 100 + ["two"] * 60,
        }
    )
    embeddings = rng.normal(size=(360, 6))
    embeddings[:, 0] += 8 * (rows["picture"] == "dermoscopic")
    embeddings[:, 1] = 1000 + 5 * (rows["source"] == "two")
    return embeddings.astype(np.float32), rows


def test_it_tells_the_kinds_of_new_pictures_apart(embedded):
    embeddings, rows = embedded
    recogniser = fit_recogniser(embeddings[::2], rows[::2])
    p = recogniser.dermoscopic(embeddings[1::2])
    dermoscopic = (rows["picture"] == "dermoscopic").to_numpy()[1::2]
    assert ((p >= 0.5) == dermoscopic).mean() > 0.99
    z = embeddings[1::2].astype(float) @ recogniser.weights.astype(float) + recogniser.bias
    np.testing.assert_allclose(p, 1 / (1 + np.exp(-z)), rtol=1e-9)


def test_where_it_is_not_sure_the_numbers_of_neither_kind_hold(embedded):
    recogniser = fit_recogniser(*embedded)
    p = recogniser.dermoscopic(embedded[0])
    kinds = recogniser.kinds(embedded[0], 0.9)
    for one, kind in zip(p, kinds, strict=True):
        assert (
            kind == ("dermoscopic" if one >= 0.9 else "clinical" if one <= 0.1 else None)
            or abs(one - 0.1) < 1e-9
        )


def test_pictures_of_one_kind_need_no_recogniser(embedded):
    embeddings, rows = embedded
    assert fit_recogniser(embeddings[:300], rows[:300]) is None
