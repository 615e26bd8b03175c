"""On the home screen: installable, whole without a network, and changed only when its owner says so."""

import shutil
from urllib.parse import urljoin

import cv2
import numpy as np
import pytest
from playwright.sync_api import expect

from dermdistill.bundle import default_bundle_path, load_bundle_spec, sealed
from synthetic import lesion_image

from .engine import ask_engine, complaints, prepare
from .server import serving, start_server

KEPT = "Answers are made on this device, also without a network."


@pytest.fixture(scope="module")
def picture():
    rgb = lesion_image("nv", 3, height=300, width=400)
    return cv2.imencode(".png", cv2.cvtColor(rgb, cv2.COLOR_RGB2BGR))[1].tobytes()


def visit(page, address):
    """A first visit that is over when everything is kept."""
    page.goto(address)
    expect(page.locator("#engine")).to_have_text(KEPT, timeout=20_000)


def test_after_the_first_visit_everything_works_with_the_server_gone_and_the_network_off(browser, picture):
    with serving() as server, browser.new_context() as context:
        page = context.new_page()
        visit(page, server.address)
        before = ask_engine(page, picture)
        page.close()
        server.stop()
        context.set_offline(True)

        page = context.new_page()
        heard = complaints(page)
        page.goto(server.address)
        expect(page.locator("#engine")).to_have_text(KEPT)
        assert page.evaluate("crossOriginIsolated")
        page.set_input_files("#choose", {"name": "mole.png", "mimeType": "image/png", "buffer": picture})
        band = page.locator(".answer .band")
        expect(band).to_have_attribute("data-level", before["assessment"]["level"])
        expect(page.locator("#model")).to_contain_text("mobilenet_v2")
        after = ask_engine(page, picture)
        assert after["engine"] == "device"
        assert after["probabilities"] == before["probabilities"]
        assert [said for said in heard if "ERR_INTERNET_DISCONNECTED" not in said] == []


def test_below_a_prefix_everything_works_too_also_without_a_network(browser, picture):
    with serving("--prefix", "/derm") as server, browser.new_context() as context:
        page = context.new_page()
        heard = complaints(page)
        visit(page, urljoin(server.address, "/derm"))
        assert page.url == urljoin(server.address, "/derm/")
        assert heard == []
        server.stop()
        context.set_offline(True)
        page.goto(urljoin(server.address, "/derm/"))
        expect(page.locator("#engine")).to_have_text(KEPT)
        page.set_input_files("#choose", {"name": "mole.png", "mimeType": "image/png", "buffer": picture})
        expect(page.locator("#model")).to_contain_text("mobilenet_v2")
        kept = page.evaluate(
            "async () => (await (await caches.open((await caches.keys())[0])).keys()).map(({ url }) => url)"
        )
        assert all(address.startswith(urljoin(server.address, "/derm/")) for address in kept)


def test_a_file_that_was_damaged_in_this_browser_is_fetched_anew(page, server):
    visit(page, server.address)
    name = "async () => (await caches.keys())[0]"
    damaged = page.evaluate(
        """async (name) => {
            const cache = await caches.open(name);
            const requests = (await cache.keys()).filter(({ url }) =>
                /model.tflite|bundle.json|main.js|wasm/.test(url));
            for (const request of requests) {
                const response = await cache.match(request);
                const bytes = new Uint8Array(await response.arrayBuffer());
                bytes[bytes.length >> 1] ^= 1;
                await cache.put(request, new Response(bytes, { headers: response.headers }));
            }
            return requests.length; }""",
        page.evaluate(name),
    )
    assert damaged == 5
    page.goto("about:blank")
    page.goto(server.address)
    expect(page.locator("#engine")).to_have_text(KEPT)
    sums = page.evaluate(
        """async (name) => {
            const cache = await caches.open(name);
            const all = await cache.keys();
            const request = all.find(({ url }) => url.endsWith("model.tflite"));
            const bytes = await (await cache.match(request)).arrayBuffer();
            const digest = [...new Uint8Array(await crypto.subtle.digest("SHA-256", bytes))];
            return [request.url, digest.map((byte) => byte.toString(16).padStart(2, "0")).join("")]; }""",
        page.evaluate(name),
    )
    assert sums[1] in sums[0]


def test_only_what_this_browser_needs_is_kept(page, server):
    visit(page, server.address)
    kept = page.evaluate(
        """async () => {
            const [name] = await caches.keys();
            const requests = await (await caches.open(name)).keys();
            return requests.map((request) => new URL(request.url).pathname); }"""
    )
    assert "/" in kept
    assert len([address for address in kept if address.endswith(".wasm")]) == 1
    assert [address for address in kept if address.endswith("/model.tflite")]
    assert not [address for address in kept if address.startswith("/api")]
    assert len(kept) == len(set(kept)) < 30


def test_a_newer_student_is_offered_and_used_only_when_accepted(browser, picture, tmp_path):
    newer = tmp_path / "newer"
    shutil.copytree(default_bundle_path(), newer)
    spec = load_bundle_spec(newer).model_copy(update={"version": "99.0.0"})
    (newer / "bundle.json").write_text(sealed(spec).model_dump_json(), "utf-8")

    with browser.new_context() as context:
        page = context.new_page()
        with serving() as first:
            visit(page, first.address)
            old = ask_engine(page, picture)["bundle"]["version"]
        second = start_server("--bundle", str(newer), port=first.port)
        try:
            page.goto(second.address)
            expect(page.locator("#update")).to_be_visible(timeout=20_000)
            assert ask_engine(page, picture)["bundle"]["version"] == old
            with page.expect_navigation():
                page.click("#use-update")
            prepare(page)
            assert ask_engine(page, picture)["bundle"]["version"] == "99.0.0"
            expect(page.locator("#update")).to_be_hidden()
            assert len(page.evaluate("caches.keys()")) == 1
        finally:
            second.stop()


def test_where_no_service_worker_is_allowed_the_page_works_without(browser, server, picture):
    with browser.new_context(service_workers="block") as context:
        page = context.new_page()
        page.goto(server.address)
        expect(page.locator("#engine")).to_have_text("Answers are made on this device.", timeout=20_000)
        assert ask_engine(page, picture)["engine"] == "device"


def test_the_browser_finds_nothing_that_keeps_it_from_being_installed(page, server):
    visit(page, server.address)
    devtools = page.context.new_cdp_session(page)
    found = devtools.send("Page.getAppManifest")
    assert found["errors"] == []
    # An incognito profile, as Playwright's are, may never install; nothing else may be wrong.
    errors = devtools.send("Page.getInstallabilityErrors")["installabilityErrors"]
    assert [error["errorId"] for error in errors if error["errorId"] != "in-incognito"] == []


def test_every_icon_is_as_large_as_the_manifest_says(page, server):
    manifest = page.request.get(urljoin(server.address, "/assets/manifest.json")).json()
    sizes = set()
    for icon in manifest["icons"]:
        response = page.request.get(urljoin(server.address, f"/assets/{icon['src']}"))
        assert response.headers["content-type"].startswith(icon["type"])
        if icon["type"] == "image/png":
            pixels = cv2.imdecode(np.frombuffer(response.body(), np.uint8), cv2.IMREAD_UNCHANGED)
            assert icon["sizes"] == f"{pixels.shape[1]}x{pixels.shape[0]}"
            sizes.add(icon["sizes"])
            opaque = pixels.shape[2] == 3 or pixels[0, 0, 3] == 255  # at the corner
            assert opaque == (icon.get("purpose") == "maskable")
            assert len(np.unique(pixels.reshape(-1, pixels.shape[2]), axis=0)) > 3
    assert sizes == {"192x192", "512x512"}
