"""Large text, small screens, own colours, a mouse, words from right to left: whatever people need."""

import re

import pytest
from playwright.sync_api import expect

from .clinic import look_at, picture_file, press
from .made_up import bring, visit

LANGUAGES = ("en", "es", "fr", "pt", "de", "ar", "hi", "sw")
PHONE = {"width": 360, "height": 740}
MARCH, MAY = "2026-03-01T10:00:00.000Z", "2026-05-01T10:00:00.000Z"
# Of what a person can point at; a file input and a box lie in a label, which is the target.
TARGETS = (
    "main button, main summary, main select, main input[type=range], main label:has(input), nav a,"
    " .top select, a.back"
)


def first(page):
    page.goto("/")


def about(page):
    page.goto("/#about")


def settings(page):
    page.goto("/#settings")
    expect(page.locator(".option")).to_have_count(3)


def alarm(page):
    bring(page, visit("mel", 0.9))
    page.evaluate("for (const fold of document.querySelectorAll('details')) fold.open = true")


def comparison(page):
    bring(page, visit("nv", 0.01, date=MARCH), visit("mel", 0.9, date=MAY))
    page.goto("/#compare/P-1")
    expect(page.locator(".changes")).to_be_visible()


VIEWS = (first, about, settings, alarm, comparison)


@pytest.fixture
def phone(browser, server):
    with browser.new_context(base_url=server.address, viewport=PHONE) as context:
        yield context.new_page()


def speak(page, language):
    page.select_option("#language", language)
    expect(page.locator("html")).to_have_attribute("lang", language)
    page.evaluate("for (const fold of document.querySelectorAll('details')) fold.open = true")


def widths(page):
    return page.evaluate(
        "[document.documentElement.scrollWidth, ...[...document.querySelectorAll('body *')].filter((it) =>"
        " it.checkVisibility() && !it.closest('.frame, .wipe, svg, .spoken, .strip, .skip')"
        " && (it.getBoundingClientRect().right > 361 || it.getBoundingClientRect().left < -1))"
        ".map((it) => it.outerHTML.slice(0, 200))]"
    )


@pytest.mark.parametrize("view", VIEWS, ids=lambda view: view.__name__)
def test_text_twice_as_large_fits_a_phone_in_every_language(phone, view):
    view(phone)
    for language in LANGUAGES:
        speak(phone, language)
        for size in ("100%", "150%", "200%"):
            phone.evaluate("(size) => void (document.documentElement.style.fontSize = size)", size)
            assert widths(phone) == [360], (language, size)


@pytest.mark.parametrize("view", VIEWS, ids=lambda view: view.__name__)
def test_every_target_is_large_enough_for_a_finger(phone, view):
    view(phone)
    small = phone.evaluate(
        "(targets) => [...document.querySelectorAll(targets)].filter((it) => it.checkVisibility())"
        ".map((it) => [it.outerHTML.slice(0, 120), it.getBoundingClientRect()])"
        ".filter(([, { width, height }]) => width < 43.9 || height < 43.9)",
        TARGETS,
    )
    assert small == []


def test_no_word_of_the_table_is_broken_in_any_language(phone):
    comparison(phone)
    for language in LANGUAGES:
        speak(phone, language)
        broken = phone.evaluate(
            """() => [...document.querySelectorAll(".changes th, .changes td")].flatMap((cell) => {
                const text = cell.firstChild;
                return [...text.data.matchAll(/[^\\s/]+/g)].filter(({ index, 0: word }) => {
                    const range = document.createRange();
                    range.setStart(text, index);
                    range.setEnd(text, index + word.length);
                    return new Set([...range.getClientRects()].map(({ top }) => Math.round(top))).size > 1;
                }).map(([word]) => word); })"""
        )
        assert broken == [], language


def test_the_page_is_mirrored_where_a_language_is_read_from_right_to_left(page):
    comparison(page)
    brand, menu = (page.locator(part).bounding_box()["x"] for part in (".brand", "#language"))
    assert brand < menu
    speak(page, "ar")
    expect(page.locator("html")).to_have_attribute("dir", "rtl")
    brand, menu = (page.locator(part).bounding_box()["x"] for part in (".brand", "#language"))
    assert brand > menu
    earlier, later = (page.locator(f"#{part}").bounding_box()["x"] for part in ("first", "second"))
    assert earlier > later
    # The earlier picture lies on the right of the edge, which follows the mouse.
    page.locator(".wipe").scroll_into_view_if_needed()
    box = page.locator(".wipe").bounding_box()
    page.mouse.move(box["x"] + 0.5 * box["width"], box["y"] + 100)
    page.mouse.down()
    page.mouse.move(box["x"] + 0.3 * box["width"], box["y"] + 100, steps=3)
    page.mouse.up()
    expect(page.locator("#wipe")).to_have_value("70")
    edge = page.locator(".wipe .edge").bounding_box()
    assert edge["x"] + edge["width"] / 2 - box["x"] == pytest.approx(0.3 * box["width"], abs=3)
    clip = page.locator(".wipe .above").evaluate("(it) => getComputedStyle(it).clipPath")
    assert re.search(r"inset\(0(px)? 0(px)? 0(px)? calc\(30%\)|inset\(0(px)? 0(px)? 0(px)? 30%", clip), clip
    page.goto("/#case/P-1")
    share = 0.9
    track, fill = (page.locator(f".malignant .{part}").first.bounding_box() for part in ("track", "fill"))
    assert fill["x"] + fill["width"] == pytest.approx(track["x"] + track["width"], abs=1)
    assert fill["width"] == pytest.approx(share * track["width"], abs=2)


def test_the_browsers_language_is_found_whatever_its_region(browser, server):
    for locale, language in (("pt-BR", "pt"), ("ar-MA", "ar"), ("fr-CA", "fr"), ("nl-NL", "en")):
        with browser.new_context(base_url=server.address, locale=locale) as context:
            page = context.new_page()
            page.goto("/")
            expect(page.locator("html")).to_have_attribute("lang", language)
            expect(page.locator("#language")).to_have_value(language)
            expect(page.locator("#translation")).to_be_visible(visible=language != "en")


def test_a_mouse_leaves_no_ring_and_a_keyboard_has_one(page):
    look_at(page, picture_file("nv", 1))
    ring = "getComputedStyle(document.activeElement).outlineStyle"
    assert page.evaluate(ring) == "none"
    press(page, "Enlarge")
    assert page.evaluate(ring) == "none"
    page.locator(".answer .frame").click()
    assert page.evaluate(ring) == "none"
    press(page, "Save to a case")
    press(page, "Cancel")
    assert page.evaluate(ring) == "none"
    page.keyboard.press("Shift+Tab")
    assert page.evaluate(ring) == "solid"
    assert float(page.evaluate("parseFloat(getComputedStyle(document.activeElement).outlineWidth)")) >= 3


def test_pictures_are_enlarged_together_and_the_edge_stays(page):
    comparison(page)
    scale = "(it) => new DOMMatrix(getComputedStyle(it).transform).a"
    press(page, "Enlarge")
    layers = page.locator(".sides .layers, .wipe .layers")
    expect(layers).to_have_count(4)
    assert [one.evaluate(scale) for one in layers.all()] == [pytest.approx(1.5)] * 4
    page.locator(".sides .frame").nth(1).focus()
    page.keyboard.press("ArrowRight")
    moved = [one.evaluate("(it) => it.style.transform") for one in layers.all()]
    assert len(set(moved)) == 1
    edge = page.locator(".wipe .edge").bounding_box()
    box = page.locator(".wipe").bounding_box()
    assert edge["x"] + edge["width"] / 2 - box["x"] == pytest.approx(0.5 * box["width"], abs=2)


def test_own_colours_keep_the_alarm_the_bars_and_the_edge(page):
    comparison(page)
    page.emulate_media(forced_colors="active")
    ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
    for part in (".comparison > .band", ".level-mark[data-level=see_doctor]", ".wipe .edge"):
        assert page.locator(part).first.evaluate("(it) => getComputedStyle(it).backgroundColor") != ground, (
            part
        )
    page.goto("/#settings")
    chosen = page.locator(".option:has(:checked)").evaluate("(it) => getComputedStyle(it).borderTopColor")
    other = page.locator(".option:not(:has(:checked))").first
    assert chosen != other.evaluate("(it) => getComputedStyle(it).borderTopColor")


@pytest.mark.parametrize("height", [600, 720, 800, 1000])
def test_on_a_wide_screen_the_picture_stays_and_hides_nothing_that_can_be_done(browser, server, height):
    with browser.new_context(base_url=server.address, viewport={"width": 1280, "height": height}) as context:
        page = context.new_page()
        bring(page, visit("mel", 0.9))
        page.evaluate("for (const fold of document.querySelectorAll('details')) fold.open = true")
        page.locator(".answer .bars").scroll_into_view_if_needed()
        if height >= 720:
            expect(page.locator(".answer .frame")).to_be_in_viewport(ratio=1)
        press(page, "Delete this picture")
        expect(page.get_by_role("dialog")).to_be_visible()
