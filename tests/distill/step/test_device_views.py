"""Views made by the backend beside those that the host makes: the same pixels but for rounding."""

import numpy as np
import pytest
from keras import ops

from dermdistill.data.batches import BatchSource
from dermdistill.data.views.mixing import MixSettings
from dermdistill.data.views.settings import ViewSettings
from dermdistill.distill.recipe import load_recipe
from dermdistill.distill.step.device_views import DeviceViews
from dermdistill.errors import RecipeError


@pytest.fixture(scope="module")
def images(make_lesion):
    return np.stack([make_lesion("mel", seed, height=64, width=64) for seed in range(16)])


def both(images, settings, *, size=64, mixing=None):
    """The batches of an epoch, made on the host and made by the backend."""
    labels, ids = np.arange(16) % 2, [f"image_{row}" for row in range(16)]
    extra = {"mixing": mixing} if mixing else {}
    sources = [
        BatchSource(
            images,
            ids,
            labels,
            ("mel", "nv"),
            seed=3,
            view_settings=settings,
            batch_size=8,
            on_device=device,
            **extra,
        )
        for device in (False, True)
    ]
    views = DeviceViews(ops.convert_to_tensor(images), settings, size)
    for host, planned in zip(*(source.epoch(1, size) for source in sources), strict=True):
        np.testing.assert_array_equal(host.targets, planned.targets)
        made = ops.convert_to_numpy(views.render(views.data, planned.images))
        assert made.dtype == np.uint8
        yield host.images, made


@pytest.mark.parametrize("settings", [{}, {"gamma": 0.3, "cutout": 0.5, "hue": 10.0}])
def test_exact_views_are_the_same_to_the_bit_but_for_rounded_colours(images, settings):
    for host, made in both(images, ViewSettings(exact=1.0, **settings)):
        difference = np.abs(host.astype(int) - made)
        assert difference.max() <= (3 if settings else 1)  # a dark tone's curve is steep
        assert (difference > 0).mean() < 0.15  # OpenCV's colours are fixed-point
    still = {"brightness": 0, "contrast": 0, "saturation": 0, "tint": 0}
    for host, made in both(images, ViewSettings(exact=1.0, **still)):
        np.testing.assert_array_equal(host, made)


@pytest.mark.parametrize("extra", [{}, {"gamma": 0.3}, {"sharpness": 0.8}, {"cutout": 0.5}])
@pytest.mark.parametrize("size", [64, 40])
def test_warped_views_differ_by_rounding_only(images, extra, size):
    for host, made in both(images, ViewSettings(exact=0.0, **extra), size=size):
        difference = np.abs(host.astype(int) - made)
        assert difference.mean() < 0.6
        assert np.quantile(difference, 0.99) <= 4
        assert difference.mean() < 0.05 * np.abs(host.astype(int) - np.roll(host, 1, axis=0)).mean()


@pytest.mark.parametrize("mixing", [MixSettings(mixup=0.5), MixSettings(cutmix=1.0)])
def test_mixing_is_the_hosts(images, mixing):
    for host, made in both(images, ViewSettings(exact=1.0), mixing=mixing):
        assert np.abs(host.astype(int) - made).max() <= 2


def test_what_the_device_cannot_do_is_refused_beforehand(tiny_recipe_path):
    with pytest.raises(RecipeError, match="no device saves JPEG"):
        load_recipe(tiny_recipe_path, ("compute.views=device", "views.jpeg=0.5"))
    with pytest.raises(RecipeError, match="degraded_share needs compute"):
        load_recipe(tiny_recipe_path, ("compute.views=device", "batches.degraded_share=0.5"))
    cached = ("compute.views=device", 'distill.teacher_logits=["a.npz"]')
    with pytest.raises(RecipeError, match="host's views"):
        load_recipe(tiny_recipe_path, cached)
