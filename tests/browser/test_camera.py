"""Chromium's fake camera, which shows a film of a drawn lesion."""

import pytest
from playwright.sync_api import expect

from .clinic import catch_file_choosers, lesion_video, press
from .conftest import FLAGS
from .engine import complaints, prepare
from .test_access import check_access, tab_to


@pytest.fixture(scope="module")
def filming(chromium, tmp_path_factory):
    """Chromium's flags for a camera with that film."""
    film = lesion_video(tmp_path_factory.mktemp("film") / "lesion.mjpeg")
    return [
        *FLAGS,
        "--use-fake-ui-for-media-stream",
        "--use-fake-device-for-media-stream",
        f"--use-file-for-fake-video-capture={film}",
    ]


def test_the_camera_answers_live_and_what_is_frozen_is_answered(browser, chromium, filming, unguarded):
    film = browser.browser_type.launch(executable_path=chromium, args=filming)
    try:
        page = film.new_context(base_url=unguarded.address).new_page()
        heard = complaints(page)
        page.goto("/")
        assert prepare(page)["engine"] == "device"
        press(page, "Live camera")
        expect(page.locator(".live-name")).not_to_be_empty(timeout=30_000)
        expect(page.locator("#rate")).to_contain_text("answers per second")
        shown = page.locator("video").evaluate(
            "(video) => [video.videoWidth, video.videoHeight, video.paused]"
        )
        assert shown[2] is False
        live = page.inner_text(".live-name")
        press(page, "Freeze")
        expect(page.locator("#kinds")).to_contain_text(live, timeout=30_000)
        # The guide: 4 by 3, .92 of what fits.
        width, height = page.locator(".photo").evaluate(
            "(photo) => [photo.naturalWidth, photo.naturalHeight]"
        )
        assert width / height == pytest.approx(4 / 3, abs=0.01)
        assert width == pytest.approx(0.92 * min(shown[0], shown[1] * 4 / 3), abs=2)
        assert heard == []
    finally:
        film.close()


def test_a_keyboard_is_enough_for_the_camera_and_its_view_is_accessible(
    browser, chromium, filming, unguarded
):
    film = browser.browser_type.launch(executable_path=chromium, args=filming)
    try:
        viewport = {"width": 360, "height": 740}
        page = film.new_context(base_url=unguarded.address, viewport=viewport).new_page()
        page.goto("/")
        assert prepare(page)["engine"] == "device"
        tab_to(page, "Live camera")
        page.keyboard.press("Enter")
        expect(page.locator(".live-name")).not_to_be_empty(timeout=30_000)
        check_access(page)
        tab_to(page, "Freeze")
        page.keyboard.press("Enter")
        expect(page.locator(".answer .band")).to_be_visible(timeout=30_000)
    finally:
        film.close()


def test_where_there_is_no_camera_the_page_says_so_and_offers_other_ways(page):
    catch_file_choosers(page)
    page.goto("/#camera")
    problem = page.get_by_role("alert")
    expect(problem).to_contain_text("Choose a picture", ignore_case=True)
    assert "⚠" in problem.evaluate("(it) => getComputedStyle(it, '::before').content")
    # Neither a black box nor a button that can do nothing.
    expect(page.locator("video")).to_have_count(0)
    expect(page.get_by_role("button", name="Freeze")).to_have_count(0)
    press(page, "Try again")
    expect(problem).to_contain_text("Choose a picture", ignore_case=True)
    with page.expect_file_chooser():
        press(page, "Choose a picture")
    expect(problem).to_be_hidden()
    expect(page.locator("#intake")).to_be_visible()


def test_a_camera_that_works_at_the_second_try_is_used(camera):
    camera.add_init_script(
        "const open = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);"
        "navigator.mediaDevices.getUserMedia = async (wanted) => {"
        "  navigator.mediaDevices.getUserMedia = open;"
        "  throw new DOMException('', 'NotAllowedError');"
        "};"
    )
    camera.goto("/#camera")
    expect(camera.get_by_role("alert")).to_contain_text("was not allowed")
    press(camera, "Try again")
    expect(camera.get_by_role("button", name="Freeze")).to_be_enabled()
    expect(camera.get_by_role("alert")).to_be_hidden()


# Chromium's fake camera has no lamp: this acts one in its place.
LAMP = """
MediaStreamTrack.prototype.getCapabilities = () => ({ torch: true });
globalThis.asked = [];
MediaStreamTrack.prototype.applyConstraints = async ({ advanced }) => {
    if (globalThis.broken) throw new Error("no lamp");
    globalThis.asked.push(advanced[0].torch);
};
"""


@pytest.fixture
def camera(browser, chromium, filming, server):
    film = browser.browser_type.launch(executable_path=chromium, args=filming)
    yield film.new_context(base_url=server.address).new_page()
    film.close()


def test_a_camera_with_a_lamp_has_a_button_that_says_whether_it_is_on(camera):
    camera.add_init_script(LAMP)
    camera.goto("/#camera")
    lamp = camera.get_by_role("button", name="Light", exact=True)
    expect(lamp).to_have_attribute("aria-pressed", "false")
    lamp.click()
    expect(lamp).to_have_attribute("aria-pressed", "true")
    lamp.click()
    expect(lamp).to_have_attribute("aria-pressed", "false")
    assert camera.evaluate("asked") == [True, False]
    camera.evaluate("globalThis.broken = true")
    press(camera, "Light")
    expect(camera.locator("#problem")).to_contain_text("cannot be switched")
    expect(lamp).to_have_attribute("aria-pressed", "false")


def test_a_camera_without_a_lamp_has_no_such_button(camera):
    camera.goto("/#camera")
    expect(camera.get_by_role("button", name="Freeze")).to_be_enabled()
    expect(camera.get_by_role("button", name="Light", exact=True)).to_have_count(0)
