"""Patients with their lesions over time: searched, sorted, reminded of, dated, followed."""

import datetime
import re

import pytest
from playwright.sync_api import expect

from .clinic import look_at, picture_file, press, save
from .made_up import bring, visit

MARCH, MAY = "2026-03-01T10:00:00.000Z", "2026-05-01T10:00:00.000Z"


@pytest.fixture
def server(unguarded):
    return unguarded


def test_lesions_of_a_patient_stand_together_each_with_its_pictures_over_time(page):
    look_at(page, picture_file("vasc", 1))
    save(page, "P-7", "front.shin.left", "First.")
    page.get_by_role("link", name=re.compile("Patient: P-7")).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("P-7")
    press(page, "New spot of this patient")
    expect(page.locator("#meant")).to_contain_text("Picture of a new spot of")
    expect(page.locator("#meant")).to_contain_text("P-7")
    page.set_input_files("#choose", [picture_file("nv", 1)])
    press(page, "Save to P-7")
    expect(page.locator("#whose option:checked")).to_have_text("P-7")
    expect(page.locator("#patient")).to_be_hidden()
    page.select_option("#site", "back.upper")
    press(page, "Save")
    page.get_by_role("link", name=re.compile("Patient: P-7")).click()
    expect(page.locator("#case-list li")).to_have_count(2)
    marked = page.locator(".patient-view path.here").evaluate_all("(all) => all.map((it) => it.dataset.site)")
    assert marked == ["front.shin.left", "back.upper"]
    expect(page.locator(".patient-view .side-name")).to_have_text(["Right", "Left", "Left", "Right"])
    press(page, "Change the label")
    page.fill("#patient", "P-8")
    press(page, "Save")
    expect(page.get_by_role("heading", level=1)).to_have_text("P-8")
    page.get_by_role("link", name="Cases", exact=True).click()
    expect(page.locator(".patient")).to_have_count(1)
    expect(page.locator("#cases-count")).to_have_text("Patients: 1 · Spots: 2 · Pictures: 2")


def test_a_label_that_is_there_already_is_told(page):
    bring(page, visit("nv", 0.01), patient="P-1")
    look_at(page, picture_file("nv", 1))
    press(page, "Save to a case")
    page.fill("#patient", "P-1")
    expect(page.locator("#same-label")).to_contain_text("already a patient with this label")
    press(page, "Save")
    page.get_by_role("link", name="Cases", exact=True).click()
    expect(page.locator(".patient")).to_have_count(2)  # two persons are never made one


def test_a_follow_up_names_its_case_also_after_the_page_was_loaded_again(page):
    bring(page, visit("nv", 0.01), patient="P-1")
    press(page, "Follow-up picture")
    page.reload()
    expect(page.locator("#meant")).to_contain_text("P-1 · Chest")
    page.set_input_files("#choose", [picture_file("nv", 1)])
    page.get_by_role("button", name=re.compile("Save to P-1 · Chest")).click()
    expect(page.locator("#case option:checked")).to_contain_text("Chest")
    press(page, "Save")
    expect(page.locator(".strip .card")).to_have_count(2)
    press(page, "Follow-up picture")
    page.get_by_role("link", name="Not for this case").click()
    expect(page.locator("#meant")).to_have_count(0)


def test_cases_are_searched_and_sorted_by_what_presses(page):
    bring(page, visit("nv", 0.01, date=MAY), patient="P-1")
    bring(page, visit("mel", 0.9, date=MARCH), patient="Q-2")
    page.goto("/#cases")
    names = page.locator(".patient h2")
    expect(names).to_have_text(["P-1", "Q-2"])
    page.select_option("#sort", label="Most pressing first")
    expect(names).to_have_text(["Q-2", "P-1"])
    page.reload()
    expect(names).to_have_text(["Q-2", "P-1"])
    page.fill("#search", "melanocytic chest")
    expect(names).to_have_text(["P-1"])
    expect(page.locator("#cases-count")).to_have_text("Found: 1 of 2 spots")
    page.locator("#case-list li a").click()
    page.go_back()
    expect(page.locator("#search")).to_have_value("melanocytic chest")
    page.fill("#search", "nothing")
    expect(page.locator("#case-list")).to_contain_text("No spot fits")


def test_a_reminder_is_set_filed_in_a_calendar_due_and_done(page, context):
    bring(page, visit("mel", 0.9))
    today = datetime.date.today()
    date = page.locator("#reminder")
    expect(date).to_have_value(str(today + datetime.timedelta(days=14)))  # as the answer says
    press(page, "Set the reminder")
    expect(page.locator("#status")).to_contain_text("Reminder set for")
    with page.expect_download() as download:
        press(page, "Calendar file")
    text = download.value.path().read_bytes().decode()
    day = (today + datetime.timedelta(days=14)).strftime("%Y%m%d")
    assert f"DTSTART;VALUE=DATE:{day}\r\n" in text
    assert "P-1" in text
    assert not re.search("melanoma|doctor|90", text, re.IGNORECASE)
    page.goto("/#cases")
    expect(page.locator("#due-list")).to_have_count(0)
    page.clock.set_fixed_time(datetime.datetime.now() + datetime.timedelta(days=15))
    page.reload()
    expect(page.locator("#due-list li")).to_have_count(1)
    expect(page.locator("#due-list")).to_contain_text("Due since")
    expect(page.get_by_role("link", name="Cases · Due now: 1")).to_be_visible()
    page.locator("#due-list a").click()
    press(page, "Done, remove the reminder")
    expect(page.locator("#status")).to_have_text("Reminder removed.")
    expect(page.locator(".places .badge")).to_have_count(0)
    page.goto("/#cases")
    expect(page.locator("#case-list li")).to_have_count(1)
    expect(page.locator("#due-list")).to_have_count(0)


def test_a_date_is_changed_and_the_pictures_follow_it(page):
    bring(page, visit("nv", 0.5, date=MARCH), visit("bkl", 0.01, date=MAY))
    press(page, "Change date")
    page.fill("#taken", "2026-01-15")
    press(page, "Save")
    expect(page.locator("#status")).to_have_text("Saved.")
    dates = page.locator(".strip .card .date")
    expect(dates).to_have_text(["Jan 15, 2026", "Mar 1, 2026"])
    press(page, "Change date")
    page.fill("#taken", "2199-01-01")
    press(page, "Save")
    expect(page.get_by_role("dialog")).to_be_visible()  # a date in the future is not taken


def test_the_pictures_of_a_case_stay_in_sight_however_far_one_scrolls(browser, unguarded):
    for size in ({"width": 360, "height": 740}, {"width": 1280, "height": 800}):
        with browser.new_context(base_url=unguarded.address, viewport=size) as context:
            page = context.new_page()
            bring(page, visit("nv", 0.5, date=MARCH), visit("bkl", 0.01, date=MAY))
            page.get_by_text("All numbers").click()
            page.locator(".limits").scroll_into_view_if_needed()
            page.mouse.wheel(0, 300)
            expect(page.locator(".strip .card[aria-pressed=true]")).to_be_in_viewport(ratio=0.9)
