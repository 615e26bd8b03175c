"""A bundle's and a run's answers, against asking the engine or the network themselves."""

from pathlib import Path

import numpy as np
import pytest
from scipy.special import softmax

from dermdistill.evaluate.external.bundle import answer_with_bundle
from dermdistill.evaluate.external.rows import read_external
from dermdistill.inference import load_bundle
from dermdistill.inference.assessment import Finding, assess
from dermdistill.inference.operating_point import thresholds_at
from tiny_run import SIDE

FIXTURES = Path(__file__).parents[2] / "fixtures"


@pytest.fixture(scope="module")
def engine():
    return load_bundle(FIXTURES / "tiny_int8")


def test_each_image_has_the_answer_of_the_engine(engine, source_dir):
    external = read_external(source_dir)
    told = []
    answers = answer_with_bundle(engine, external, advance=told.append)
    assert sum(told) == 96
    for row in (0, 41, 95):
        prediction = engine.predict_one(external.images[row])
        got = answers.frame.iloc[row]
        assert got["decided"] == prediction.diagnosis
        np.testing.assert_allclose(
            [got[f"p_{code}"] for code in engine.spec.codes], list(prediction.probs.values())
        )
        verdict = prediction.out_of_distribution
        sets = {one.coverage: one.codes for one in prediction.conformal or ()}
        finding = Finding(
            prediction.probs,
            prediction.diagnosis,
            [entry.code for entry in engine.spec.classes if entry.risk != "benign"],
            "mel",
            sets.get(0.9),
            None if verdict is None else verdict.refused,
            [warning.code for warning in prediction.quality],
        )
        assert got["told"] == assess(finding, thresholds_at(engine.spec)).level
    assert (
        f"clinic is prepared at 64 pixels, and the model sees {engine.spec.input.size}." in answers.warnings
    )


def test_answers_are_kept_until_bundle_or_images_change(engine, source_dir, tmp_path):
    external = read_external(source_dir)
    first = answer_with_bundle(engine, external, keep_in=tmp_path)
    told = []
    again = answer_with_bundle(engine, external, keep_in=tmp_path, advance=told.append)
    assert told == []
    assert again.frame["told"].tolist() == first.frame["told"].tolist()
    assert again.frame["refused"].tolist() == pytest.approx(first.frame["refused"].tolist(), nan_ok=True)
    fewer = external.without({"CLINIC_000"})
    answer_with_bundle(engine, fewer, keep_in=tmp_path, advance=told.append)
    assert len(told) == 95
    kept = next(tmp_path.glob("*.csv"))
    kept.write_text(kept.read_text().replace("CLINIC_001", "CLINIC_999"))
    answer_with_bundle(engine, fewer, keep_in=tmp_path, advance=told.append)
    assert len(told) == 190


def test_a_run_answers_what_it_has_not_seen(tiny_run, source_dir, monkeypatch):
    from dermdistill.evaluate.external import run as module
    from dermdistill.evaluate.external.run import answer_with_run
    from dermdistill.evaluate.run_model import logits_of_run
    from dermdistill.imaging import resize_square

    run, _, model = tiny_run
    monkeypatch.setattr(module, "images_seen", lambda _: {"CLINIC_000"})
    external = read_external(source_dir)
    answers = answer_with_run(run, logits_of_run(run, SIDE), external)
    assert len(answers.frame) == 95
    image = resize_square(external.images[41], SIDE)
    expected = softmax(np.asarray(model(image[None])["logits"])[0])
    row = answers.frame.set_index("image_id").loc["CLINIC_041"]
    np.testing.assert_allclose([row[f"p_{code}"] for code in run.classes.codes], expected, atol=1e-5)
    assert row["decided"] == run.classes.codes[expected.argmax()]
    assert sum(answers.priors.values()) == pytest.approx(1)
