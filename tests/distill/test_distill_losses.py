import numpy as np
import pytest
from keras import ops
from scipy.special import log_softmax, rel_entr, softmax
from scipy.stats import pearsonr, zscore

from dermdistill.distill.losses import distill_loss_names, get_distill_loss

RNG = np.random.default_rng(0)
STUDENT, TEACHER = RNG.normal(0, 2, (2, 6, 4)).astype(np.float32)
TARGETS = np.eye(4, dtype=np.float32)[[0, 1, 2, 3, 1, 0]]


def value_of(name, student, teacher, temperature, targets=None, **settings):
    return ops.convert_to_numpy(get_distill_loss(name)(student, teacher, temperature, targets, **settings))


def divergence(first, second):
    return rel_entr(first.astype(float), second.astype(float)).sum(axis=-1)


@pytest.mark.parametrize("name", distill_loss_names())
class TestEveryLoss:
    def test_agreement_costs_nothing_and_disagreement_something(self, name):
        np.testing.assert_allclose(value_of(name, TEACHER, TEACHER, 2.0, TARGETS), 0, atol=1e-5)
        assert value_of(name, STUDENT, TEACHER, 2.0, TARGETS).min() > 1e-3

    def test_a_constant_added_to_logits_changes_nothing(self, name):
        moved = value_of(name, STUDENT + 3, TEACHER - RNG.normal(size=(6, 1)).astype("f"), 2.0, TARGETS)
        np.testing.assert_allclose(moved, value_of(name, STUDENT, TEACHER, 2.0, TARGETS), rtol=2e-4)

    def test_a_student_that_knows_nothing_yet_gets_a_finite_gradient(self, name):
        import tensorflow as tf

        logits = tf.Variable(tf.zeros((6, 4)))
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean(get_distill_loss(name)(logits, TEACHER, 2.0, TARGETS))
        gradient = tape.gradient(loss, logits).numpy()
        # It points the right way: a step along it agrees better.
        after = value_of(name, -0.05 * gradient / np.abs(gradient).max(), TEACHER, 2.0, TARGETS).mean()
        assert after < float(loss)

    def test_a_very_sure_teacher_breaks_nothing(self, name):
        sure = 60 * TARGETS
        assert value_of(name, sure, sure, 1.0, TARGETS).max() < 1e-4
        wrong = value_of(name, sure[:, ::-1], sure, 1.0, TARGETS)
        assert 0.5 < wrong.min() <= wrong.max() < 1e4


def test_standardized_kd_equals_numbers_computed_by_hand():
    # Any two logits become [1, -1]: order is all that counts. Against [-1, 1] at T = 2, probabilities
    # s(1) = e/(e+1) = .7310586 against .2689414: KL = .4621172 * 1, times T^2 = 1.8484686.
    pairs = np.array([[5.0, 1.0], [5.0, 1.0]], np.float32), np.array([[0.3, 0.1], [-7.0, 2.0]], np.float32)
    np.testing.assert_allclose(value_of("standardized_kd", *pairs, 2.0), [0, 1.8484686], rtol=1e-5, atol=1e-6)


def test_standardized_kd_equals_scipy():
    student, teacher = (softmax(zscore(z.astype(float), axis=1) / 3, axis=1) for z in (STUDENT, TEACHER))
    value = value_of("standardized_kd", STUDENT, TEACHER, 3.0)
    np.testing.assert_allclose(value, 9 * divergence(teacher, student), rtol=1e-3)


def test_dkd_equals_numbers_computed_by_hand():
    # Teacher [.5, .25, .25], even student. Target 0: TCKD = KL([.5, .5] | [1/3, 2/3]) = .0588915, the others
    # are even on both sides: 0. Target 1: TCKD = KL([.25, .75] | [1/3, 2/3]) = .0164168,
    # NCKD = KL([2/3, 1/3] | [.5, .5]) = .0566330, weighed by 8 in all .4694807.
    teacher = np.log(np.array([[0.5, 0.25, 0.25]] * 2, np.float32))
    targets = np.array([[1, 0, 0], [0, 1, 0]], np.float32)
    value = value_of("dkd", np.zeros((2, 3), np.float32), teacher, 1.0, targets)
    np.testing.assert_allclose(value, [0.0588915, 0.4694807], rtol=1e-4)
    half = np.array([[0.5, 0.5, 0]], np.float32)
    mixed = value_of("dkd", np.zeros((1, 3), np.float32), teacher[:1], 1.0, half)
    np.testing.assert_allclose(mixed, [(0.0588915 + 0.4694807) / 2], rtol=1e-4)


def test_kd_is_dkd_with_the_others_weighed_by_what_the_teacher_leaves_them():
    # The identity the paper starts from: KL = TCKD + (1 - p_target) NCKD.
    kd = value_of("kd", STUDENT, TEACHER, 2.0)
    weights = {"target_weight": 1.0, "others_weight": 0.0}
    target_part = value_of("dkd", STUDENT, TEACHER, 2.0, TARGETS, **weights)
    weights = {"target_weight": 0.0, "others_weight": 1.0}
    others_part = value_of("dkd", STUDENT, TEACHER, 2.0, TARGETS, **weights)
    left = 1 - (softmax(TEACHER / 2, axis=1) * TARGETS).sum(axis=1)
    np.testing.assert_allclose(target_part + left * others_part, kd, rtol=1e-3)


def test_dist_equals_scipys_correlations():
    student, teacher = (softmax(z.astype(float) / 2, axis=1) for z in (STUDENT, TEACHER))
    inter = [1 - pearsonr(a, b).statistic for a, b in zip(student, teacher, strict=True)]
    intra = np.mean([1 - pearsonr(a, b).statistic for a, b in zip(student.T, teacher.T, strict=True)])
    value = value_of("dist", STUDENT, TEACHER, 2.0)
    np.testing.assert_allclose(value, 4 * (np.array(inter) + intra), rtol=1e-3)
    only = value_of("dist", STUDENT, TEACHER, 2.0, between_classes=0.0, between_images=3.0)
    np.testing.assert_allclose(only, np.full(6, 4 * 3 * intra), rtol=1e-3)


def test_dist_asks_for_relations_not_for_certainty():
    # Probabilities half-way to even: every deviation halved, every correlation 1.
    teacher = softmax(TEACHER.astype(float), axis=1)
    modest = np.log(0.5 * teacher + 0.5 / 4).astype(np.float32)
    np.testing.assert_allclose(value_of("dist", modest, TEACHER, 1.0), 0, atol=1e-4)
    assert value_of("kd", modest, TEACHER, 1.0).mean() > 0.05


def test_mse_equals_numbers_computed_by_hand_and_is_the_limit_of_kd():
    # Difference [3, 0, 0] centred is [2, -1, -1]: squares 6, mean 2, half 1.
    student, teacher = np.array([[3.0, 1, 1]], np.float32), np.array([[0.0, 1, 1]], np.float32)
    np.testing.assert_allclose(value_of("mse", student, teacher, 1.0), [1.0], rtol=1e-6)
    log_probs = [log_softmax(z.astype(float) / 500, axis=1) for z in (STUDENT, TEACHER)]
    limit = 500**2 * (np.exp(log_probs[1]) * (log_probs[1] - log_probs[0])).sum(axis=1)
    np.testing.assert_allclose(value_of("mse", STUDENT, TEACHER, 7.0), limit, rtol=0.02)
