"""Numbers of a kind of picture: its own where that is better, the bundle's else."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from dermdistill.bundle import load_bundle_spec
from dermdistill.export.answers import Scored
from dermdistill.export.by_picture import SURE_FROM, Material, pictures_part
from dermdistill.export.detector.recogniser import Recogniser
from dermdistill.export.detector.space import Detector
from dermdistill.inference.pictures.kind import spec_for
from dermdistill.metrics.predictions import probs_of

FIXTURES = Path(__file__).parents[1] / "fixtures"
IMAGES = 700


@pytest.fixture(scope="module")
def made():
    """Of clinical pictures the network is four times as sure as it should be; a feature tells them."""
    spec = load_bundle_spec(FIXTURES / "tiny_float32")
    rng = np.random.default_rng(0)
    codes = np.array(spec.codes)
    diagnoses = np.tile(codes, 2 * IMAGES // len(codes))[: 2 * IMAGES]
    pictures = np.array(["dermoscopic", "clinical"] * IMAGES, object)
    truth = (diagnoses[:, None] == codes).astype(float)
    logits = 2 * truth + rng.gumbel(size=truth.shape)
    logits[pictures == "clinical"] *= 4
    rows = pd.DataFrame(
        {
            "image_id": [f"I{n}" for n in range(2 * IMAGES)],
            "lesion_id": [f"L{n}" for n in range(2 * IMAGES)],
            "diagnosis": diagnoses,
            "split": np.repeat(["val", "test"], IMAGES),
        }
    )
    embeddings = rng.normal(size=(2 * IMAGES, 8)).astype(np.float32)
    embeddings[:, 0] = np.where(pictures == "dermoscopic", 9, -9)
    embeddings[::51, 0] = 0  # of these nobody is sure
    scored = Scored(rows, spec.codes, logits.astype(np.float32), embeddings)
    spec = spec.model_copy(update={"operating_points": _points(), "temperature": 2.0})
    material = Material(
        spec=spec,
        detector=Detector(np.zeros(8, np.float32), np.eye(8, 2, dtype=np.float32), 1.0),
        scored=scored,
        predictions=scored.predictions(),
        pictures=pictures,
        train=pd.DataFrame({"diagnosis": ["nv"] * 90 + ["mel"] * 10, "picture": "clinical"}),
        split="test",
        resamples=20,
    )
    return Recogniser(np.array([1, 0, 0, 0, 0, 0, 0, 0], np.float32), 0.0), material


def _points():
    from dermdistill.bundle import OperatingPoint

    asked = [(target, p) for target in ("melanoma", "malignant") for p in (0.9, 0.95, 0.98)]
    return [OperatingPoint(target=t, sensitivity=p, threshold=0.5, split="test") for t, p in asked]


def test_the_kinds_have_the_temperature_that_suits_them(made):
    part, files = pictures_part(*made)
    clinical, dermoscopic = part.kinds["clinical"], part.kinds["dermoscopic"]
    assert clinical.temperature > 2.5 * dermoscopic.temperature
    assert np.frombuffer(files[part.weights.file], "<f4").tolist() == [1, 0, 0, 0, 0, 0, 0, 0]
    assert dermoscopic.recognised == 1, "half and half counts as dermoscopic"
    assert clinical.recognised == pytest.approx(0.98, abs=0.01)


def test_thresholds_reach_their_sensitivity_on_the_pictures_of_the_kind(made):
    recogniser, material = made
    part, _ = pictures_part(recogniser, material)
    kinds = recogniser.kinds(material.scored.embeddings, SURE_FROM)
    spec = material.spec.model_copy(update={"pictures": part})
    for kind in ("dermoscopic", "clinical"):
        own = spec_for(spec, kind)
        rows = material.predictions[(kinds == kind) & (material.predictions["split"] == "val").to_numpy()]
        probs = probs_of(rows) ** (1 / own.temperature)
        probs /= probs.sum(axis=1, keepdims=True)
        melanoma = (rows["diagnosis"] == "mel").to_numpy()
        p = probs[:, own.codes.index("mel")]
        for point in own.operating_points:
            if point.target == "melanoma":
                assert (p[melanoma] >= point.threshold - 1e-9).mean() >= point.sensitivity - 1e-9
                assert point.cautious.threshold <= point.threshold
                assert point.missed_melanomas is not None
        assert {one.sensitivity for one in own.operating_points} == {0.9, 0.95, 0.98}


def test_too_few_melanomas_leave_the_bundle_s_own_numbers(made):
    recogniser, material = made
    few = (material.pictures == "clinical") & (material.scored.rows["diagnosis"] == "mel").to_numpy()
    kept = ~few | (np.cumsum(few) <= 5)
    scored = material.scored
    rows = scored.rows[kept].reset_index(drop=True)
    fewer = Scored(rows, scored.codes, scored.logits[kept], scored.embeddings[kept])
    given = replace(material, scored=fewer, predictions=fewer.predictions(), pictures=material.pictures[kept])
    part, _ = pictures_part(recogniser, given)
    clinical = part.kinds["clinical"]
    assert (clinical.operating_points, clinical.temperature, clinical.distance_threshold) == ([], None, None)
    assert clinical.recognised > 0.9
    assert part.kinds["dermoscopic"].operating_points


def test_who_wants_one_set_of_numbers_gets_it(made):
    recogniser, material = made
    part, _ = pictures_part(recogniser, replace(material, own_numbers=False))
    assert all(not own.operating_points and own.temperature is None for own in part.kinds.values())
