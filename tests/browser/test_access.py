"""For everybody: axe finds nothing in any view and theme, 360 pixels are enough, and so is a keyboard."""

from pathlib import Path

import pytest
from playwright.sync_api import expect

from .clinic import catch_file_choosers, look_at, look_at_all, picture_file, press, save
from .engine import complaints
from .made_up import bring, visit

AXE = Path(__file__).parents[2] / "client/node_modules/axe-core/axe.min.js"


def first_view(page):
    page.goto("/")
    expect(page.locator("#engine")).not_to_be_empty()


def one_answer(page):
    look_at(page, picture_file("akiec", 1, width=120, height=100))


def several_answers(page):
    look_at_all(page, picture_file("nv", 1), picture_file("vasc", 1))


def settings(page):
    page.goto("/#settings")
    expect(page.locator(".option")).to_have_count(3)
    page.get_by_role("radio").first.check()


def answer_with_its_details(page):
    look_at(page, picture_file("akiec", 1))
    page.locator(".answer .details summary").click()
    page.locator(".answer .checklist summary").click()


def unclear(page):
    bring(page, visit("bkl", 0.01, others=("mel",), probs={"nv": 0.6, "bkl": 0.39, "bcc": 0.01}))
    expect(page.locator(".band[data-level=unclear]").first).to_be_visible()


def cropping(page):
    look_at(page, picture_file("nv", 1))
    press(page, "Crop or turn")


def saving(page):
    look_at(page, picture_file("nv", 1))
    press(page, "Save to a case")


def case(page):
    look_at(page, picture_file("nv", 1))
    save(page, "P-017", "back.upper", "Since spring.")


def list_of_cases(page):
    case(page)
    page.get_by_role("link", name="Cases", exact=True).click()
    expect(page.locator("#case-list li")).to_have_count(1)


def comparison(page):
    case(page)
    look_at(page, picture_file("vasc", 1))
    save(page, case=1)
    press(page, "Compare first and last")
    expect(page.locator(".changes")).to_be_visible()


def alarm(page):
    bring(page, visit("nv", 0.5, others=("mel",)))
    expect(page.locator(".answer .band[data-level=see_doctor]")).to_be_visible()


def refused(page):
    bring(page, visit("nv", 0.001, refused=True))
    expect(page.locator(".answer .band[data-level=cannot_judge]")).to_be_visible()


def about(page):
    page.goto("/#about")
    expect(page.locator("#about-measured")).to_contain_text("melanomas")


def in_arabic(page):
    bring(page, visit("nv", 0.5, others=("mel",)))
    page.select_option("#language", "ar")
    expect(page.locator("html")).to_have_attribute("dir", "rtl")


def no_camera(page):
    page.goto("/#camera")
    expect(page.locator("#problem")).to_be_visible()


def deleting(page):
    bring(page, visit("mel", 0.9))
    page.goto("/#cases")
    press(page, "Delete everything")
    expect(page.get_by_role("dialog")).to_be_visible()


def in_spanish(page):
    bring(page, visit("nv", 0.5, others=("mel",)), visit("bkl", 0.1, date="2026-05-01T10:00:00.000Z"))
    page.select_option("#language", "es")
    expect(page.locator("#verdict")).to_contain_text("médico")


def comparison_of_models_in_spanish(page):
    bring(page, visit("nv", 0.5), visit("bkl", 0.1, date="2026-03-01T11:00:00.000Z", version="2.0.0"))
    press(page, "Compare first and last")
    page.select_option("#language", "es")
    expect(page.locator("#compare-models")).to_be_visible()


# Those of made-up answers need no network to run, so they are quick.
MADE_UP = [
    alarm,
    unclear,
    refused,
    settings,
    about,
    no_camera,
    deleting,
    in_arabic,
    in_spanish,
    comparison_of_models_in_spanish,
]
VIEWS = [
    first_view,
    one_answer,
    answer_with_its_details,
    several_answers,
    cropping,
    saving,
    case,
    list_of_cases,
    comparison,
]
# Theme, whether a person's own colours replace the page's, size of the text.
CONDITIONS = [
    ("light", "none", "100%"),
    ("dark", "none", "100%"),
    ("dark", "active", "100%"),
    ("light", "none", "200%"),
]
SIZES = {"phone": {"width": 360, "height": 740}, "desk": {"width": 1280, "height": 800}}


def check_access(page):
    """Let axe look at what the page shows, in all conditions; the page is then as it was."""
    page.evaluate(AXE.read_text("utf-8"))
    for theme, colours, text in CONDITIONS:
        page.emulate_media(color_scheme=theme, forced_colors=colours, reduced_motion="reduce")
        page.evaluate("(size) => void (document.documentElement.style.fontSize = size)", text)
        found = page.evaluate("axe.run()")
        assert [
            (entry["id"], [node["html"] for node in entry["nodes"]]) for entry in found["violations"]
        ] == [], (theme, colours, text)
        assert found["passes"]
    # As large as that, nothing lies beside the screen.
    wide, screen = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    assert wide <= screen
    page.evaluate("() => void (document.documentElement.style.fontSize = '')")


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("view", [*VIEWS, *MADE_UP], ids=lambda view: view.__name__)
def test_a_view_is_accessible_in_both_themes_and_fits_the_screen(browser, unguarded, view, size):
    with browser.new_context(base_url=unguarded.address, viewport=SIZES[size]) as context:
        page = context.new_page()
        heard = complaints(page)
        view(page)
        check_access(page)
        assert heard == []


def test_a_keyboard_is_enough_from_the_picture_to_the_saved_case(browser, unguarded):
    with browser.new_context(base_url=unguarded.address) as context:
        page = context.new_page()
        look_at(page, picture_file("nv", 1))
        tab_to(page, "Save to a case")
        page.keyboard.press("Enter")
        expect(page.locator("#patient")).to_be_focused()
        page.keyboard.type("P-9")
        while page.evaluate("document.activeElement.id") != "site":
            page.keyboard.press("Tab")
        page.keyboard.type("Chest")
        tab_to(page, "Save")
        page.keyboard.press("Enter")
        expect(page.locator(".case-about")).to_contain_text("P-9")
        expect(page.locator(".case-about")).to_contain_text("Chest")
        tab_to(page, "Delete this case")
        page.keyboard.press("Enter")
        expect(page.get_by_role("dialog")).to_be_visible()
        page.keyboard.press("Escape")
        expect(page.get_by_role("dialog")).to_have_count(0)
        assert focused(page) == "Delete this case"


def test_a_keyboard_is_enough_from_choosing_a_file_to_the_export(browser, unguarded):
    with browser.new_context(base_url=unguarded.address) as context:
        page = context.new_page()
        catch_file_choosers(page)
        for seed in (1, 2):
            choose_by_keyboard(page, picture_file("nv", seed))
            tab_to(page, "Crop or turn")
            page.keyboard.press("Enter")
            tab_to(page, "Lower right corner")
            page.keyboard.press("Shift+ArrowLeft")
            tab_to(page, "Answer this part")
            page.keyboard.press("Enter")
            expect(page.get_by_role("dialog")).to_have_count(0)
            expect(page.locator("#verdict")).to_be_focused()
            tab_to(page, "Save to a case")
            page.keyboard.press("Enter")
            expect(page.get_by_role("dialog")).to_be_visible()
            if seed == 2:  # into the case that there is
                for choice in ("#whose", "#case"):
                    page.locator(choice).focus()
                    page.keyboard.press("ArrowDown")
            tab_to(page, "Save")
            page.keyboard.press("Enter")
            expect(page.locator("#status")).to_have_text("Saved.")
        tab_to(page, "Compare first and last")
        page.keyboard.press("Enter")
        expect(page.locator(".changes")).to_be_visible()
        tab_to(page, "Cases")
        page.keyboard.press("Enter")
        tab_to(page, "Export everything")
        page.keyboard.press("Enter")
        tab_to(page, "Export")
        with page.expect_download():
            page.keyboard.press("Enter")


def test_a_keyboard_is_enough_for_an_example_the_checklist_the_heat_map_and_a_language(browser, unguarded):
    with browser.new_context(base_url=unguarded.address) as context:
        page = context.new_page()
        page.goto("/")
        tab_to(page, "Drawing: a mole")
        page.keyboard.press("Enter")
        expect(page.locator("#verdict")).to_be_focused(timeout=30_000)
        tab_to(page, "Hold to see the heat map")
        page.keyboard.down("Space")
        expect(page.locator("canvas.heat")).to_be_visible()
        page.keyboard.up("Space")
        expect(page.locator("canvas.heat")).to_be_hidden()
        tab_to(page, "Seven-point checklist")
        page.keyboard.press("Enter")
        tab_to(page, "Has changed in size (2 points)")
        page.keyboard.press("Space")
        expect(page.locator("#points")).to_have_text("2 points of 10")
        # What changes is spoken: the count, the state, the answer's own words.
        expect(page.locator("[role=status]").filter(has_text="2 points of 10")).to_have_count(1)
        expect(page.get_by_role("article")).to_have_accessible_name("Watch this spot for three months")
        page.locator("#language").focus()
        page.keyboard.type("Deu")
        expect(page.locator("html")).to_have_attribute("lang", "de")


def test_who_opens_a_picture_of_a_case_goes_on_at_its_answer(browser, unguarded):
    with browser.new_context(base_url=unguarded.address) as context:
        page = context.new_page()
        bring(page, visit("nv", 0.5), visit("bkl", 0.1, date="2026-05-01T10:00:00.000Z"))
        page.locator(".strip .card").first.press("Enter")
        expect(page.locator("#verdict")).to_be_focused()


def choose_by_keyboard(page, picture):
    page.goto("/")
    tab_to(page, "Choose pictures")
    with page.expect_file_chooser() as chooser:
        page.keyboard.press("Enter")
    chooser.value.set_files([picture])
    expect(page.locator("#verdict")).to_be_focused(timeout=30_000)


def tab_to(page, name):
    """Press Tab until that element has the focus, as a person would; in vain after 60 times."""
    for _ in range(60):
        page.keyboard.press("Tab")
        if focused(page) == name:
            return
    pytest.fail(f"{name} cannot be reached by the keyboard")


def focused(page):
    """What is read of the element with the focus: its text, its label, or that of the label around it."""
    return page.evaluate(
        "(({ textContent, ariaLabel, labels }) => textContent.trim() || ariaLabel"
        " || labels?.[0]?.textContent.trim())(document.activeElement)"
    )
