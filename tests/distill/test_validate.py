import numpy as np
import pytest

from dermdistill.distill.validate import predict_logits, validation_metrics

SHARES = np.array([0.7, 0.2, 0.1, 0, 0, 0, 0])


def padded(logits):
    """Logits of three classes beside four that never get a probability."""
    return np.pad(np.asarray(logits, np.float32), ((0, 0), (0, 4)), constant_values=-60)


class Echo:
    """A model whose first logit is the mean of what it was shown."""

    def predict_on_batch(self, images):
        assert images.dtype == np.uint8
        mean = images.mean(axis=(1, 2, 3))
        return {"logits": np.stack([mean, 0 * mean], axis=1)}


def test_validation_images_are_seen_as_they_are_in_their_order():
    images = np.stack([np.full((8, 8, 3), level, np.uint8) for level in (3, 200, 17, 90, 45)])
    for image_size in (8, 4):
        logits = predict_logits(Echo(), images, image_size=image_size, batch_size=2)
        np.testing.assert_allclose(logits[:, 0], [3, 200, 17, 90, 45])
    again = predict_logits(Echo(), images, image_size=8, batch_size=3)
    np.testing.assert_array_equal(again[:, 0], [3, 200, 17, 90, 45])


def test_metrics_equal_numbers_computed_by_hand():
    labels = np.array([0, 0, 0, 1, 2])
    probs = np.array(
        [[0.9, 0.05, 0.05], [0.6, 0.3, 0.1], [0.5, 0.1, 0.4], [0.55, 0.35, 0.1], [0.65, 0.05, 0.3]]
    )
    # p / share decides 0, 1, 2, 1, 2: recalls 1/3, 1, 1. p alone decides 0 always: 3 of 5.
    metrics = validation_metrics(padded(np.log(probs)), labels, SHARES)
    assert metrics["val_balanced_accuracy"] == pytest.approx(7 / 9)
    assert metrics["val_accuracy"] == pytest.approx(0.6)
    assert metrics["val_loss"] == pytest.approx(-np.log([0.9, 0.6, 0.5, 0.35, 0.3]).mean(), rel=1e-5)
    # Pairs ranked rightly: 3 of 6 for class 0, 4 of 4 for class 1, 3 of 4 for class 2.
    assert metrics["val_macro_auc"] == pytest.approx((3 / 6 + 1 + 3 / 4) / 3)
    assert metrics["val_classes_predicted"] == 3


def test_a_class_that_no_training_image_has_is_never_decided_for():
    logits = padded(np.log([[0.5, 0.3, 0.2], [0.2, 0.6, 0.2], [0.1, 0.2, 0.7]]))
    metrics = validation_metrics(logits, np.array([0, 1, 1]), np.array([0.5, 0.5, 0, 0, 0, 0, 0]))
    assert metrics["val_balanced_accuracy"] == 1
    assert metrics["val_classes_predicted"] == 2


def test_a_student_that_always_says_one_class_scores_chance():
    labels = np.array([0] * 67 + [1] * 20 + [2] * 13)
    logits = padded(np.tile(np.float32([5, 0, 0]), (100, 1)))
    metrics = validation_metrics(logits, labels, SHARES)
    assert metrics["val_accuracy"] == pytest.approx(0.67)
    assert metrics["val_balanced_accuracy"] == pytest.approx(1 / 3)
    assert metrics["val_macro_auc"] == pytest.approx(0.5)
    assert metrics["val_classes_predicted"] == 1


def test_metrics_move_when_the_model_does():
    # A validation loss that stays the same for logits of another order would measure nothing.
    labels = np.arange(30) % 3
    good = np.eye(3, dtype=np.float32)[labels] * 3
    first, second = (validation_metrics(padded(logits), labels, SHARES) for logits in (good, -good))
    assert first["val_loss"] < second["val_loss"] - 1
    assert first["val_balanced_accuracy"] > second["val_balanced_accuracy"] + 0.5
