"""Cases: kept in this browser, compared, printed, exported, deleted."""

import re

import pytest
from playwright.sync_api import expect

from .clinic import look_at, picture_file, press, save
from .engine import ask_engine
from .exports import export, manifest_of
from .made_up import bring, visit


@pytest.fixture
def server(unguarded):
    return unguarded


def confirm(page):
    page.get_by_role("dialog").get_by_role("button", name="Delete", exact=True).click()


def test_a_case_is_saved_reloaded_exported_and_deleted(page, context):
    sent = []
    context.on("request", lambda request: sent.append(request.method))
    picture = picture_file("vasc", 1)
    look_at(page, picture)
    save(page, "P-017", "back.upper", "Since spring.")
    expect(page.locator("#status")).to_have_text("Saved.")
    page.reload()
    expect(page.locator(".case-about")).to_contain_text("P-017")
    expect(page.locator(".case-about")).to_contain_text("Upper back")
    expect(page.locator(".case-about")).to_contain_text("Since spring.")
    expect(page.locator(".kind-name")).to_have_text("Vascular lesion")

    page.get_by_role("link", name="Cases", exact=True).click()
    exported, pictures = manifest_of(export(page))
    [case] = exported["cases"]
    assert (case["patient"], case["site"], case["notes"]) == ("P-017", "back.upper", "Since spring.")
    [visit] = case["visits"]
    assert pictures[visit["file"]] == picture["buffer"]
    assert visit["answer"]["probabilities"] == ask_engine(page, picture["buffer"])["probabilities"]

    press(page, "Delete everything")
    press(page, "Cancel")
    expect(page.locator("#case-list li")).to_have_count(1)
    press(page, "Delete everything")
    confirm(page)
    expect(page.locator(".cases")).to_contain_text("No case has been saved yet.")
    page.reload()
    expect(page.locator(".cases")).to_contain_text("No case has been saved yet.")
    assert set(sent) == {"GET"}


def test_a_follow_up_is_compared_with_the_first_picture(page):
    first, second = picture_file("vasc", 1), picture_file("nv", 2)
    look_at(page, first)
    save(page, "P-1", "front.shin.left")
    press(page, "Follow-up picture")
    page.set_input_files("#choose", [second])
    expect(page.locator(".kind-name")).to_have_text("Melanocytic naevus")
    page.get_by_role("button", name=re.compile("Save to P-1 · Left shin")).click()
    expect(page.locator("#whose option:checked")).to_have_text("P-1")
    expect(page.locator("#case option:checked")).to_contain_text("Left shin")
    press(page, "Save")
    press(page, "Compare first and last")
    then, now = (ask_engine(page, file["buffer"])["probabilities"] for file in (first, second))
    row = page.locator(".changes tr", has_text="Vascular lesion")
    cells = row.locator("td").all_inner_texts()
    assert cells[-1] == f"{100 * (now['vasc'] - then['vasc']):+.1f}".replace("-", "\N{MINUS SIGN}")
    expect(page.locator("#compare-words")).to_contain_text("Look for yourself")
    expect(page.locator(".side-picture img")).to_have_count(2)

    page.get_by_role("link", name="P-1").click()
    press(page, "Delete this picture")
    confirm(page)
    expect(page.get_by_role("button", name="Compare first and last")).to_have_count(0)
    press(page, "Delete this case")
    confirm(page)
    expect(page.locator(".cases")).to_contain_text("No case has been saved yet.")


def test_only_the_pictures_taken_next_are_for_the_case_that_was_followed(page):
    bring(page, visit("nv", 0.01))
    press(page, "Follow-up picture")
    assert suggested(page, picture_file("nv", 1)) == "P-1"
    press(page, "Another picture")
    assert suggested(page, picture_file("nv", 2)) == ""
    page.goto("/#case/P-1")
    press(page, "Follow-up picture")
    page.get_by_role("link", name="Cases", exact=True).click()
    page.get_by_role("link", name="New picture", exact=True).click()
    assert suggested(page, picture_file("nv", 3)) == ""


def suggested(page, picture):
    """Choose a picture, and return the case that the page would save it to."""
    page.set_input_files("#choose", [picture])
    expect(page.locator(".answer")).to_be_visible()
    page.locator("#save").click()
    case = page.locator("#case").input_value()
    press(page, "Cancel")
    return case


def test_a_damaged_case_hides_no_other_and_can_be_deleted(context):
    page = context.new_page()  # which may complain of the damage
    bring(page, visit("nv", 0.01))
    bring(page, visit("mel", 0.9), patient="P-2")
    page.evaluate(
        """() => new Promise((done) => {
            indexedDB.open("dermdistill").onsuccess = ({ target }) => {
                const cases = target.result.transaction("cases", "readwrite").objectStore("cases");
                cases.get("P-2").onsuccess = ({ target }) => {
                    target.result.visits[0].date = "";
                    cases.put(target.result).onsuccess = done;
                };
            };
        })"""
    )
    page.goto("/#cases")
    expect(page.locator("#case-list li")).to_have_count(2)
    manifest, _ = manifest_of(export(page))
    assert [[case["patient"] for case in manifest[key]] for key in ("cases", "damaged")] == [["P-1"], ["P-2"]]
    expect(page.locator("#export-files")).to_contain_text("Damaged cases: 1.")
    page.locator(".patient", has_text="P-2").locator(".case-row").click()
    press(page, "Delete this case")
    confirm(page)
    expect(page.locator("#case-list li")).to_have_count(1)


@pytest.mark.parametrize("view", ["case/P-1", "compare/P-1"])
def test_where_the_browser_keeps_nothing_a_case_is_said_to_be_unkept(page, view):
    page.add_init_script("IDBFactory.prototype.open = () => { throw new DOMException('', 'SecurityError'); }")
    page.goto(f"/#{view}")
    expect(page.locator("#problem")).to_contain_text("keeps nothing for this page")


def test_the_body_is_a_map_and_a_list_that_say_the_same(page):
    look_at(page, picture_file("nv", 1))
    press(page, "Save to a case")
    page.locator("path[data-site='front.shin.left']").click()
    expect(page.locator("#site")).to_have_value("front.shin.left")
    page.select_option("#site", label="Nape")
    assert page.locator("path.here").evaluate_all("(paths) => paths.map((path) => path.dataset.site)") == [
        "back.neck"
    ]
    expect(page.locator("dialog .side-name")).to_have_text(["Right", "Left", "Left", "Right"])
    left, right = (
        page.locator(f"path[data-site='front.hand.{side}']").bounding_box()["x"] for side in ("left", "right")
    )
    assert left > right
    listed = page.locator("#site option").evaluate_all(
        "(options) => options.map(({ value }) => value).filter(Boolean)"
    )
    drawn = page.locator("dialog path").evaluate_all("(paths) => paths.map((path) => path.dataset.site)")
    assert listed == drawn


@pytest.mark.parametrize("paper", ["A4", "Letter"])
def test_a_report_is_one_page_with_everything_on_it(page, paper):
    look_at(page, picture_file("akiec", 1))
    save(page, "P-017", "front.chest", "A long note. " * 30)
    page.wait_for_function("[...document.querySelectorAll('.report img')].every((image) => image.complete)")
    pdf = page.pdf(format=paper)
    assert len(re.findall(rb"/Type\s*/Page\b", pdf)) == 1
    page.emulate_media(media="print")
    report = page.locator("#report")
    for text in (
        "P-017",
        "Chest",
        "A long note.",
        "Not a medical device",
        "Malignant or precursor",
        "mobilenet_v2",
    ):
        expect(report).to_contain_text(text)
    expect(report.locator(".bars li")).to_have_count(8)
    expect(page.locator("#stage")).to_be_hidden()
