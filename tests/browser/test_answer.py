"""What a person reads: the answer in words, several pictures, crop and turn, the other language."""

import base64
import io
import json
import re

import cv2
import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import expect

from dermdistill.bundle import default_bundle_path
from dermdistill.inference import load_bundle
from ham10000 import TABLE
from synthetic import lesion_image

from .clinic import bars, look_at, picture_file, press
from .engine import ask_engine
from .profiles import display_p3


@pytest.fixture
def server(unguarded):
    return unguarded


@pytest.fixture(scope="module")
def points():
    """By sensitivity, with the thresholds that keep it on new lesions: those a clinic relies on."""
    spec = json.loads((default_bundle_path() / "bundle.json").read_text("utf-8"))
    return {
        point["sensitivity"]: point["cautious"]
        for point in spec["operating_points"]
        if point["target"] == "malignant"
    }


def of_several_kinds():
    """A drawn lesion that the shipped student cannot tell for sure."""
    engine = load_bundle(default_bundle_path())
    for seed in range(1, 20):
        for code in TABLE.codes:
            picture = picture_file(code, seed)
            answer = engine.predict_one(picture["buffer"])
            if any(found.coverage == 0.9 and len(found.codes) > 1 for found in answer.conformal):
                return picture
    raise AssertionError("the student is sure of every drawn lesion")


def test_an_answer_says_all_of_it(page):
    picture = of_several_kinds()
    look_at(page, picture)
    given = ask_engine(page, picture["buffer"])
    expect(page.locator("#verdict")).to_be_focused()
    level = given["assessment"]["level"]
    expect(page.locator(".answer .band")).to_have_attribute("data-level", level)
    names = [TABLE[code].name for code in given["assessment"]["classes"]]
    expect(page.locator(".kind-name")).to_have_text(names)
    expect(page.locator("#kinds")).to_contain_text(given["plain"])
    assert bars(page) == [
        "< 0.1 %" if 0 < p < 0.001 else f"{100 * p:.1f} %"
        for p in sorted(given["probabilities"].values(), reverse=True)
    ]
    expect(page.locator(".answer .malignant-value")).to_have_text(
        f"{100 * given['malignant_probability']:.1f} %"
    )
    [at_90] = [entry["codes"] for entry in given["conformal"] if entry["coverage"] == 0.9]
    assert len(at_90) > 1
    expect(page.locator("#also")).to_contain_text("could")
    expect(page.locator("#stamp")).to_have_text("Decided at a sensitivity of 95 %.")
    expect(page.locator("#limits")).to_contain_text("only fair skin")
    expect(page.locator("#limits")).to_contain_text("dermatoscope")
    expect(page.locator(".answer .details")).not_to_have_attribute("open", "")
    expect(page.locator("#answered-by")).to_contain_text("Answered on this device by mobilenet_v2")
    expect(page.locator(".notice")).to_be_in_viewport()
    assert "diagnosis:" not in page.inner_text("body").lower()


def test_the_threshold_is_said_and_marked_on_the_bar(page, points):
    look_at(page, picture_file("akiec", 1))
    threshold = points[0.95]["threshold"]
    # As many digits as tell it apart from the answer's probability.
    written = "|".join(re.escape(f"{100 * threshold:.{digits}f}") for digits in (1, 2, 3))
    expect(page.locator(".answer .side")).to_contain_text(re.compile(rf"\b({written}) %"))
    track = page.locator(".malignant .track").bounding_box()
    mark = page.locator(".malignant .mark").bounding_box()
    share = (mark["x"] + mark["width"] / 2 - track["x"]) / track["width"]
    assert share == pytest.approx(threshold, abs=0.005)


def test_the_heat_map_is_hidden_until_its_button_is_held(page):
    picture = picture_file("mel", 1)
    look_at(page, picture)
    heat, hold = page.locator("canvas.heat"), page.get_by_role("button", name="Hold to see the heat map")
    expect(heat).to_be_hidden()
    hold.hover()
    page.mouse.down()
    expect(heat).to_be_visible()
    expect(hold).to_have_attribute("aria-pressed", "true")
    page.mouse.up()
    expect(heat).to_be_hidden()
    hold.focus()
    page.keyboard.down("Space")
    expect(heat).to_be_visible()
    page.keyboard.up("Space")
    expect(heat).to_be_hidden()
    # Coloured, hot and clear where the answer's map is.
    pixels = heat.evaluate("(it) => [...it.getContext('2d').getImageData(0, 0, it.width, it.height).data]")
    red, _, blue, alpha = np.array(pixels).reshape(224, 224, 4).transpose(2, 0, 1)
    assert (alpha > 200).any()
    assert (alpha < 60).any()
    hottest = np.unravel_index(alpha.argmax(), alpha.shape)
    assert red[hottest] > blue[hottest]
    given = np.array(ask_engine(page, picture["buffer"])["heat_map"])
    row, column = np.unravel_index(given.argmax(), given.shape)
    assert hottest[0] * given.shape[0] // 224 == row
    assert hottest[1] * given.shape[1] // 224 == column


def test_a_picture_is_enlarged_and_moved_by_buttons_keys_and_mouse(page):
    look_at(page, picture_file("nv", 1))
    layers, frame = page.locator(".answer .layers"), page.locator(".answer .frame")

    def scale():
        return layers.evaluate("(it) => new DOMMatrix(getComputedStyle(it).transform).a")

    press(page, "Enlarge")
    assert scale() == pytest.approx(1.5)
    frame.focus()
    page.keyboard.press("+")
    assert scale() == pytest.approx(2.25)
    before = layers.bounding_box()
    page.keyboard.press("ArrowRight")
    assert layers.bounding_box()["x"] < before["x"]
    frame.hover()
    page.mouse.down()
    x = layers.bounding_box()["x"]
    page.mouse.move(frame.bounding_box()["x"] + 300, frame.bounding_box()["y"] + 100, steps=4)
    page.mouse.up()
    assert layers.bounding_box()["x"] != x
    frame.focus()
    page.keyboard.press("0")
    assert scale() == 1


def test_a_bad_photograph_cannot_be_judged_and_says_what_to_do(page):
    look_at(page, picture_file("nv", 1, width=120, height=100))
    expect(page.locator(".answer .band")).to_have_attribute("data-level", "cannot_judge")
    expect(page.locator("#verdict")).to_have_text("Take another picture now: this one cannot be judged")
    expect(page.locator("#next li").first).to_contain_text("The picture is very small. Take it closer")
    expect(page.locator(".kinds")).to_have_count(0)
    expect(page.locator(".answer .bars")).to_have_count(0)


@pytest.mark.parametrize("way", ["paste", "drop"])
def test_a_picture_can_be_pasted_and_dropped(page, way):
    picture = picture_file("vasc", 2)
    page.goto("/")
    page.evaluate(
        """([text, way]) => {
            const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
            const data = new DataTransfer();
            data.items.add(new File([bytes], "given.png", { type: "image/png" }));
            const event = way === "paste"
                ? new ClipboardEvent("paste", { clipboardData: data, bubbles: true })
                : new DragEvent("drop", { dataTransfer: data, bubbles: true, cancelable: true });
            document.body.dispatchEvent(event);
        }""",
        [base64.b64encode(picture["buffer"]).decode(), way],
    )
    expect(page.locator("#kinds")).to_contain_text(ask_engine(page, picture["buffer"])["name"])


def test_cropping_and_turning_by_keyboard_changes_the_answered_picture(page):
    look_at(page, picture_file("akiec", 3))
    before = bars(page)
    press(page, "Crop or turn")
    press(page, "Turn right")
    page.get_by_role("button", name="Lower right corner").focus()
    page.keyboard.press("Shift+ArrowLeft")
    page.keyboard.press("Shift+ArrowUp")
    size = page.locator("dialog [aria-live]")
    # 400 x 300 turned is 300 x 400; a step with Shift is a tenth of the longer side.
    expect(size).to_have_text(re.compile("260 . 360 pixels"))
    press(page, "Answer this part")
    expect(page.locator("dialog")).to_have_count(0)
    page.wait_for_function(
        "() => { const shown = document.querySelector('.answer .photo');"
        " return shown?.naturalWidth === 260 && shown.naturalHeight === 360; }"
    )
    assert bars(page) != before


def test_cropping_by_pointer_and_before_the_answer(page):
    page.goto("/")
    page.get_by_label("Let me crop and turn each picture first").check()
    page.set_input_files("#choose", [picture_file("akiec", 3)])
    corner = page.get_by_role("button", name="Upper left corner").bounding_box()
    area = page.locator(".crop").bounding_box()
    x, y = corner["x"] + 10, corner["y"] + 10
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + area["width"] / 2, y + area["height"] / 2, steps=5)
    page.mouse.up()
    size = page.locator("dialog [aria-live]").inner_text()
    width, height = map(int, re.findall(r"\d+", size))
    assert width == pytest.approx(200, abs=4)
    assert height == pytest.approx(150, abs=4)
    press(page, "Answer this part")
    shown = "(width) => document.querySelector('.answer .photo')?.naturalWidth === width"
    page.wait_for_function(shown, arg=width)
    expect(page.locator("#verdict")).to_be_visible()


def test_turning_a_picture_with_a_colour_profile_changes_no_colour(page):
    rgb = lesion_image("akiec", 3, height=300, width=400)
    upright, turned = (profiled(pixels) for pixels in (rgb, np.rot90(rgb, -1)))
    page.goto("/")
    page.get_by_label("Let me crop and turn each picture first").check()
    page.set_input_files("#choose", [{"name": "a.png", "mimeType": "image/png", "buffer": upright}])
    press(page, "Turn right")
    press(page, "Answer this part")
    expect(page.locator("#verdict")).to_be_visible()
    given = ask_engine(page, turned)["probabilities"]
    assert float(bars(page)[0].removesuffix(" %")) == pytest.approx(100 * max(given.values()), abs=1)


def profiled(pixels):
    """Pixels as a PNG file of Display P3."""
    file = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(pixels)).save(file, "PNG", icc_profile=display_p3())
    return file.getvalue()


def test_what_the_browser_cannot_show_is_said_to_be_uncropped(page):
    tiff = cv2.imencode(".tiff", np.full((300, 300, 3), 150, np.uint8))[1].tobytes()
    page.goto("/")
    page.get_by_label("Let me crop and turn each picture first").check()
    page.set_input_files("#choose", [{"name": "a.tiff", "mimeType": "image/tiff", "buffer": tiff}])
    page.locator("#send").click()
    expect(page.locator("#verdict")).to_be_visible()
    expect(page.locator("#problem")).to_contain_text("cannot be cropped here")


def test_back_leads_past_answers_that_are_gone(page):
    page.goto("/#cases")
    page.goto("/#answers")
    expect(page.locator("#question")).to_be_visible()
    page.go_back()
    expect(page).to_have_url(re.compile("#cases$"))


def test_on_a_phone_what_to_do_comes_first_and_save_is_in_sight(browser, server):
    with browser.new_context(base_url=server.address, viewport={"width": 360, "height": 740}) as context:
        page = context.new_page()
        look_at(page, picture_file("nv", 1))
        places = [
            page.locator(f".answer {part}").bounding_box()["y"]
            for part in (".band h1", ".next", ".photo", ".kinds", ".limits", ".details")
        ]
        assert places == sorted(places)
        notice = page.locator(".notice").bounding_box()["y"]
        verdict = page.locator("#verdict").bounding_box()
        assert verdict["y"] + verdict["height"] < notice
        save = page.get_by_role("button", name="Save to a case").bounding_box()
        assert save["y"] + save["height"] <= notice
        sizes = page.evaluate(
            "[...new Set([...document.querySelectorAll('.answer *')].filter((it) => it.innerText)"
            ".map((it) => getComputedStyle(it).fontSize))]"
        )
        assert len(sizes) <= 5, sizes


def test_every_view_has_its_own_title(page):
    page.goto("/")
    expect(page).to_have_title("New picture \N{EN DASH} DermDistill")
    look_at(page, picture_file("nv", 1))
    expect(page).to_have_title("Answer \N{EN DASH} DermDistill")
    for view, title in (("cases", "Cases"), ("case/x", "Case"), ("settings", "Settings")):
        page.goto(f"/#{view}")
        expect(page).to_have_title(f"{title} \N{EN DASH} DermDistill")
    page.goto("/#camera")
    expect(page).to_have_title("Live camera \N{EN DASH} DermDistill")
    page.select_option("#language", "es")
    expect(page).to_have_title("Cámara en vivo \N{EN DASH} DermDistill")


def test_the_language_can_be_changed_and_is_remembered(page):
    look_at(page, picture_file("nv", 1))
    page.select_option("#language", "es")
    expect(page.locator("html")).to_have_attribute("lang", "es")
    expect(page.locator(".kind-name")).to_have_text("Nevo melanocítico")
    expect(page.locator(".notice")).to_have_text("Solo para investigación. No es un producto sanitario.")
    page.reload()
    expect(page.get_by_role("heading", level=1)).to_have_text("¿A qué se parece esta lesión?")


def test_the_language_is_the_browsers_at_first(browser, server):
    with browser.new_context(base_url=server.address, locale="es-MX") as context:
        page = context.new_page()
        page.goto("/")
        expect(page.locator("#question")).to_have_text("¿A qué se parece esta lesión?")
