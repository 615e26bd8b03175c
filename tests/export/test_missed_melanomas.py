"""In how many melanomas "no sign" is wrong, counted by lesion."""

import pandas as pd
import pytest

from dermdistill.bundle import default_bundle_path, load_bundle_spec
from dermdistill.export.missed_melanomas import with_missed_melanomas

CODES = load_bundle_spec(default_bundle_path()).codes
SEEN, UNSEEN = {"mel": 0.9, "nv": 0.1}, {"mel": 0.0001, "nv": 0.9999}


@pytest.fixture(scope="module")
def spec():
    return load_bundle_spec(default_bundle_path()).model_copy(update={"temperature": 1.0})


def predictions(*rows):
    """Rows of (lesion, diagnosis, split, probabilities)."""
    return pd.DataFrame(
        [
            {"image_id": f"i{i}", "lesion_id": lesion, "diagnosis": diagnosis, "split": split}
            | {f"p_{code}": probs.get(code, 0.0) for code in CODES}
            for i, (lesion, diagnosis, split, probs) in enumerate(rows)
        ]
    )


def test_a_lesion_is_missed_as_soon_as_one_of_its_images_is(spec):
    rows = predictions(
        ("a", "mel", "test", SEEN),
        ("a", "mel", "test", UNSEEN),
        ("b", "mel", "test", SEEN),
        ("c", "nv", "test", UNSEEN),
        ("d", "mel", "val", UNSEEN),
    )
    for point in with_missed_melanomas(spec, rows, "test").operating_points:
        assert (point.missed_melanomas.missed, point.missed_melanomas.n_lesions) == (1, 2)
        assert point.missed_melanomas.per_100 == 50
        assert point.missed_melanomas.low == pytest.approx(1.2579, abs=1e-3)
        assert point.missed_melanomas.high == pytest.approx(98.7421, abs=1e-3)


def test_none_missed_is_no_promise(spec):
    measured = with_missed_melanomas(spec, predictions(("a", "mel", "test", SEEN)), "test")
    found = measured.operating_points[0].missed_melanomas
    assert (found.per_100, found.low, found.high) == (0, 0, pytest.approx(97.5, abs=0.01))


def test_without_a_melanoma_to_measure_on_nothing_is_said(spec):
    rows = predictions(("c", "nv", "test", UNSEEN))
    bare = [p.model_copy(update={"missed_melanomas": None}) for p in spec.operating_points]
    spec = spec.model_copy(update={"operating_points": bare})
    assert with_missed_melanomas(spec, rows, "test") == spec


def test_the_shipped_figures_are_those_of_the_stored_predictions(pytestconfig):
    from dermdistill.metrics.predictions import read_predictions

    shipped = load_bundle_spec(default_bundle_path())
    stored = pytestconfig.rootpath / "results" / "shipped" / "mobilenet_v2" / "predictions.csv.xz"
    again = with_missed_melanomas(shipped, read_predictions(stored), "test")
    assert again.operating_points == shipped.operating_points
