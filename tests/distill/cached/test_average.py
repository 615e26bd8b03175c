import json

import numpy as np
import pytest

from dermdistill.distill.cached.logits import TeacherLogits, load_teacher_logits, save_teacher_logits
from dermdistill.distill.cached.write import average_teacher_logits
from dermdistill.distill.objective import Objective
from dermdistill.errors import DataError


def teacher(probs, **changes):
    """One image, one view."""
    logits = np.log(np.array(probs))[None, None].astype(np.float16) + np.float16(2)
    fields = {
        "image_ids": ("a",),
        "logits": logits,
        "views_key": "key",
        "codes": ("a", "b"),
        "made_by": '[{"run": "x"}]',
    }
    return TeacherLogits(**(fields | changes))


def probs_of(cached):
    powers = np.exp(cached.logits[0, 0].astype(float))
    return powers / powers.sum()


def test_probabilities_are_averaged_by_weight():
    both = [teacher([0.9, 0.1]), teacher([0.5, 0.5])]
    np.testing.assert_allclose(probs_of(average_teacher_logits(both)), [0.7, 0.3], atol=1e-3)
    np.testing.assert_allclose(probs_of(average_teacher_logits(both, [3, 1])), [0.8, 0.2], atol=1e-3)
    made_by = json.loads(average_teacher_logits(both, [3, 1]).made_by)
    assert made_by == {"mean_of": [[{"run": "x"}]] * 2, "weights": [3.0, 1.0], "prior": "data"}


def test_the_mean_at_even_priors_by_hand():
    # Shares .8, .2: [.9/.8, .1/.2] = [9, 4]/13 and [.2/.8, .8/.2] = [1, 16]/17; their mean times the shares.
    mean = (np.array([9, 4]) / 13 + np.array([1, 16]) / 17) / 2
    expected = mean * [0.8, 0.2] / (mean * [0.8, 0.2]).sum()
    averaged = average_teacher_logits(
        [teacher([0.9, 0.1]), teacher([0.2, 0.8])], log_prior=np.log([0.8, 0.2])
    )
    np.testing.assert_allclose(probs_of(averaged), expected, atol=1e-3)


@pytest.mark.parametrize("log_prior", [None, (-0.2, -1.6)])
def test_an_averaged_file_teaches_as_combining_the_files_does(log_prior):
    both = [teacher([0.9, 0.1]), teacher([0.2, 0.8])]
    prior = None if log_prior is None else np.array(log_prior)
    averaged = average_teacher_logits(both, [2, 1], log_prior=prior).logits[0].astype(np.float32)
    apart = np.stack([one.logits[0, 0] for one in both])[None].astype(np.float32)
    objective = {"alpha": 1.0, "combine": "probs", "log_prior": log_prior}
    student, target = np.array([[0.3, -0.2]], np.float32), np.array([[1, 0]], np.float32)
    one = Objective(**objective)(student, target, averaged[:, None])["loss"]
    two = Objective(**objective, teacher_weights=(2.0, 1.0))(student, target, apart)["loss"]
    assert float(one) == pytest.approx(float(two), rel=5e-3)


def test_teachers_of_other_images_or_views_are_not_averaged():
    one = teacher([0.9, 0.1])
    for other in (teacher([0.5, 0.5], image_ids=("b",)), teacher([0.5, 0.5], views_key="other")):
        with pytest.raises(DataError, match="other images, views or classes"):
            average_teacher_logits([one, other])
    with pytest.raises(DataError, match="2 weights"):
        average_teacher_logits([one, one], [1.0])


def test_what_made_a_file_is_read_back(tmp_path):
    save_teacher_logits(tmp_path / "new" / "a.npz", teacher([0.5, 0.5]))
    assert load_teacher_logits(tmp_path / "new" / "a.npz").made_by == '[{"run": "x"}]'
