"""The first visit: examples that the page draws, what it is and is not, a checklist beside the score."""

import pytest
from playwright.sync_api import expect

from .clinic import look_at, picture_file
from .engine import prepare

# Answered by the shipped student with its own detector, as a person meets it.
LEVELS = {"mole": "no_sign", "melanoma": "see_doctor", "keratosis": "no_sign", "object": "cannot_judge"}


@pytest.mark.parametrize("example", LEVELS)
def test_an_example_shows_a_kind_of_answer_and_says_that_it_is_a_drawing(page, example):
    sent = []
    page.on("request", lambda request: sent.append(request.url) if request.method == "POST" else None)
    page.goto("/")
    assert prepare(page)["engine"] == "device"
    page.locator(f"[data-example={example}]").click()
    expect(page.locator(".answer .band")).to_have_attribute("data-level", LEVELS[example], timeout=30_000)
    expect(page.locator("#status")).to_contain_text("a drawing, not a photograph")
    assert sent == []


def test_about_says_how_often_it_is_wrong_what_it_cannot_know_and_what_its_words_mean(page):
    page.goto("/")
    page.get_by_role("link", name="About").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("About")
    expect(page.locator("#about-measured")).to_contain_text("of 100 melanomas that is wrong")
    expect(page.locator(".about")).to_contain_text("only fair skin")
    expect(page.locator(".about")).to_contain_text("not a medical device")
    terms = page.locator("#glossary dt")
    assert terms.count() == page.locator("#glossary dd").count() >= 10
    expect(page.locator(".about")).not_to_contain_text("no speaker has checked it")
    page.select_option("#language", "hi")
    expect(page.locator("html")).to_have_attribute("lang", "hi")
    expect(page.locator("#translation")).to_be_visible()


def test_the_checklist_counts_by_itself_and_changes_no_answer(browser, unguarded):
    with browser.new_context(base_url=unguarded.address) as context:
        page = context.new_page()
        look_at(page, picture_file("nv", 1))
        before = page.locator(".answer .band").inner_html(), page.locator(".kinds").inner_html()
        page.get_by_text("Seven-point checklist", exact=True).first.click()
        expect(page.locator("#points")).to_have_text("0 points of 10")
        expect(page.locator("#points-advice")).to_contain_text("rule nothing out")
        page.get_by_label("Irregular shape (2 points)").check()
        expect(page.locator("#points")).to_have_text("2 points of 10")
        page.get_by_label("Inflamed (1 point)").check()
        expect(page.locator("#points")).to_have_text("3 points of 10")
        expect(page.locator("#points-advice")).to_contain_text("show this spot to a doctor within two weeks")
        assert before == (page.locator(".answer .band").inner_html(), page.locator(".kinds").inner_html())
        # It stays with its picture while the page is open.
        page.goto("/#settings")
        page.go_back()
        expect(page.get_by_label("Inflamed (1 point)")).to_be_checked()
