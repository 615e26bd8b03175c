"""The student inside the browser: loaded, proven, isolated; and what happens where it cannot be."""

import re

import cv2
import numpy as np
import pytest
from playwright.sync_api import expect

from synthetic import lesion_image

from .engine import ENGINE, ask_engine, complaints, prepare
from .server import serving


@pytest.fixture(scope="module")
def picture():
    rgb = lesion_image("mel", 3, height=300, width=400)
    return cv2.imencode(".png", cv2.cvtColor(rgb, cv2.COLOR_RGB2BGR))[1].tobytes()


def test_a_chosen_picture_is_answered_on_the_device_and_never_sent(page, picture):
    sent = []
    page.on("request", lambda request: sent.append(request.method))
    page.goto("/")
    assert prepare(page)["engine"] == "device"
    page.set_input_files("#choose", {"name": "mole.png", "mimeType": "image/png", "buffer": picture})
    expect(page.locator(".answer")).to_be_visible()
    expect(page.locator(".bars li")).to_have_count(7)
    assert set(sent) == {"GET"}


def test_the_page_is_isolated_so_that_the_student_works_on_all_cores(page):
    page.goto("/")
    state = prepare(page)
    assert page.evaluate("crossOriginIsolated")
    assert state["threads"] == min(4, page.evaluate("navigator.hardwareConcurrency"))


def test_an_answer_given_up_while_it_waits_leaves_the_others_alone(page):
    page.goto("/")
    code = f"""async () => {{ {ENGINE}
        const drawn = () => {{
            const canvas = new OffscreenCanvas(300, 200);
            canvas.getContext("2d").fillRect(0, 0, 100, 100);
            return createImageBitmap(canvas);
        }};
        const stop = new AbortController();
        const first = engine.answer(await drawn());
        const second = engine.answer(await drawn(), stop.signal).catch(String);
        stop.abort("not wanted");
        const third = engine.answer(await drawn());
        return [(await first).engine, await second, (await third).engine]; }}"""
    assert page.evaluate(code) == ["device", "not wanted", "device"]


def test_a_damaged_bundle_is_refused_and_the_server_answers(context, picture):
    page = context.new_page()

    def damage(route):
        response = route.fetch()
        body = bytearray(response.body())
        body[len(body) // 2] ^= 1
        route.fulfill(response=response, body=bytes(body))

    page.route("**/model.tflite", damage)
    page.goto("/")
    state = prepare(page)
    assert state["engine"] == "server"
    assert state["reason"] == "Error: model.tflite is damaged: its checksum is wrong."
    assert ask_engine(page, picture)["engine"] == "server"


def test_a_student_that_fails_its_self_test_is_refused(context):
    page = context.new_page()

    def expect_other_logits(route):
        response = route.fetch()
        spec = response.json()
        spec["self_test"]["expected_logits"][0] += 5
        route.fulfill(response=response, json=spec)

    page.route("**/bundle.json", expect_other_logits)
    page.goto("/")
    state = prepare(page)
    assert state["engine"] == "server"
    assert "fails its self-test" in state["reason"]


@pytest.mark.parametrize("pattern", ["**/*.wasm", "**/worker.js*"])
def test_where_webassembly_or_the_worker_is_blocked_the_server_answers_and_says_so(context, picture, pattern):
    page = context.new_page()
    page.route(pattern, lambda route: route.abort())
    page.goto("/")
    assert prepare(page)["engine"] == "server"
    assert ask_engine(page, picture)["engine"] == "server"


def test_a_browser_without_webassembly_uses_the_server(page, picture):
    page.add_init_script("delete globalThis.WebAssembly")
    page.goto("/")
    assert prepare(page) == {"engine": "server", "reason": "This browser has no WebAssembly."}
    assert ask_engine(page, picture)["engine"] == "server"


def test_a_worker_that_breaks_is_replaced_and_its_picture_answered_by_the_server(page, picture):
    page.goto("/")
    prepare(page)
    worker = next(worker for worker in page.workers if worker.url.endswith("/assets/worker.js"))
    worker.evaluate("() => { OffscreenCanvas.prototype.getContext = () => { throw new Error('broken'); }; }")
    assert [ask_engine(page, picture)["engine"] for _ in range(2)] == ["server", "device"]


def test_what_only_the_server_can_decode_is_answered_by_it(page):
    page.goto("/")
    tiff = cv2.imencode(".tiff", np.full((300, 300, 3), 150, np.uint8))[1].tobytes()
    assert ask_engine(page, tiff, "image/tiff")["engine"] == "server"


def in_words(page, picture):
    """Choose that picture, and return what the page says of the answer."""
    page.set_input_files("#choose", {"name": "mole.png", "mimeType": "image/png", "buffer": picture})
    expect(page.locator("#answered-by")).to_be_visible(timeout=30_000)
    return page.inner_text("#answered-by")


def test_a_person_reads_which_half_has_answered(page, context, picture):
    page.goto("/")
    assert "on this device" in in_words(page, picture)
    assert "was not sent anywhere" in in_words(page, picture)
    other = context.new_page()
    other.add_init_script("delete globalThis.WebAssembly")
    other.goto("/")
    assert "by the server" in in_words(other, picture)
    assert "device" not in in_words(other, picture)


def test_a_server_that_asks_for_a_key_is_explained_in_plain_words(browser, picture, tmp_path):
    keys = tmp_path / "keys"
    keys.write_text("k" * 32 + "\n", "utf-8")
    with serving("--api-key-file", str(keys)) as locked, browser.new_context(locale="en-US") as context:
        page = context.new_page()
        page.add_init_script("delete globalThis.WebAssembly")
        page.goto(locked.address)
        page.set_input_files("#choose", {"name": "mole.png", "mimeType": "image/png", "buffer": picture})
        problem = page.locator("#problem")
        expect(problem).to_contain_text("This server asks for a key")
        expect(problem).to_contain_text("use a browser with WebAssembly")
        assert not re.search("Authorization|Bearer|API", problem.inner_text())
        page.select_option("#language", "es")
        expect(problem).to_contain_text("Este servidor pide una clave")
        # Who has WebAssembly needs no key; what they cannot read is said of the picture, not of the key.
        page = context.new_page()
        page.goto(locked.address)
        page.select_option("#language", "en")
        assert "on this device" in in_words(page, picture)
        page.goto(locked.address)
        page.set_input_files("#choose", {"name": "a.txt", "mimeType": "text/plain", "buffer": b"none"})
        expect(page.locator("#problem")).to_contain_text("cannot be read")


def test_what_nobody_can_decode_is_one_sentence(context):
    page = context.new_page()
    heard = complaints(page)
    page.goto("/")
    page.set_input_files("#choose", {"name": "a.txt", "mimeType": "text/plain", "buffer": b"not a picture"})
    expect(page.locator("#problem")).to_have_text(
        "This picture cannot be read; give a JPEG, PNG or WebP file."
    )
    # The browser itself writes the server's 415 into the console, and nothing else is there.
    assert len(heard) == 1
    assert "415" in heard[0]
