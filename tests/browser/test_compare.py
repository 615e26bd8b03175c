"""Two pictures of a lesion compared: never in the wrong order, and not as one where two models answered."""

from playwright.sync_api import expect

from .clinic import press
from .made_up import bring, visit

MARCH, MAY = "2026-03-01T10:00:00.000Z", "2026-05-01T10:00:00.000Z"


def compare(page, *visits, patient="P-1"):
    bring(page, *visits, patient=patient)
    press(page, "Compare first and last")
    expect(page.locator(".changes")).to_be_visible()


def test_the_earlier_picture_is_on_the_left_whatever_is_chosen_and_however_they_were_kept(page):
    # As after the device's clock was set back: the later one was kept first.
    compare(page, visit("nv", 0.5, date=MAY), visit("bkl", 0.01, date=MARCH))
    words = page.locator("#compare-words")
    expect(words).to_contain_text("The later picture raises the alarm")
    change = page.locator(".changes tbody tr").first.locator(".change")
    expect(change).to_have_text("+49.0")
    page.select_option("#first", label="May 1, 2026")
    expect(words).to_contain_text("Both pictures raise the alarm")
    page.select_option("#second", label="Mar 1, 2026")
    expect(page.locator("#first option:checked")).to_have_text("Mar 1, 2026")
    expect(page.locator("#second option:checked")).to_have_text("May 1, 2026")
    expect(page.locator("#first")).to_be_focused()
    expect(words).to_contain_text("The later picture raises the alarm")


def test_a_fall_has_a_real_minus_and_takes_no_alarm_back(page):
    compare(page, visit("nv", 0.5, date=MARCH), visit("nv", 0.01, date=MAY))
    expect(page.locator(".changes tbody tr").first.locator(".change")).to_have_text("\N{MINUS SIGN}49.0")
    expect(page.locator("#compare-words")).to_contain_text("takes nothing back")
    expect(page.locator(".comparison > .band")).to_have_attribute("data-level", "see_doctor")
    compare(page, visit("nv", 0.01, date=MARCH), visit("mel", 0.9, date=MAY, refused=True), patient="P-2")
    expect(page.locator(".comparison > .band")).to_contain_text("Show this spot to a doctor within two weeks")


def test_answers_of_two_models_are_compared_with_a_warning(page):
    first = visit("nv", 0.01, date=MARCH)
    compare(page, first, visit("nv", 0.01, date=MAY, version="1.1.0"))
    expect(page.locator("#compare-models")).to_contain_text("student 1.0.0, then student 1.1.0")
    compare(page, first, visit("nv", 0.01, date=MAY), patient="P-2")
    expect(page.locator("#compare-models")).to_have_count(0)
