"""What a person needs of any browser, in Firefox and in WebKit."""

import base64
import json
import time

import pytest

from dermdistill.inference import load_bundle

from ..clinic import picture_file, unguarded_bundle
from ..server import serving

KEPT = "Answers are made on this device, also without a network."


@pytest.fixture(scope="module")
def bundle(tmp_path_factory):
    return unguarded_bundle(tmp_path_factory.mktemp("bundles") / "unguarded")


@pytest.fixture
def picture(tmp_path):
    path = tmp_path / "mole.png"
    path.write_bytes(picture_file("nv", 1)["buffer"])
    return path


def wait(browser, expression, seconds=90):
    """Return what an expression comes to as soon as that is true."""
    end = time.monotonic() + seconds
    while not (found := browser.evaluate(expression)):
        assert time.monotonic() < end, (
            f"{expression} did not come true: {browser.evaluate('document.body.innerText')}"
        )
        time.sleep(0.2)
    return found


def text(selector):
    return f"document.querySelector({json.dumps(selector)})?.innerText.trim()"


def press(browser, name):
    """Press the button, link or label of that name, as soon as there is one."""
    found = (
        "[...document.querySelectorAll('dialog[open] button, dialog[open] a')]"
        ".concat([...document.querySelectorAll('button, a')])"
        f".find((it) => it.textContent.trim() === {json.dumps(name)} && it.checkVisibility())"
    )
    wait(browser, f"{found} !== undefined")
    browser.evaluate(f"{found}.click()")


def visit(browser, address):
    browser.go(address)
    wait(browser, f"{text('#engine')} === {json.dumps(KEPT)}")


def answer(browser, picture):
    """Choose a picture and return the level and the written number of its answer."""
    browser.set_file("#choose", picture)
    wait(browser, "document.querySelector('.answer .band') !== null")
    level = browser.evaluate("document.querySelector('.answer .band').dataset.level")
    return level, browser.evaluate("document.querySelector('.malignant-value').textContent")


def test_the_first_answer_is_pythons(start, bundle, picture):
    expected = load_bundle(bundle).predict_one(picture.read_bytes())
    with serving("--bundle", str(bundle)) as server:
        browser = start()
        visit(browser, server.address)
        level, percent = answer(browser, picture)
    assert level == expected.assessment.level
    number = float(percent.replace("<", "").replace("%", ""))
    assert number == pytest.approx(100 * expected.malignant_probability, abs=0.3)


def test_after_the_first_visit_it_answers_without_a_server(start, bundle, picture):
    with serving("--bundle", str(bundle)) as server:
        browser = start()
        visit(browser, server.address)
        browser.go("about:blank")
    browser.go(server.address)
    wait(browser, f"{text('#engine')} === {json.dumps(KEPT)}")
    browser.evaluate(
        "(document.querySelector('#language').value = 'ar',"
        " document.querySelector('#language').dispatchEvent(new Event('change')))"
    )
    wait(browser, "document.documentElement.dir === 'rtl'")
    level, _ = answer(browser, picture)
    assert level == load_bundle(bundle).predict_one(picture.read_bytes()).assessment.level


def test_without_a_camera_it_says_so_and_offers_another_way(start, bundle):
    with serving("--bundle", str(bundle)) as server:
        browser = start()
        browser.go(f"{server.address}#camera")
        told = wait(browser, f"!document.querySelector('#problem').hidden && {text('#problem')}")
        assert told.startswith(("No camera was found", "The camera was not allowed"))
        wait(browser, f"{text('#stage')}.includes('Choose a picture')")


def test_a_case_goes_out_and_comes_back(start, bundle, picture, tmp_path):
    with serving("--bundle", str(bundle)) as server:
        browser = start()
        visit(browser, server.address)
        answer(browser, picture)
        browser.evaluate(
            "void (window.saved = [], URL.createObjectURL = ((make) => (blob) =>"
            " (blob.type.startsWith('image/') || saved.push(blob), make.call(URL, blob)))"
            "(URL.createObjectURL))"
        )
        press(browser, "Save to a case")
        wait(browser, "document.querySelector('#patient') !== null")
        browser.evaluate(
            "void (document.querySelector('#patient').value = 'P-17',"
            " document.querySelector('#patient').dispatchEvent(new Event('input', { bubbles: true })))"
        )
        press(browser, "Save")
        wait(browser, "document.querySelector('.case-about')?.innerText.includes('P-17')")
        browser.evaluate("void (location.hash = '#cases')")
        press(browser, "Export everything")
        press(browser, "Export")
        written = wait(
            browser,
            "saved.length > 0 && saved.at(-1).arrayBuffer()"
            ".then((it) => btoa(Array.from(new Uint8Array(it), (it) => String.fromCharCode(it)).join('')))",
        )
        path = tmp_path / "cases.zip"
        path.write_bytes(base64.b64decode(written))
        press(browser, "Delete everything")
        press(browser, "Delete")
        wait(browser, f"{text('#stage')}.includes('No case has been saved yet.')")
        browser.set_file("#import", path)
        wait(browser, f"{text('#stage')}.includes('P-17')")
