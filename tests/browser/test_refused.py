"""The shipped gate before a picture that shows no lesion."""

from playwright.sync_api import expect

from .clinic import look_at, picture_file


def test_what_is_no_lesion_is_said_to_be_none_and_numbers_are_only_for_who_asks(page):
    look_at(page, picture_file("nv", 1))
    expect(page.locator("#verdict")).to_have_text("This does not look like a skin lesion")
    expect(page.locator("#next li").first).to_contain_text("close-up")
    expect(page.locator(".bars")).to_be_hidden()
    page.get_by_text("Show the numbers anyway").click()
    expect(page.locator(".bars li")).to_have_count(7)
