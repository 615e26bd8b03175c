import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dermdistill.data.batches import MAX_REPEATS, BatchSource
from dermdistill.data.views.mixing import MixSettings
from dermdistill.data.views.render import make_view
from dermdistill.data.views.settings import ViewSettings
from dermdistill.imaging import resize_square

LABELS = np.array([0] * 30 + [1] * 8 + [2] * 2)


def make_source(**settings):
    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, (len(LABELS), 32, 32, 3), np.uint8)
    ids = [f"image_{row}" for row in range(len(LABELS))]
    base = {"codes": ("a", "b", "c"), "seed": 7, "view_settings": ViewSettings(), "batch_size": 8}
    return BatchSource(images, ids, LABELS, **(base | settings))


def test_without_balancing_every_image_comes_once_an_epoch_in_a_new_order():
    source = make_source()
    (first, views), (second, _) = source.order(0), source.order(1)
    assert sorted(first) == sorted(second) == list(range(40))
    assert not np.array_equal(first, second)
    np.testing.assert_array_equal(views, 0)
    np.testing.assert_array_equal(source.order(1)[1], MAX_REPEATS)


@given(power=st.floats(0, 1), epoch=st.integers(0, 50))
def test_classes_come_as_often_as_class_shares_says(power, epoch):
    source = make_source(sampling_power=power)
    rows, _ = source.order(epoch)
    drawn = np.bincount(LABELS[rows], minlength=3)
    expected = source.class_shares() * len(LABELS)
    # Each image may be rounded up or down, and the shuffle decides which.
    np.testing.assert_allclose(drawn, expected, atol=np.sqrt(len(LABELS)))
    assert len(rows) == len(LABELS)


def test_full_balancing_draws_all_classes_equally():
    np.testing.assert_allclose(make_source(sampling_power=1.0).class_shares(), 1 / 3)


def test_repeats_of_an_image_within_an_epoch_are_different_views():
    rows, views = make_source(sampling_power=1.0).order(2)
    pairs = set(zip(rows.tolist(), views.tolist(), strict=True))
    assert len(pairs) == len(rows)
    assert max(np.bincount(rows)) > 1


def test_a_bank_of_views_is_never_left():
    _, views = make_source(sampling_power=1.0, view_bank=4).order(9)
    assert set(views) <= set(range(4))


@pytest.mark.parametrize("bank", [3, 8])
def test_in_as_many_epochs_as_the_bank_has_views_every_image_shows_each_once(bank):
    source, seen = make_source(view_bank=bank), np.zeros((40, bank), int)
    for epoch in range(5, 5 + bank):
        seen[source.order(epoch)] += 1
    assert (seen == 1).all()


def test_each_batch_holds_the_named_view_of_the_named_image_with_its_label():
    source = make_source()
    for batch in source.epoch(3, 16):
        for image, target, row, view in zip(
            batch.images, batch.targets, batch.rows, batch.views, strict=True
        ):
            expected = make_view(source.images[row], source.image_ids[row], int(view), 7, ViewSettings())
            np.testing.assert_array_equal(image, resize_square(expected, 16))
            assert target.argmax() == LABELS[row]


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"mixing": MixSettings(mixup=0.4)},
        {"mixing": MixSettings(mixup=0.4, cutmix=1)},
        {"degraded_share": 0.5},
    ],
)
def test_an_epoch_taken_up_in_the_middle_gives_the_same_batches(settings):
    source = make_source(sampling_power=0.5, **settings)
    whole = list(source.epoch(1, 16))
    rest = list(source.epoch(1, 16, start_step=3, workers=1))
    assert len(whole) == 5
    for one, other in zip(whole[3:], rest, strict=True):
        np.testing.assert_array_equal(one.images, other.images)
        np.testing.assert_array_equal(one.targets, other.targets)


def test_mixup_mixes_images_and_targets_by_the_same_share():
    plain, mixed = make_source(), make_source(mixing=MixSettings(mixup=1.0))
    for before, after in zip(plain.epoch(0, 16), mixed.epoch(0, 16), strict=True):
        partner = before.images[after.mixture.partners].astype(float)
        expected = after.mixture.share * before.images + (1 - after.mixture.share) * partner
        np.testing.assert_allclose(after.images, expected, atol=0.51)
        np.testing.assert_allclose(after.targets.sum(axis=1), 1, rtol=1e-6)
        own = after.targets[np.arange(8), LABELS[after.rows]]
        same = LABELS[after.rows] == LABELS[after.rows[after.mixture.partners]]
        np.testing.assert_allclose(own, np.where(same, 1, after.mixture.share), rtol=1e-5)


def test_a_share_of_the_images_is_degraded_and_teachers_see_them_as_they_are():
    mixing = MixSettings(mixup=0.4)
    plain, degraded = make_source(mixing=mixing), make_source(mixing=mixing, degraded_share=0.5)
    changed = []
    for epoch in range(20):
        for before, after in zip(plain.epoch(epoch, 16), degraded.epoch(epoch, 16), strict=True):
            assert before.clean is None
            np.testing.assert_array_equal(after.clean, before.images)
            np.testing.assert_array_equal(after.targets, before.targets)
            changed.extend((after.images != after.clean).any(axis=(1, 2, 3)))
    assert np.mean(changed) == pytest.approx(0.5, abs=0.06)


def test_trainings_with_other_seeds_can_share_one_bank_of_views():
    one, other = make_source(seed=7, view_seed=3), make_source(seed=8, view_seed=3)
    np.testing.assert_array_equal(one.view(2, 1), other.view(2, 1))
    assert (one.view(2, 1) != make_source(seed=7).view(2, 1)).any()
    assert (one.order(0)[0] != other.order(0)[0]).any()


def test_cutmix_shows_a_rectangle_of_the_partner_and_mixes_targets_by_its_area():
    plain, cut = make_source(), make_source(mixing=MixSettings(cutmix=1.0))
    areas = []
    for epoch in range(4):
        for before, after in zip(plain.epoch(epoch, 16), cut.epoch(epoch, 16), strict=True):
            partner = before.images[after.mixture.partners]
            own, other = after.images == before.images, after.images == partner
            assert (own | other).all(), "every pixel is of one of the two"
            left, top, right, bottom = after.mixture.box
            inside = np.zeros((16, 16), bool)
            inside[top:bottom, left:right] = True
            assert other[:, inside].all()
            assert own[:, ~inside].all()
            areas.append(inside.mean())
            expected = (1 - areas[-1]) * before.targets + areas[-1] * before.targets[after.mixture.partners]
            np.testing.assert_allclose(after.targets, expected, atol=1e-6)
    # Beta(1, 1) is even; what hangs over the edge makes the areas smaller.
    assert max(areas) > 0.5
    assert min(areas) < 0.1


def test_mixup_and_cutmix_take_turns_by_their_share():
    source = make_source(mixing=MixSettings(mixup=0.4, cutmix=1.0, cutmix_share=0.25))
    kinds = [batch.mixture.box is not None for epoch in range(40) for batch in source.epoch(epoch, 8)]
    assert 0.15 < np.mean(kinds) < 0.35
