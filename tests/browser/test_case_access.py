"""Cases for everybody: axe finds nothing, fingers meet their targets, a keyboard or a voice is enough."""

import pytest
from playwright.sync_api import expect

from .clinic import look_at, look_at_all, picture_file, press
from .engine import complaints
from .made_up import bring, visit
from .test_access import AXE, SIZES, tab_to

MARCH, MAY = "2026-03-01T10:00:00.000Z", "2026-05-01T10:00:00.000Z"
# WCAG 2.5.5; a link within a sentence is exempt, and so is what a list beside it chooses, too (the body map).
TOO_SMALL = """() => [...document.querySelectorAll("a, button, input, select, textarea, summary")]
  .filter((it) => it.checkVisibility({ visibilityProperty: true }) && !it.closest("[inert]"))
  .map((it) => [it, (it.matches("label input") ? it.closest("label") : it).getBoundingClientRect()])
  .filter(([it, { width, height, right }]) => right > 0 && width > 0 && Math.min(width, height) < 43.5)
  .map(([it, { width, height }]) => `${it.outerHTML.slice(0, 80)}: ${width} x ${height}`)"""


def two_patients(page):
    bring(page, visit("nv", 0.5, date=MARCH), visit("bkl", 0.1, date=MAY))
    bring(page, visit("mel", 0.9), patient="Q-2")


def list_of_cases(page):
    two_patients(page)
    page.locator("#reminder").fill("2026-01-01", force=True)
    page.locator("#reminder").evaluate("(it) => it.removeAttribute('min')")
    press(page, "Set the reminder")
    expect(page.locator("#status")).to_contain_text("Reminder set")
    page.goto("/#cases")
    expect(page.locator("#due-list li")).to_have_count(1)


def patient(page):
    two_patients(page)
    page.goto("/#patient/label%3AP-1")
    expect(page.locator("#case-list li")).to_have_count(1)


def case(page):
    two_patients(page)
    page.goto("/#case/P-1")
    expect(page.locator(".strip .card")).to_have_count(2)


def follow_up(page):
    two_patients(page)
    press(page, "Follow-up picture")
    expect(page.locator("#meant")).to_contain_text("Q-2")


def exporting(page):
    two_patients(page)
    page.goto("/#cases")
    press(page, "Export everything")
    page.fill("#passphrase", "correct horse battery")
    expect(page.locator("#passphrase-again")).to_be_visible()


def exported(page):
    two_patients(page)
    page.goto("/#cases")
    press(page, "Export everything")
    with page.expect_download():
        page.get_by_role("dialog").get_by_role("button", name="Export", exact=True).click()
    expect(page.locator("#export-files")).to_contain_text("Saved to your downloads")


def saving(page):
    two_patients(page)
    look_at(page, picture_file("nv", 1))
    press(page, "Save to a case")
    page.select_option("#whose", index=1)
    expect(page.locator("#case")).to_be_visible()


def one_of_several(page):
    look_at_all(page, picture_file("nv", 1, "first.png"), picture_file("vasc", 1, "second.png"))
    page.locator(".row-open").first.click()
    expect(page.locator("#place")).to_have_text("1 of 2")


def saving_all(page):
    look_at_all(page, picture_file("nv", 1, "first.png"), picture_file("vasc", 1, "second.png"))
    press(page, "Save all")


def unsaved(page):
    look_at(page, picture_file("nv", 1))
    page.wait_for_timeout(500)
    page.goto("/")
    page.reload()
    expect(page.locator("#unsaved")).to_be_visible()


VIEWS = [
    list_of_cases,
    patient,
    case,
    follow_up,
    exporting,
    exported,
    saving,
    one_of_several,
    saving_all,
    unsaved,
]


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("view", VIEWS, ids=lambda view: view.__name__)
def test_a_view_of_cases_is_accessible_fits_the_screen_and_a_finger(browser, unguarded, view, size):
    with browser.new_context(base_url=unguarded.address, viewport=SIZES[size]) as context:
        page = context.new_page()
        heard = complaints(page)
        view(page)
        page.evaluate(AXE.read_text("utf-8"))
        for theme in ("light", "dark"):
            page.emulate_media(color_scheme=theme, reduced_motion="reduce")
            found = page.evaluate("axe.run()")
            assert [
                (entry["id"], [node["html"] for node in entry["nodes"]]) for entry in found["violations"]
            ] == [], theme
        assert page.evaluate("document.documentElement.scrollWidth") <= SIZES[size]["width"]
        assert page.evaluate(TOO_SMALL) == []
        assert heard == []


def test_a_keyboard_is_enough_to_find_a_case_set_a_reminder_and_encrypt_an_export(browser, unguarded):
    with browser.new_context(base_url=unguarded.address) as context:
        page = context.new_page()
        two_patients(page)
        page.goto("/#cases")
        tab_to(page, "Search by label, place, notes or kind")
        page.keyboard.type("Q-2")
        tab_to(page, "Q-2")
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", level=1)).to_have_text("Q-2")
        page.locator(".case-row").focus()
        page.keyboard.press("Enter")
        tab_to(page, "Set the reminder")
        page.keyboard.press("Enter")
        expect(page.locator("#status")).to_contain_text("Reminder set for")
        tab_to(page, "Cases")
        page.keyboard.press("Enter")
        tab_to(page, "Export everything")
        page.keyboard.press("Enter")
        page.keyboard.type("correct horse battery")
        tab_to(page, "The passphrase once more")
        page.keyboard.type("correct horse battery")
        tab_to(page, "Export")
        with page.expect_download() as download:
            page.keyboard.press("Enter")
        assert download.value.suggested_filename.endswith(".encrypted")
        expect(page.get_by_role("heading", name="The export is ready")).to_be_focused()


def test_a_screen_reader_is_told_whose_picture_it_is_what_is_due_and_what_was_done(page):
    """By roles, names and live regions, as a screen reader finds them."""
    two_patients(page)
    press(page, "Set the reminder")
    expect(page.get_by_role("status").first).to_contain_text("Reminder set for")
    expect(page.get_by_role("region", name="Reminder")).to_contain_text("Reminder:")
    press(page, "Follow-up picture")
    expect(page.locator("#intake")).to_contain_text("Follow-up picture for")
    page.goto("/#cases")
    page.get_by_label("Search by label, place, notes or kind").fill("Q-2")
    expect(page.get_by_role("status").filter(has_text="Found: 1 of 2 spots")).to_be_visible()
    page.get_by_label("Sort by").select_option(label="Reminder")
    expect(page.get_by_role("heading", name="Q-2", level=2)).to_be_visible()
    expect(page.get_by_role("list").get_by_role("link").filter(has_text="Show to a doctor")).to_be_visible()


@pytest.fixture
def server(unguarded):
    return unguarded
