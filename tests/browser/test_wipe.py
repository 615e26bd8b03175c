"""The slider between two pictures of a lesion uncovers one or the other."""

import io

import cv2
import numpy as np
import pytest
from playwright.sync_api import expect

from .clinic import look_at, picture_file, press, save


@pytest.fixture
def server(unguarded):
    return unguarded


def test_the_edge_lies_where_the_slider_is(page):
    look_at(page, picture_file("vasc", 1))
    save(page, "P-1")
    press(page, "Follow-up picture")
    page.set_input_files("#choose", [picture_file("nv", 2)])
    expect(page.locator(".kind-name")).to_have_text("Melanocytic naevus")
    save(page, case=1)
    press(page, "Compare first and last")
    slider = page.get_by_label("move the edge")
    first, second = seen(page, slider, "100"), seen(page, slider, "0")
    third = first.shape[1] // 3
    assert difference(first, second, slice(None)) > 5
    between = seen(page, slider, "50")
    assert difference(between, first, slice(0, third)) < 1
    assert difference(between, second, slice(2 * third, None)) < 1

    wipe = page.locator(".wipe")
    wipe.hover()
    page.mouse.down()
    box = wipe.bounding_box()
    page.mouse.move(box["x"] + box["width"] * 0.8, box["y"] + box["height"] / 2, steps=3)
    page.mouse.up()
    expect(slider).to_have_value("80")
    slider.focus()
    page.keyboard.press("Home")
    page.keyboard.press("ArrowRight")
    expect(slider).to_have_value("1")


def seen(page, slider, value):
    slider.fill(value)
    page.wait_for_function("[...document.querySelectorAll('.wipe img')].every((image) => image.complete)")
    data = np.frombuffer(io.BytesIO(page.locator(".wipe").screenshot()).read(), np.uint8)
    return cv2.imdecode(data, cv2.IMREAD_COLOR).astype(int)


def difference(one, other, columns):
    """Mean difference of pixels, without the rounded corners and the edge's own line at either side."""
    return np.abs(one - other)[20:-20, columns][:, 5:-5].mean()
