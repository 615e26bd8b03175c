from pathlib import Path

import numpy as np
import pytest

from dermdistill.data.batches import BatchSource
from dermdistill.data.views.mixing import MixSettings
from dermdistill.data.views.settings import ViewSettings
from dermdistill.distill.cached.logits import CachedTeachers, TeacherLogits, save_teacher_logits, views_key
from dermdistill.errors import DataError

IDS = [f"image_{number}" for number in range(12)]
# The logit tells the image and the view it belongs to, so that a mix-up shows.
LOGITS = np.array([[[image, view, image + view] for view in range(3)] for image in range(12)], np.float16)

NOTHING: frozenset[str] = frozenset()  # is held out

EARLIER_KEY = "1ea4b9954b86fbc1178a9b918bc910acc2961b4902db3ae6e8ac8a67b8e354c7"


def make_batches(**settings):
    base = {
        "codes": ("a", "b", "c"),
        "seed": 1,
        "view_settings": ViewSettings(),
        "batch_size": 4,
        "view_bank": 3,
    }
    images = np.zeros((12, 8, 8, 3), np.uint8)
    return BatchSource(images, IDS, np.arange(12) % 3, **(base | settings))


def save(path: Path, order, **changes) -> Path:
    fields = {
        "image_ids": tuple(IDS[row] for row in order),
        "logits": LOGITS[order],
        "views_key": views_key(make_batches()),
        "codes": ("a", "b", "c"),
    }
    save_teacher_logits(path, TeacherLogits(**(fields | changes)))
    return path


def test_soft_labels_belong_to_their_image_and_view_whatever_the_order(tmp_path):
    path = save(tmp_path / "shuffled.npz", np.random.default_rng(0).permutation(12))
    batches = make_batches()
    cached = CachedTeachers.open((path, path), batches, NOTHING)
    for batch in batches.epoch(5, 8):
        logits = cached.look_up(batch)
        assert logits.shape == (4, 2, 3)
        np.testing.assert_array_equal(
            logits[:, 0], np.stack([batch.rows, batch.views, batch.rows + batch.views], 1)
        )
        np.testing.assert_array_equal(logits[:, 1], logits[:, 0])


def test_a_shared_bank_fits_whatever_the_seed(tmp_path):
    path = save(tmp_path / "a.npz", np.arange(12))  # made with seed 1 and no view_seed
    assert CachedTeachers.open((path,), make_batches(seed=2, view_seed=1), NOTHING).logits.shape == (
        12,
        3,
        1,
        3,
    )
    with pytest.raises(DataError, match="other views"):
        CachedTeachers.open((path,), make_batches(view_seed=2), NOTHING)


def test_settings_that_came_later_leave_earlier_caches_valid_until_they_are_used():
    # The key of these views before hue, gamma, sharpness, cutout and jpeg were known.
    assert views_key(make_batches()) == EARLIER_KEY
    for name in ("hue", "gamma", "sharpness", "cutout", "jpeg"):
        changed = make_batches(view_settings=ViewSettings(**{name: 0.1}))
        assert views_key(changed) != EARLIER_KEY


@pytest.mark.parametrize("mixing", [MixSettings(mixup=1.0), MixSettings(cutmix=1.0)])
def test_mixed_images_get_mixed_probabilities(tmp_path, mixing):
    batches = make_batches(mixing=mixing)
    cached = CachedTeachers.open((save(tmp_path / "a.npz", np.arange(12)),), batches, NOTHING)
    batch = next(batches.epoch(0, 8))
    raw = np.exp(cached.logits[batch.rows, batch.views][:, 0].astype(float))
    probs = raw / raw.sum(axis=1, keepdims=True)
    expected = batch.mixture.share * probs + (1 - batch.mixture.share) * probs[batch.mixture.partners]
    np.testing.assert_allclose(np.exp(cached.look_up(batch)[:, 0]), expected, rtol=1e-4, atol=1e-7)


def test_other_views_are_an_error_not_a_shuffle(tmp_path):
    path = save(tmp_path / "a.npz", np.arange(12))
    for other in (make_batches(seed=2), make_batches(view_settings=ViewSettings(zoom=0.5))):
        with pytest.raises(DataError, match="other views"):
            CachedTeachers.open((path,), other, NOTHING)
    for bank in (0, 4):
        with pytest.raises(DataError, match="view_bank"):
            CachedTeachers.open((path,), make_batches(view_bank=bank), NOTHING)


def test_a_missing_image_is_named(tmp_path):
    path = save(tmp_path / "a.npz", np.arange(11))
    with pytest.raises(DataError, match="image_11"):
        CachedTeachers.open((path,), make_batches(), NOTHING)


def test_a_teacher_that_was_trained_on_held_out_images_is_refused(tmp_path):
    path = save(tmp_path / "a.npz", np.arange(12))
    assert CachedTeachers.open((path,), make_batches(), frozenset(["image_12"]))
    with pytest.raises(DataError, match="has seen 1 of the images held out here"):
        CachedTeachers.open((path,), make_batches(), frozenset(["image_3", "image_12"]))


def test_a_damaged_or_foreign_file_is_refused(tmp_path):
    twice = save(tmp_path / "twice.npz", np.zeros(12, int))
    with pytest.raises(DataError, match="one row"):
        CachedTeachers.open((twice,), make_batches(), NOTHING)
    (tmp_path / "text.npz").write_text("no numbers")
    with pytest.raises(DataError, match="no cached teacher logits"):
        CachedTeachers.open((tmp_path / "text.npz",), make_batches(), NOTHING)
