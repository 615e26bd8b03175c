"""For everybody: axe finds nothing in any view and theme, 360 pixels are enough, and so is a keyboard."""

import pytest
from playwright.sync_api import expect

from dermdistill.web.assets import FOLDER

from .clinic import look_at, picture_file, press, save
from .engine import complaints

AXE = FOLDER.parent / "node_modules/axe-core/axe.min.js"


def first_view(page):
    page.goto("/")
    expect(page.locator("#engine")).not_to_be_empty()


def one_answer(page):
    look_at(page, picture_file("akiec", 1, width=120, height=100))


def several_answers(page):
    look_at(page, picture_file("nv", 1), picture_file("vasc", 1))
    expect(page.locator("#strip")).not_to_contain_text("Waiting")


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


VIEWS = [first_view, one_answer, several_answers, cropping, saving, case, list_of_cases, comparison]


@pytest.mark.parametrize("view", VIEWS, ids=lambda view: view.__name__)
def test_a_view_is_accessible_in_both_themes_and_fits_a_small_phone(browser, unguarded, view):
    with browser.new_context(base_url=unguarded.address, viewport={"width": 360, "height": 740}) as context:
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
            assert found["passes"]
        wide = page.evaluate("document.documentElement.scrollWidth")
        assert wide <= 360
        assert heard == []


def test_a_keyboard_is_enough_from_the_picture_to_the_saved_case(browser, unguarded):
    with browser.new_context(base_url=unguarded.address) as context:
        page = context.new_page()
        look_at(page, picture_file("nv", 1))
        tab_to(page, "Save to a case")
        page.keyboard.press("Enter")
        expect(page.locator("#patient")).to_be_focused()
        page.keyboard.type("P-9")
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


def tab_to(page, name):
    """Press Tab until that element has the focus, as a person would; in vain after 60 times."""
    for _ in range(60):
        page.keyboard.press("Tab")
        if focused(page) == name:
            return
    pytest.fail(f"{name} cannot be reached by the keyboard")


def focused(page):
    return page.evaluate("document.activeElement.textContent.trim()")
