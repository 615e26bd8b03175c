"""Work that was not saved is there after the page was loaded again: pictures, answers, alarms, words."""

import pytest
from playwright.sync_api import expect

from .clinic import look_at, look_at_all, picture_file, press
from .made_up import bring, visit


@pytest.fixture
def server(unguarded):
    return unguarded


def written(page):
    """Wait until what is being kept is kept."""
    page.wait_for_function(
        """() => new Promise((done) => {
            indexedDB.open("dermdistill-unsaved").onsuccess = ({ target }) => {
                const count = target.result.transaction("answers").objectStore("answers").count();
                count.onsuccess = () => { target.result.close(); done(count.result); };
            };
        })"""
    )


def test_pictures_that_were_not_saved_are_offered_back_with_their_answers(page):
    look_at_all(page, picture_file("nv", 1, "first.png"), picture_file("akiec", 1, "second.png"))
    rows = page.locator("#many tbody tr").all_inner_texts()
    written(page)
    page.wait_for_timeout(500)
    page.reload()
    offer = page.locator("#unsaved")
    expect(offer).to_contain_text("2 pictures that were not saved")
    expect(offer).to_contain_text("for a day")
    press(page, "Bring back")
    expect(page.locator("#many")).not_to_contain_text("Waiting")
    assert page.locator("#many tbody tr").all_inner_texts() == rows
    page.goto("/")
    page.reload()
    press(page, "Discard")
    expect(offer).to_have_count(0)
    page.reload()
    expect(page.locator("#engine")).not_to_be_empty()
    expect(offer).to_have_count(0)


def test_what_was_typed_is_back_for_the_same_picture_and_no_other(page):
    look_at(page, picture_file("nv", 1))
    press(page, "Save to a case")
    page.fill("#patient", "P-31")
    page.fill("#notes", "Itches.")
    written(page)
    page.reload()
    press(page, "Bring back")
    press(page, "Save to a case")
    expect(page.locator("#patient")).to_have_value("P-31")
    expect(page.locator("#notes")).to_have_value("Itches.")
    expect(page.get_by_role("dialog")).to_contain_text("What you had typed is back.")
    look_at(page, picture_file("nv", 2))
    press(page, "Save to a case")
    expect(page.locator("#patient")).to_have_value("")
    press(page, "Cancel")


def test_what_is_saved_is_not_offered_again(page):
    look_at(page, picture_file("nv", 1))
    press(page, "Save to a case")
    press(page, "Save")
    expect(page.locator("#status")).to_have_text("Saved.")
    page.wait_for_timeout(500)
    page.goto("/")
    page.reload()
    expect(page.locator("#engine")).not_to_be_empty()
    expect(page.locator("#unsaved")).to_have_count(0)


@pytest.mark.parametrize("times", [1, 5])
def test_escape_never_discards_what_was_typed(page, times):
    bring(page, visit("nv", 0.001))
    press(page, "Edit")
    page.fill("#notes", "Another")
    for _ in range(times):
        page.keyboard.press("Escape")
    expect(page.get_by_role("alert").last).to_contain_text("press Cancel to discard it")
    expect(page.locator("#notes")).to_have_value("Another")
    page.reload()
    press(page, "Edit")
    expect(page.locator("#notes")).to_have_value("Another")
    press(page, "Save")
    expect(page.locator(".case-about .notes")).to_have_text("Another")


def test_saving_one_of_several_goes_on_with_the_others(page):
    look_at_all(page, picture_file("nv", 1, "first.png"), picture_file("akiec", 1, "second.png"))
    page.locator(".row-open").first.click()
    expect(page.locator("#place")).to_have_text("1 of 2")
    press(page, "Save to a case")
    press(page, "Save")
    expect(page.locator("#status")).to_have_text("Saved.")
    expect(page.locator("#save")).to_be_disabled()
    press(page, "Next")
    expect(page.locator("#place")).to_have_text("2 of 2")
    page.get_by_role("link", name="All pictures").click()
    expect(page.locator("#many tbody tr").first).to_contain_text("Saved")
    press(page, "Save all")
    expect(page.get_by_role("dialog")).to_contain_text("not saved yet: 1")
