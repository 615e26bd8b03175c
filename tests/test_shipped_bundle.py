"""The bundle that ships keeps what it promises; the figures are those that its export measured."""

from dataclasses import replace

import numpy as np
import pytest

from dermdistill.bundle import default_bundle_path, load_bundle_spec, open_bundle, write_bundle
from dermdistill.errors import BundleError
from dermdistill.export.formats.litert import opened
from dermdistill.export.parity import check_parity
from dermdistill.inference import load_bundle


@pytest.fixture(scope="module")
def spec():
    return load_bundle_spec(default_bundle_path())


def test_it_is_a_small_int8_file_that_answers_as_its_student(spec):
    assert spec.quantization == "int8"
    assert spec.files[spec.model_file].bytes <= 3_000_000
    assert (spec.parity.split, spec.parity.n_images) == ("val", 2974)
    assert spec.parity.top1_agreement >= 0.98
    assert spec.parity.balanced_accuracy_drop <= 0.005
    check_parity(spec.float_parity, "float32", name="float32")


def test_its_probabilities_are_calibrated(spec):
    assert spec.metrics.split == "test"
    assert spec.metrics.values["ece"].value <= 0.03


def test_it_learned_something(spec):
    values = spec.metrics.values
    assert values["balanced_accuracy"].low > 3 / len(spec.codes)
    assert values["macro_auc"].low > 0.9
    assert all(values[f"sensitivity_{code}"].value > 0.4 for code in spec.codes)


def test_the_alarm_depends_little_on_how_the_camera_was_held(spec):
    assert spec.turn_agreement.split == "test"
    assert spec.turn_agreement.alarm >= 0.9


def test_the_careful_file_answers_alike_however_the_camera_was_held(spec, make_lesion):
    (careful,) = (variant for variant in spec.variants if variant.quarter_turns)
    logits_of = opened(open_bundle(default_bundle_path()).contents[careful.file])
    for kind in ("nv", "mel", "bcc"):
        pictures = [np.ascontiguousarray(np.rot90(make_lesion(kind, 3), turns)) for turns in range(4)]
        upright, *turned = (logits_of(picture[None]) for picture in pictures)
        for logits in turned:
            np.testing.assert_array_equal(logits, upright)


def test_its_detector_tells_pictures_of_anything_else_from_lesions(spec):
    detector = spec.out_of_distribution
    assert detector.auroc >= 0.99
    assert detector.confidence >= 0.9
    assert len(detector.auroc_by_kind) == len(detector.refused_by_kind) == 18
    assert all(detector.refused_by_kind[kind] == 1 for kind in ("blank", "noise", "text"))
    photographs = [
        share for kind, share in detector.refused_by_kind.items() if kind.startswith("photographs")
    ]
    assert sum(photographs) / len(photographs) >= 0.85
    assert set(detector.accepted_by_class) == set(spec.codes)


def test_a_detector_that_holds_no_numbers_is_refused(spec):
    bundle = open_bundle(default_bundle_path())
    array = spec.out_of_distribution.mean
    contents = {**bundle.contents, array.file: np.full(array.shape, np.nan, "<f4").tobytes()}
    with pytest.raises(BundleError, match="no numbers"):
        replace(bundle, contents=contents).array(array)


@pytest.mark.parametrize(
    "changed",
    [
        {"temperature": 2.0},
        {"decision": "argmax_p"},
        {"class_priors": "level"},
        {"out_of_distribution": "far"},
        {"out_of_distribution": None},
    ],
)
def test_its_self_test_reaches_the_decision_and_the_out_of_distribution_score(spec, tmp_path, changed):
    """Bundles that are whole, with a right hash, whose numbers are not those they were exported with."""
    special = {
        "level": dict.fromkeys(spec.codes, 1 / len(spec.codes)),
        "far": spec.out_of_distribution.model_copy(update={"distance_threshold": 99.0}),
    }
    if changed == {
        "decision": "argmax_p"
    }:  # both rules decide for nv there: the answer tells them apart by priors
        changed |= {"self_test_answer": spec.self_test_answer.model_copy(update={"diagnosis": "mel"})}
    update = {
        key: special.get(value, value) if isinstance(value, str) else value for key, value in changed.items()
    }
    if "class_priors" in update:
        update["self_test_answer"] = spec.self_test_answer.model_copy(update={"diagnosis": "vasc"})
    folder = tmp_path / "changed"
    contents = dict(open_bundle(default_bundle_path()).contents)
    model_bytes = contents.pop(spec.model_file)
    write_bundle(folder, spec.model_copy(update=update), model_bytes, contents)
    with pytest.raises(BundleError, match="fails its self-test"):
        load_bundle(folder, threads=1)
