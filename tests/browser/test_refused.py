"""The shipped gate before a picture that shows no lesion."""

import cv2
import numpy as np
from playwright.sync_api import expect

from .clinic import look_at


def test_what_is_no_lesion_is_said_to_be_none_and_numbers_are_only_for_who_asks(page):
    noise = np.random.default_rng(0).integers(0, 256, (300, 400, 3), np.uint8)
    data = cv2.imencode(".png", noise)[1].tobytes()
    look_at(page, {"name": "noise.png", "mimeType": "image/png", "buffer": data})
    expect(page.locator("#verdict")).to_have_text("This does not look like a skin lesion")
    expect(page.locator("#next li").first).to_contain_text("close-up")
    expect(page.locator(".bars")).to_be_hidden()
    page.get_by_text("Show the numbers anyway").click()
    expect(page.locator(".bars li")).to_have_count(7)
