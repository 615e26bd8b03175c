"""How often images of each source and class are drawn."""

from dataclasses import replace

import numpy as np
import pytest

from dermdistill.data.batches import BatchSource
from dermdistill.data.sampling import SourceMix, cell_shares
from dermdistill.data.views.mixing import MixSettings
from dermdistill.data.views.settings import ViewSettings

# Two sources, three classes: the second class is of the second source alone.
COUNTS = np.array([[60.0, 0.0, 20.0], [10.0, 8.0, 2.0]])


def test_without_powers_images_are_drawn_as_they_are():
    np.testing.assert_allclose(cell_shares(COUNTS, 0, 0, ()), COUNTS / 100)


def test_powers_of_1_draw_all_classes_alike_and_each_from_its_sources_alike():
    shares = cell_shares(COUNTS, 1, 1, (None, None))
    np.testing.assert_allclose(shares, np.array([[1, 0, 1], [1, 2, 1]]) / 6)


def test_powers_between_are_between():
    shares = cell_shares(np.array([[16.0, 4.0], [4.0, 1.0]]), 0.5, 0.5, ())
    # Classes by the roots of 20 and 5: 2 to 1. Within each, sources by 4 to 2 and 2 to 1.
    np.testing.assert_allclose(shares, np.array([[2 / 3, 1 / 3], [1 / 3, 1 / 6]]) * 2 / 3)


def test_a_share_of_a_source_is_held_and_the_others_get_the_rest():
    shares = cell_shares(COUNTS, 0, 0, (0.5, None))
    np.testing.assert_allclose(shares.sum(axis=1), [0.5, 0.5])
    np.testing.assert_allclose(shares[0] / shares[0].sum(), COUNTS[0] / 80)
    three = cell_shares(np.array([[5.0], [3.0], [1.0]]), 0, 0, (0.2, None, None))
    np.testing.assert_allclose(three[:, 0], [0.2, 0.6, 0.2])


def source(mix_settings, *, power=0.0, batch_size=20):
    labels = np.repeat([0, 2, 0, 1, 2], [60, 20, 10, 8, 2])
    of_image = np.repeat([0, 1], [80, 20])
    images = np.zeros((100, 8, 8, 3), np.uint8)
    mix = SourceMix(("a", "b"), of_image, **mix_settings)
    ids = [str(n) for n in range(100)]
    return BatchSource(
        images,
        ids,
        labels,
        ("a", "b", "c"),
        0,
        ViewSettings(),
        batch_size=batch_size,
        sampling_power=power,
        mix=mix,
    )


def test_batches_have_the_shares_that_were_asked_for():
    batches = source({"power": 1.0}, power=1.0)
    rows = np.concatenate([batches.order(epoch)[0] for epoch in range(30)])
    drawn = batches.mix.counts(batches.labels, 3) * 0
    np.add.at(drawn, (batches.mix.of_image[rows], batches.labels[rows]), 1)
    np.testing.assert_allclose(drawn / len(rows), np.array([[1, 0, 1], [1, 2, 1]]) / 6, atol=0.02)
    np.testing.assert_allclose(batches.class_shares(), [1 / 3] * 3)


def test_one_source_is_drawn_as_without_sources():
    labels = np.repeat([0, 1], [70, 30])
    images, ids = np.zeros((100, 8, 8, 3), np.uint8), [str(n) for n in range(100)]
    plain = BatchSource(images, ids, labels, ("a", "b"), 0, ViewSettings(), sampling_power=0.5)
    mix = SourceMix(("a",), np.zeros(100, np.int64), power=0.5)
    mixed = BatchSource(images, ids, labels, ("a", "b"), 0, ViewSettings(), sampling_power=0.5, mix=mix)
    np.testing.assert_allclose(mixed.class_shares(), plain.class_shares())
    assert np.bincount(labels[plain.order(3)[0]]).tolist() == pytest.approx(
        np.bincount(labels[mixed.order(3)[0]]).tolist(), abs=1
    )


def test_a_batch_tells_what_the_sources_of_its_images_teach():
    batches = source({"mask_absent_classes": True})
    for batch in batches.epoch(0, 8):
        expected = np.where((batches.mix.of_image[batch.rows] == 0)[:, None], [1, 0, 1], [1, 1, 1])
        np.testing.assert_array_equal(batch.taught, expected)
    assert next(source({}).epoch(0, 8)).taught is None


def test_a_mixed_image_is_taught_what_either_source_has():
    """Half an image of a class that the other image's source lacks has to be learned, too."""
    plain = source({"mask_absent_classes": True})
    batches = replace(plain, mixing=MixSettings(mixup=1.0), batch_size=16)
    mixed_sources = 0
    for batch in batches.epoch(0, 8):
        has = np.where((batches.mix.of_image[batch.rows] == 0)[:, None], [1, 0, 1], [1, 1, 1])
        either = np.maximum(has, has[batch.mixture.partners])
        np.testing.assert_array_equal(batch.taught, either)
        assert (batch.taught[batch.targets > 0] == 1).all()
        mixed_sources += (either != has).any(axis=1).sum()
    assert mixed_sources
