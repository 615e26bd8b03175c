"""The student inside the browser: loaded, proven, isolated; and what happens where it cannot be."""

import base64
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


def refusal(page, picture, kind="image/png"):
    """The code with which the engine gives no answer."""
    code = (
        f"async ([text, type]) => {{ {ENGINE}"
        "const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));"
        "return engine.answer(new Blob([bytes], { type })).then(() => 'answered', ({ code }) => code); }"
    )
    return page.evaluate(code, [base64.b64encode(picture).decode(), kind])


def test_a_chosen_picture_is_answered_on_the_device_and_never_sent(page, picture):
    sent = []
    page.on("request", lambda request: sent.append(request.method))
    page.goto("/")
    assert prepare(page)["engine"] == "device"
    page.set_input_files("#choose", {"name": "mole.png", "mimeType": "image/png", "buffer": picture})
    expect(page.locator(".answer")).to_be_visible()
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


def test_a_damaged_bundle_is_refused_and_nothing_is_sent(context, picture):
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
    assert refusal(page, picture) == "no_engine"


@pytest.mark.parametrize("field", ["diagnosis", "out_of_distribution_score"])
def test_a_student_whose_decision_or_score_is_another_is_refused(context, field):
    page = context.new_page()

    def expect_another(route):
        response = route.fetch()
        spec = response.json()
        spec["self_test_answer"][field] = "df" if field == "diagnosis" else 9.0
        route.fulfill(response=response, json=spec)

    page.route("**/bundle.json", expect_another)
    page.goto("/")
    state = prepare(page)
    assert state["engine"] == "server"
    assert "decision, probabilities or score" in state["reason"]


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
def test_where_webassembly_or_the_worker_is_blocked_nothing_is_sent_unasked(context, picture, pattern):
    page = context.new_page()
    page.route(pattern, lambda route: route.abort())
    page.goto("/")
    assert prepare(page)["engine"] == "server"
    assert refusal(page, picture) == "no_engine"


def test_a_browser_without_webassembly_sends_nothing_unasked(page, picture):
    page.add_init_script("delete globalThis.WebAssembly")
    page.goto("/")
    assert prepare(page) == {"engine": "server", "reason": "This browser has no WebAssembly."}
    assert refusal(page, picture) == "no_engine"


def test_a_worker_that_breaks_is_replaced(page, picture):
    page.goto("/")
    prepare(page)
    worker = next(worker for worker in page.workers if worker.url.endswith("/assets/worker.js"))
    worker.evaluate("() => { OffscreenCanvas.prototype.getContext = () => { throw new Error('broken'); }; }")
    assert refusal(page, picture) == "failed"
    assert ask_engine(page, picture)["engine"] == "device"


def test_what_only_the_server_can_decode_is_sent_only_by_the_button_that_says_so(page):
    posted = []
    page.on("request", lambda request: posted.append(request.url) if request.method == "POST" else None)
    page.goto("/")
    tiff = cv2.imencode(".tiff", np.full((300, 300, 3), 150, np.uint8))[1].tobytes()
    assert refusal(page, tiff, "image/tiff") == "unreadable"
    page.set_input_files("#choose", {"name": "a.tiff", "mimeType": "image/tiff", "buffer": tiff})
    expect(page.locator("#problem")).to_contain_text("cannot be read")
    expect(page.locator(".consent")).to_contain_text("would be sent there")
    assert posted == []
    page.get_by_role("button", name="Send this picture to the server").click()
    expect(page.locator("#answered-by")).to_be_attached()
    assert [url.rpartition("/")[2] for url in posted] == ["predict"]


def in_words(page, picture):
    """Choose that picture, and return what the page says of the answer."""
    page.set_input_files("#choose", {"name": "mole.png", "mimeType": "image/png", "buffer": picture})
    answered = page.locator("#answered-by")
    expect(answered.or_(page.locator("#send"))).to_be_attached(timeout=30_000)
    if page.locator("#send").count():
        page.locator("#send").click()
    expect(answered).to_be_attached(timeout=30_000)
    return answered.text_content()


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
        page.locator("#send").click()
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
    assert heard == []
    page.locator("#send").click()
    expect(page.locator("#send")).to_have_count(0)
    expect(page.locator("#problem")).to_contain_text("cannot be read")
    # The browser itself writes the server's 415 into the console, and nothing else is there.
    assert len(heard) == 1
    assert "415" in heard[0]
