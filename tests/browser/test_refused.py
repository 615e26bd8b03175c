"""The shipped detector before a picture that shows no lesion."""

import cv2
import numpy as np
from playwright.sync_api import expect

from .clinic import look_at


def test_what_is_no_lesion_cannot_be_judged_and_gets_no_advice_about_lesions(page):
    noise = np.random.default_rng(0).integers(0, 256, (300, 400, 3), np.uint8)
    data = cv2.imencode(".png", noise)[1].tobytes()
    look_at(page, {"name": "noise.png", "mimeType": "image/png", "buffer": data})
    level = page.locator(".answer .band").get_attribute("data-level")
    if level == "cannot_judge":
        expect(page.locator("#next li").first).to_contain_text("close-up")
        for part in (".kinds", ".answer .bars", "canvas.heat"):
            expect(page.locator(part)).to_have_count(0)
    else:  # an alarm stands, and says that the picture may show no skin
        expect(page.locator(".answer .band")).to_contain_text("unless the picture shows no skin")
    expect(page.locator("#next")).not_to_contain_text("three months")
