"""The mean over quarter turns is numpy's, in Keras and in a file; a turned image has the same answer."""

import numpy as np
import pytest

from dermdistill.export.formats import litert
from dermdistill.export.formats.quarter_turns import over_quarter_turns


def turned(values, turns):
    return np.ascontiguousarray(np.rot90(values, turns, axes=(1, 2)))


def test_it_answers_the_mean_of_the_four_answers(student, pictures):
    answers = [student.predict_on_batch(turned(pictures, turns)) for turns in range(4)]
    mean = over_quarter_turns(student).predict_on_batch(pictures)
    for name in ("logits", "embedding"):
        np.testing.assert_allclose(mean[name], np.mean([one[name] for one in answers], axis=0), atol=1e-6)
    upright = [turned(one["class_maps"], -turns) for turns, one in enumerate(answers)]
    np.testing.assert_allclose(mean["class_maps"], np.mean(upright, axis=0), atol=1e-6)
    assert np.abs(mean["logits"] - answers[0]["logits"]).max() > 0.01


def test_the_maps_still_explain_the_logits(student, pictures):
    answer = over_quarter_turns(student).predict_on_batch(pictures)
    bias = student.get_layer("logits").bias.numpy()
    np.testing.assert_allclose(answer["class_maps"].mean(axis=(1, 2)) + bias, answer["logits"], atol=1e-5)


@pytest.mark.parametrize("quantization", ["float32", "int8"])
def test_a_files_answer_to_a_turned_image_is_the_same(student, pictures, quantization):
    if quantization == "int8":
        data = litert.convert_int8(student, pictures, quarter_turns=True)
    else:
        data = litert.convert_float32(over_quarter_turns(student))
    logits = litert.file_logits(data, pictures)
    exact = over_quarter_turns(student).predict_on_batch(pictures)["logits"]
    np.testing.assert_allclose(logits, exact, atol=1e-5 if quantization == "float32" else 0.1 * exact.std())
    for turns in (1, 2, 3):
        # Int8 sums are the same in any order, to the bit.
        np.testing.assert_allclose(
            litert.file_logits(data, turned(pictures, turns)),
            logits,
            atol=1e-6 if quantization == "float32" else 0,
        )
