"""A slow connection: words at once, nothing that jumps, megabytes, and choices when it takes long."""

import json
import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from .clinic import picture_file
from .engine import complaints, prepare

WORDS = Path(__file__).parents[2] / "client/src/words"
# As Chromium's developer tools call it: bytes a second, and milliseconds of delay.
SLOW_3G = {"offline": False, "latency": 2000, "downloadThroughput": 50_000, "uploadThroughput": 50_000}
AS_IT_IS = {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1}
SHIFTS = """
window.shifted = 0;
new PerformanceObserver((list) => {
  for (const { value, hadRecentInput } of list.getEntries()) if (!hadRecentInput) window.shifted += value;
}).observe({ type: "layout-shift", buffered: true });
"""
MOST_SHIFT = 0.1  # what counts as good: https://web.dev/articles/cls


def words(code):
    return json.loads((WORDS / f"{code}.json").read_text("utf-8"))


def test_the_words_are_in_the_page_before_any_script(browser, server):
    with browser.new_context(base_url=server.address, java_script_enabled=False) as context:
        page = context.new_page()
        page.goto("/")
        expect(page.get_by_role("heading", level=1)).to_have_text(words("en")["intake.title"])
        expect(page.get_by_role("link", name="Cases")).to_be_visible()
        expect(page.locator(".notice")).to_have_text("Research use only. Not a medical device.")
        missing = [it for it in page.locator("[data-t]").all() if not it.text_content()]
        assert missing == []


PHONE, DESK = (360, 740), (1280, 800)


@pytest.mark.parametrize(
    ("locale", "size"),
    [(locale, size) for locale in ("en-US", "es-MX", "ar-EG") for size in (PHONE, DESK)],
    ids=str,
)
def test_nothing_jumps_while_the_page_comes_slowly(browser, server, size, locale):
    width, height = size
    viewport = {"width": width, "height": height}
    with browser.new_context(base_url=server.address, viewport=viewport, locale=locale) as context:
        page = context.new_page()
        page.add_init_script(SHIFTS)
        devtools = context.new_cdp_session(page)
        devtools.send("Network.enable")
        devtools.send("Network.emulateNetworkConditions", SLOW_3G)
        page.goto("/", timeout=120_000)
        title = words(locale[:2])["intake.title"]
        expect(page.locator("#question")).to_have_text(title, timeout=60_000)
        expect(page.locator("#model")).not_to_have_text(re.compile(r"^\s*$"), timeout=60_000)
        page.wait_for_timeout(5000)  # the network goes on coming, for two minutes more
        devtools.send("Network.emulateNetworkConditions", AS_IT_IS)
        expect(page.locator("#loading")).to_have_attribute("data-state", "ready", timeout=120_000)
        assert page.evaluate("shifted") < MOST_SHIFT


LOCALES = ("en-US", "es-MX", "fr-FR", "pt-BR", "de-DE", "ar-EG", "hi-IN", "sw-KE")


@pytest.mark.parametrize("locale", LOCALES)
def test_words_that_come_late_move_nothing_on_a_phone(browser, server, locale):
    viewport = {"width": PHONE[0], "height": PHONE[1]}
    options = {"viewport": viewport, "locale": locale, "service_workers": "block"}
    with browser.new_context(base_url=server.address, **options) as context:
        page = context.new_page()
        page.add_init_script(SHIFTS)
        waiting = []

        def hold(route):
            waiting.append(route)

        page.route("**/assets/main.js", hold)
        page.goto("/", wait_until="commit")
        title = words(locale[:2])["intake.title"]
        expect(page.locator("#question")).to_have_text(title)  # before any script of the page
        page.wait_for_timeout(500)  # it is drawn
        for route in waiting:
            route.continue_()
        expect(page.locator("#loading")).to_have_attribute("data-state", "ready", timeout=60_000)
        assert page.evaluate("shifted") < MOST_SHIFT / 5


def test_the_bytes_of_the_network_are_counted_up_to_all_of_them(page):
    page.add_init_script(
        "window.told = []; addEventListener('DOMContentLoaded', () => new MutationObserver(() =>"
        " told.push(document.querySelector('#loading p').textContent)).observe("
        "document.querySelector('#loading'), { childList: true, subtree: true, characterData: true }))"
    )
    page.goto("/")
    expect(page.locator("#loading p")).to_have_text("The network is loaded.", timeout=60_000)
    told = page.evaluate("told")
    found = [re.fullmatch(r"Loading the network: ([\d.]+) MB of ([\d.]+) MB", sentence) for sentence in told]
    counts = [(float(one[1]), float(one[2])) for one in found if one]
    done, totals = zip(*counts, strict=True)
    assert list(done) == sorted(done)
    assert len(set(totals)) == 1
    # On the wire: LiteRT packed, and the student.
    assert 4 < totals[0] < 8
    assert done[-1] == pytest.approx(totals[0], abs=0.11)


def test_who_waits_too_long_is_asked_and_nothing_is_sent_before_the_answer(browser, server):
    with browser.new_context(base_url=server.address) as context:
        page = context.new_page()
        heard = complaints(page)
        sent = []
        page.on("request", lambda request: sent.append(request.url) if request.method == "POST" else None)
        context.route("**/*.wasm", lambda route: None)  # never comes
        page.clock.install()
        page.goto("/")
        expect(page.locator("#loading p")).to_contain_text("Loading the network")
        page.set_input_files("#choose", [picture_file("nv", 1)])
        expect(page.locator(".waiting .loading")).to_be_visible()
        page.clock.run_for(21_000)
        asked = page.locator(".waiting .loading-choices")
        expect(asked).to_contain_text("Loading takes longer than usual")
        expect(asked.get_by_role("button", name="Load the page again")).to_be_visible()
        asked.get_by_role("button", name="Go on waiting").click()
        expect(asked).to_be_hidden()
        page.clock.run_for(21_000)
        asked.get_by_role("button", name="Ask the server instead").click()
        expect(page.locator("#problem")).to_contain_text("has not been loaded on this device yet")
        expect(page.locator(".consent")).to_contain_text("would be sent there")
        assert sent == []
        page.locator("#send").click()
        expect(page.locator(".answer .band")).to_be_visible(timeout=30_000)
        assert [address.endswith("/api/v1/predict") for address in sent] == [True]
        assert heard == []


COMPLETE = re.compile(r"([\d.]+) MB of \1 MB")


def hanging(context, pattern, script):
    """Put a script that never ends in the place of LiteRT's; return which were asked for."""
    asked = []

    def answer(route):
        asked.append(route.request.url.rpartition("/")[2])
        route.fulfill(body=script, content_type="text/javascript")

    context.route(pattern, answer)
    return asked


def test_where_the_threads_never_start_one_thread_answers(browser, server):
    with browser.new_context(base_url=server.address) as context:
        page = context.new_page()
        hanging(context, "**/litert_wasm_threaded_internal.js", "for (;;);")
        page.clock.install()
        page.goto("/")
        loading = page.locator("#loading > p")
        expect(loading).to_have_text(COMPLETE, timeout=60_000)
        page.clock.run_for(19_000)
        expect(loading).to_have_text(COMPLETE)
        page.clock.run_for(2_000)
        expect(loading).to_have_text("The network is loaded.", timeout=60_000)
        expect(page.locator(".loading-choices")).to_be_hidden()
        assert prepare(page)["threads"] == 1
        page.set_input_files("#choose", [picture_file("nv", 1)])
        expect(page.locator(".answer .band")).to_be_visible(timeout=30_000)


def test_where_one_thread_does_not_start_either_a_person_is_asked(browser, server):
    with browser.new_context(base_url=server.address) as context:
        page = context.new_page()
        never = "self.ModuleFactory = () => new Promise(() => undefined);"
        asked = hanging(context, "**/litert_wasm*.js", never)
        page.clock.install()
        page.goto("/")
        loading, choices = page.locator("#loading > p"), page.locator("#loading .loading-choices")
        expect(loading).to_have_text(COMPLETE, timeout=60_000)
        with page.expect_response("**/litert_wasm_internal.wasm", timeout=60_000):
            page.clock.run_for(21_000)
        expect(choices).to_be_hidden()
        expect(loading).to_have_text(COMPLETE, timeout=60_000)
        page.wait_for_timeout(1000)  # the last bytes are told
        page.clock.run_for(26_000)
        expect(choices).to_contain_text("Loading takes longer than usual")
        assert set(asked) == {"litert_wasm_threaded_internal.js", "litert_wasm_internal.js"}
