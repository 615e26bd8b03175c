import numpy as np
import pytest

from dermdistill.data.views import ViewSettings, make_view

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
    ],
)
def test_each_setting_changes_the_picture_within_its_bound(image, name, value):
    views = [make_view(image, "a", k, 0, STILL.model_copy(update={name: value})) for k in range(20)]
    # A draw close to none may round to the same picture.
    assert sum(not np.array_equal(view, image) for view in views) >= 17
    if name == "brightness":
        assert max(np.abs(view.astype(int) - image).max() for view in views) <= round(0.2 * 255)
    if name == "saturation":  # grey stays grey
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
