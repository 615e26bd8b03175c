import numpy as np
import pytest
from keras import ops

from dermdistill.distill.losses import get_distill_loss, get_task_loss
from dermdistill.distill.objective import Objective
from dermdistill.errors import RecipeError

STUDENT = np.array([[1.0, 0.0, -1.0], [0.2, 0.4, 0.1]], np.float32)
TEACHER = np.array([[2.0, 1.0, 0.0], [-1.0, 3.0, 0.5]], np.float32)
kd, cross_entropy = get_distill_loss("kd"), get_task_loss("cross_entropy")


def test_objective_weighs_the_mean_over_teachers_against_the_task():
    targets = np.array([[0, 1, 0], [0, 1, 0]], np.float32)
    teachers = np.stack([TEACHER, -TEACHER], axis=1)
    losses = Objective(alpha=0.8, temperature=2.0)(STUDENT, targets, teachers)
    task = ops.convert_to_numpy(cross_entropy(STUDENT, targets)).mean()
    soft = [ops.convert_to_numpy(kd(STUDENT, logits, 2.0)).mean() for logits in (TEACHER, -TEACHER)]
    assert float(losses["task_loss"]) == pytest.approx(task, rel=1e-5)
    assert float(losses["distill_loss"]) == pytest.approx(np.mean(soft), rel=1e-5)
    assert float(losses["loss"]) == pytest.approx(0.8 * np.mean(soft) + 0.2 * task, rel=1e-5)


def test_objective_smooths_labels_and_shifts_only_the_task():
    targets = np.array([[1, 0, 0]], np.float32)
    logits = np.zeros((1, 3), np.float32)
    shift = tuple(np.log([0.5, 0.25, 0.25]))
    smoothed = Objective(label_smoothing=0.3, logit_shift=shift)(logits, targets, None)
    expected = -(0.8 * np.log(0.5) + 0.2 * np.log(0.25))
    assert float(smoothed["loss"]) == pytest.approx(expected, rel=1e-5)
    same = Objective(alpha=1.0, logit_shift=shift)(logits, targets, np.zeros((1, 1, 3), np.float32))
    assert float(same["loss"]) == pytest.approx(0, abs=1e-6)


EVEN = np.zeros((1, 2), np.float32)
ONE = np.array([[1.0, 0.0]], np.float32)


def test_the_mean_of_probabilities_and_the_mean_of_losses_by_hand():
    # Teachers [.5, .5] and [.9, .1], weighed 3 to 1: the mean is [.6, .4]; against an even student
    # KL = .6 ln 1.2 + .4 ln .8 = .0201355; apart, 0 and .9 ln 1.8 + .1 ln .2 = .3680642, a quarter of it.
    teachers = np.log(np.array([[[0.5, 0.5], [0.9, 0.1]]], np.float32))
    settings = {"alpha": 1.0, "teacher_weights": (3.0, 1.0)}
    probs = Objective(combine="probs", **settings)(EVEN, ONE, teachers)
    losses = Objective(combine="losses", **settings)(EVEN, ONE, teachers)
    assert float(probs["loss"]) == pytest.approx(0.0201355, rel=1e-4)
    assert float(losses["loss"]) == pytest.approx(0.3680642 / 4, rel=1e-5)


def test_a_teacher_of_no_weight_is_not_heard():
    teachers = np.stack([TEACHER, 100 * TEACHER[:, ::-1]], axis=1)
    targets = np.eye(3, dtype=np.float32)[:2]
    alone = Objective(alpha=1.0)(STUDENT, targets, teachers[:, :1])["loss"]
    for combine in ("losses", "probs"):
        both = Objective(alpha=1.0, combine=combine, teacher_weights=(2.0, 0.0))(STUDENT, targets, teachers)
        assert float(both["loss"]) == pytest.approx(float(alone), rel=1e-5)


def test_with_even_priors_rare_classes_weigh_more():
    # Class shares 1/2, 1/4, 1/4. A teacher that answers just these says, at even priors, [1/3, 1/3, 1/3]; a
    # student that answers evenly says [.2, .4, .4]: KL = (ln(1/.6) + 2 ln(1/1.2)) / 3 = .0487274.
    shares = np.log([[0.5, 0.25, 0.25]]).astype(np.float32)
    objective = Objective(alpha=1.0, log_prior=tuple(shares[0].tolist()))
    target = np.array([[1, 0, 0]], np.float32)
    assert float(objective(np.zeros((1, 3), np.float32), target, shares[:, None])["loss"]) == pytest.approx(
        0.0487274, rel=1e-4
    )
    # The student's own logits still follow the data: it agrees by answering the shares too.
    assert float(objective(shares, target, shares[:, None])["loss"]) == pytest.approx(0, abs=1e-6)


def test_the_mean_at_even_priors_is_not_the_mean_of_the_data():
    # Shares .8, .2; teachers [.9, .1] and [.2, .8]. Over the shares: [.9/.8, .1/.2] = [9, 4]/13 and
    # [.2/.8, .8/.2] = [1, 16]/17; the student says [1/2, 1/2] there.
    log_prior = tuple(np.log([0.8, 0.2]).tolist())
    teachers = np.log(np.array([[[0.9, 0.1], [0.2, 0.8]]], np.float32))
    student = np.log(np.array([[0.8, 0.2]], np.float32))
    loss = Objective(alpha=1.0, combine="probs", log_prior=log_prior)(student, ONE, teachers)["loss"]
    mean = (np.array([9, 4]) / 13 + np.array([1, 16]) / 17) / 2
    assert float(loss) == pytest.approx((mean * np.log(2 * mean)).sum(), rel=1e-4)


def test_the_target_reaches_the_loss_unsmoothed():
    targets = np.array([[0, 1, 0], [0, 1, 0]], np.float32)
    losses = Objective(distill_loss="dkd", alpha=1.0, label_smoothing=0.5)(STUDENT, targets, TEACHER[:, None])
    expected = ops.convert_to_numpy(get_distill_loss("dkd")(STUDENT, TEACHER, 1.0, targets)).mean()
    assert float(losses["loss"]) == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize("settings", [{"task_loss": "ce"}, {"distill_loss": "kl"}])
def test_unknown_losses_are_refused_before_anything_starts(settings):
    with pytest.raises(RecipeError, match=r"There is no .* loss .*; there are .*(kd|focal)"):
        Objective(**settings)
