import hashlib

import cv2
import numpy as np
import pytest

from dermdistill.data.views.render import make_view, saved_as_jpeg
from dermdistill.data.views.settings import ViewSettings

STILL = ViewSettings(
    rotation=0,
    flips=False,
    shift=0,
    zoom=0,
    aspect=0,
    brightness=0,
    contrast=0,
    saturation=0,
    tint=0,
    exact=0,
)


# First digits of each view's SHA-256, as the version before `hue` made it.
EARLIER = ["d78deb52", "d5a1490f", "7ef17d32", "0771877c", "9439db39", "f0225e87", "e64d72fd", "063ad966"]


@pytest.fixture
def image(make_lesion):
    return make_lesion("mel", 3, height=64, width=64)


def test_a_view_is_a_pure_function_of_image_view_and_seed(image):
    first = make_view(image, "a", 5, 0, ViewSettings())
    make_view(image, "b", 1, 0, ViewSettings())
    np.testing.assert_array_equal(make_view(image, "a", 5, 0, ViewSettings()), first)
    for other in (("b", 5, 0), ("a", 6, 0), ("a", 5, 1)):
        assert np.abs(make_view(image, *other, ViewSettings()).astype(int) - first).mean() > 1


def test_no_change_allowed_gives_the_image_back(image):
    np.testing.assert_array_equal(make_view(image, "a", 0, 0, STILL), image)


def test_flips_alone_give_the_image_or_its_mirror_about_equally_often(image):
    settings = STILL.model_copy(update={"flips": True})
    mirrored = [not np.array_equal(make_view(image, "a", view, 0, settings), image) for view in range(60)]
    assert 15 < sum(mirrored) < 45
    flipped = make_view(image, "a", mirrored.index(True), 0, settings)
    np.testing.assert_array_equal(flipped, image[:, ::-1])


def test_rotation_turns_about_the_centre():
    dot = np.zeros((65, 65, 3), np.uint8)
    dot[32, 32] = 255
    spun = make_view(dot, "a", 1, 0, STILL.model_copy(update={"rotation": 180.0}))
    assert spun[32, 32].min() == 255
    assert spun.astype(int).sum() < 4 * 3 * 255


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("brightness", 0.2),
        ("contrast", 0.4),
        ("saturation", 0.5),
        ("tint", 0.2),
        ("zoom", 0.5),
        ("aspect", 0.5),
        ("hue", 20),
        ("gamma", 0.5),
        ("sharpness", 0.8),
        ("cutout", 0.5),
    ],
)
def test_each_setting_changes_the_picture_within_its_bound(image, name, value):
    views = [make_view(image, "a", k, 0, STILL.model_copy(update={name: value})) for k in range(20)]
    # A draw close to none may round to the same picture.
    assert sum(not np.array_equal(view, image) for view in views) >= 17
    if name == "brightness":
        assert max(np.abs(view.astype(int) - image).max() for view in views) <= round(0.2 * 255)
    if name in ("saturation", "hue"):  # grey stays grey
        grey = np.full((8, 8, 3), 90, np.uint8)
        settings = STILL.model_copy(update={name: value})
        np.testing.assert_array_equal(make_view(grey, "a", 0, 0, settings), grey)


def test_an_exact_view_has_the_pixels_of_the_image_in_one_of_eight_places(image):
    settings = STILL.model_copy(update={"exact": 1.0, "rotation": 180.0, "flips": True, "zoom": 0.5})
    eight = {np.rot90(side, turns).tobytes() for side in (image, image[:, ::-1]) for turns in range(4)}
    seen = {make_view(image, "a", k, 0, settings).tobytes() for k in range(60)}
    assert seen == eight


def test_about_the_wanted_share_of_views_is_exact(image):
    def sharpness(settings):
        views = [make_view(image, "a", k, 0, settings) for k in range(80)]
        return [sorted(view.ravel()) == sorted(image.ravel()) for view in views]

    settings = STILL.model_copy(update={"rotation": 180.0, "exact": 0.25})
    assert 10 <= sum(sharpness(settings)) <= 32
    assert not any(sharpness(settings.model_copy(update={"exact": 0.0})))


def test_a_view_drawn_by_an_earlier_version_is_still_the_same(image):
    """The cached logits of a teacher belong to these pixels."""
    views = [make_view(image, "a", k, 0, ViewSettings()) for k in range(8)]
    assert [hashlib.sha256(view.tobytes()).hexdigest()[:8] for view in views] == EARLIER


def only(**settings):
    return STILL.model_copy(update=settings)


def test_hue_turns_the_colour_circle_and_keeps_the_sum_of_the_channels():
    red = np.full((4, 4, 3), (150, 100, 100), np.uint8)
    views = [make_view(red, "a", k, 0, only(hue=120.0)).astype(int) for k in range(30)]
    assert all(np.abs(view.sum(axis=2) - 350).max() <= 1 for view in views)
    strongest = [int(view[0, 0].argmax()) for view in views]
    assert set(strongest) == {0, 1, 2}, "up to 120 degrees either way, red can become green or blue"
    assert all(make_view(red, "a", k, 0, only(hue=20.0))[0, 0].argmax() == 0 for k in range(30))


def test_gamma_bends_the_tone_curve_between_fixed_ends():
    ramp = np.repeat(np.arange(256, dtype=np.uint8)[None, :, None], 256, axis=0).repeat(3, axis=2)
    for k in range(10):
        curve = make_view(ramp, "a", k, 0, only(gamma=0.5))[0, :, 0].astype(float)
        exponent = np.log(curve[128] / 255) / np.log(128 / 255)
        assert 1 / 1.52 < exponent < 1.52
        np.testing.assert_allclose(curve, 255 * (np.arange(256) / 255) ** exponent, atol=1.5)


def test_sharpness_steps_towards_the_blurred_picture_or_away_from_it_but_not_in_exact_views(
    make_lesion,
):
    image = make_lesion("mel", 3, height=224, width=224)

    def detail(view):
        return cv2.Laplacian(view, cv2.CV_64F).std()

    ratios = [detail(make_view(image, "a", k, 0, only(sharpness=1.0))) / detail(image) for k in range(30)]
    assert min(ratios) < 0.6
    assert max(ratios) > 1.4
    np.testing.assert_array_equal(make_view(image, "a", 0, 0, only(sharpness=1.0, exact=1.0)), image)


def test_cutout_covers_a_square_of_at_most_its_share_with_the_mean_colour(image):
    areas = []
    for k in range(40):
        view = make_view(image, "a", k, 0, only(cutout=0.5))
        changed = (view != image).any(axis=2)
        rows, columns = np.flatnonzero(changed.any(axis=1)), np.flatnonzero(changed.any(axis=0))
        if len(rows):
            assert max(np.ptp(rows), np.ptp(columns)) < 32
            colour = np.rint(image.mean(axis=(0, 1)))
            assert (view[changed] == colour).all()
        areas.append(changed.mean())
    assert 0.1 < max(areas) <= 0.25


def test_jpeg_leaves_the_marks_of_blocks_on_its_share_of_the_views(image):
    views = [make_view(image, "a", k, 0, only(jpeg=0.5)).astype(int) for k in range(60)]
    errors = np.array([np.abs(view - image).mean() for view in views])
    assert 15 < (errors > 0).sum() < 45
    assert errors.max() < 12, "saved, not destroyed"
    # Colours keep their places: a mix-up of red and blue would show in the means.
    saved = views[int(errors.argmax())]
    np.testing.assert_allclose(saved.mean(axis=(0, 1)), image.mean(axis=(0, 1)), atol=2)


def test_a_jpeg_of_lower_quality_is_farther_from_the_picture_and_keeps_red_better_than_blue():
    rough = np.random.default_rng(0).integers(90, 160, (64, 64), np.uint8)

    def lost(channel, quality):
        picture = np.full((64, 64, 3), 125, np.uint8)
        picture[..., channel] = rough
        return np.abs(saved_as_jpeg(picture, quality)[..., channel].astype(int) - rough).mean()

    assert lost(1, 95) < lost(1, 50) < lost(1, 10)
    assert lost(0, 50) < lost(2, 50)  # red is .30 of the brightness, blue .11
