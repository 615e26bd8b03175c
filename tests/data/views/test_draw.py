"""Draws of a batch: each is what it would be alone, from numpy's own generator under the view's hash."""

import hashlib
from dataclasses import fields

import numpy as np
import pytest

from dermdistill.data.views.draw import draw_bits, draw_views, to_quarter, to_uniform
from dermdistill.data.views.settings import ViewSettings

IDS, VIEWS = ["a", "b", "a", "c"], [0, 7, 1, 4095]
EVERYTHING = ViewSettings(hue=20, gamma=0.3, sharpness=0.5, cutout=0.5, jpeg=0.5)


@pytest.mark.parametrize("settings", [ViewSettings(), EVERYTHING, ViewSettings(rotation=30, exact=0.5)])
def test_a_view_is_drawn_in_a_batch_as_alone(settings):
    together = draw_views(IDS, VIEWS, 3, settings, 64)
    for row, (image_id, view) in enumerate(zip(IDS, VIEWS, strict=True)):
        alone = draw_views([image_id], [view], 3, settings, 64)
        for field in fields(alone):
            np.testing.assert_array_equal(getattr(together, field.name)[row], getattr(alone, field.name)[0])


def test_bits_are_philoxs_under_the_hash_of_image_view_and_seed():
    key = hashlib.blake2b(b"b/7/3", digest_size=16).digest()
    generator = np.random.Generator(np.random.Philox(key=int.from_bytes(key, "little")))
    bits = draw_bits(IDS, VIEWS, 3, 6)[1]
    np.testing.assert_array_equal(to_uniform(bits[:4]), generator.uniform(size=4))
    assert to_quarter(bits[4:5])[0] == generator.integers(4)
    assert to_uniform(bits[5:])[0] == generator.uniform()


def test_quarters_are_all_and_evenly_drawn():
    bits = draw_bits(["a"] * 2000, range(2000), 0, 1)[:, 0]
    np.testing.assert_allclose(np.bincount(to_quarter(bits), minlength=4), 500, atol=80)
