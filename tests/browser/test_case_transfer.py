"""Cases brought back from an exported file."""

import json

import pytest
from playwright.sync_api import expect

from .clinic import bars, look_at, picture_file, press, save


@pytest.fixture
def server(unguarded):
    return unguarded


@pytest.fixture
def exported(page):
    """The bytes of an export of one case with one picture, which is still there."""
    look_at(page, picture_file("vasc", 1))
    save(page, "P-017", "back.upper", "Since spring.")
    page.get_by_role("link", name="Cases", exact=True).click()
    with page.expect_download() as download:
        press(page, "Export everything")
    return download.value.path().read_bytes()


def bring_back(page, data):
    page.set_input_files("#import", {"name": "cases.json", "mimeType": "application/json", "buffer": data})


def test_an_export_can_be_brought_back_whole(page, exported):
    page.locator("#case-list a").click()
    before = bars(page)
    press(page, "Delete this case")
    page.get_by_role("dialog").get_by_role("button", name="Delete", exact=True).click()
    expect(page.locator("#case-list")).to_have_count(0)
    bring_back(page, exported)
    expect(page.locator("#status")).to_have_text("Cases brought back: 1.")
    page.locator("#case-list a").click()
    for text in ("P-017", "Upper back", "Since spring."):
        expect(page.locator(".case-about")).to_contain_text(text)
    assert bars(page) == before
    width = page.locator(".answer .photo").evaluate(
        "async (photo) => (await photo.decode(), photo.naturalWidth)"
    )
    assert width == 400


def test_a_case_that_is_there_keeps_its_words_and_gets_only_what_it_lacks(page, exported):
    later = json.loads(exported)
    [case] = later["cases"]
    case["notes"] = "Other words."
    case["visits"].append({**case["visits"][0], "id": "another", "date": "2030-01-01T10:00:00.000Z"})
    bring_back(page, json.dumps(later).encode())
    expect(page.locator("#status")).to_have_text("Cases brought back: 1.")
    expect(page.locator("#case-list li")).to_have_count(1)
    expect(page.locator("#case-list")).to_contain_text("Pictures: 2")
    page.locator("#case-list a").click()
    expect(page.locator(".case-about")).to_contain_text("Since spring.")


def test_a_file_that_is_no_whole_export_changes_nothing(page, exported):
    """What makes a file none: client/tests/cases/transfer/case_file.test.ts."""
    damaged = json.loads(exported)
    del damaged["cases"][0]["visits"][0]["answer"]["malignant_probability"]
    # A whole case before the damaged one must not be kept either.
    damaged["cases"].insert(0, {**json.loads(exported)["cases"][0], "id": "new"})
    bring_back(page, json.dumps(damaged).encode())
    expect(page.locator("#problem")).to_contain_text("nothing was brought back")
    page.reload()
    expect(page.locator("#case-list li")).to_have_count(1)
