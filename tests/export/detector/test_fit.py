"""Detector and recogniser are fitted with the file that ships, over all sources of a study."""

from pathlib import Path

import numpy as np
import pytest

from dermdistill.data.study import open_study
from dermdistill.export.answers import score_with_engine
from dermdistill.export.detector.fit import ONE_DEGRADED_IN, embed_training_images, fit_detector
from dermdistill.export.detector.forms import FORMS
from dermdistill.export.detector.recogniser import fit_recogniser
from dermdistill.inference import load_bundle
from several_sources import make_sources

FIXTURES = Path(__file__).parents[2] / "fixtures"


@pytest.fixture(scope="module")
def fitted(tmp_path_factory):
    folder = tmp_path_factory.mktemp("fit")
    make_sources(folder, images_per_class=8, side=224)
    study = open_study([folder / "derm", folder / "pairs"], folder / "splits.csv")
    engine = load_bundle(FIXTURES / "tiny_float32", threads=1)
    training = embed_training_images(engine, study)
    val, test = (score_with_engine(engine, study, study.rows(split)) for split in ("val", "test"))
    return study, training, fit_detector(engine, study, training, val=val, test=test)


def test_training_images_and_a_few_of_them_degraded_are_embedded(fitted):
    study, training, _ = fitted
    rows = study.rows("train")
    assert len(training.embeddings) == len(training.rows) == len(rows) + len(rows[::ONE_DEGRADED_IN])
    assert set(training.rows["source"]) == {"derm", "pairs"}
    assert set(training.rows["picture"]) == {"dermoscopic", "clinical"}


def test_the_part_tells_the_form_and_what_is_refused_of_each_source_left_out(fitted):
    _, _, (detector, part, files) = fitted
    assert part.distance == detector.distance
    assert part.distance in {form.distance for form in FORMS}
    assert part.basis.shape == [8, detector.basis.shape[1]]
    assert np.frombuffer(files[part.basis.file], "<f4").size == detector.basis.size
    assert set(part.left_out) == {"derm", "pairs"}
    assert all(left.n_lesions > 0 for left in part.left_out.values())


def test_both_kinds_of_pictures_give_a_recogniser(fitted):
    _, training, _ = fitted
    recogniser = fit_recogniser(training.embeddings, training.rows)
    clinical = (training.rows["picture"] == "clinical").to_numpy()
    told = recogniser.dermoscopic(training.embeddings) < 0.5
    assert (told == clinical).mean() > 0.8, "they are drawn half as bright"
