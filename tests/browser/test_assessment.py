"""What a person is told, and what is never said: the numbered points of a safe answer, in a real browser."""

from playwright.sync_api import expect

from .clinic import look_at, look_at_all, picture_file, press
from .made_up import SPEC, THRESHOLD, THRESHOLDS, bring, visit

DOCTOR = "Show this spot to a doctor within two weeks"
LATER = "2026-05-01T10:00:00.000Z"


def level(page):
    return page.locator(".answer .band").get_attribute("data-level")


def test_1_an_alarm_stands_where_the_detector_refuses_the_picture(page):
    bring(page, visit("mel", 0.95, refused=True))
    expect(page.locator("#verdict")).to_have_text(DOCTOR)
    expect(page.locator(".answer .band")).to_contain_text("The alarm stands all the same")
    expect(page.locator(".kind-name")).to_have_text("Melanoma")
    expect(page.locator("#report .band")).to_contain_text(DOCTOR)
    page.goto("/#cases")
    expect(page.locator("#case-list .level-mark")).to_have_text("Show to a doctor")


def test_1_what_is_refused_without_an_alarm_cannot_be_judged_and_says_what_to_do(page):
    bring(page, visit("nv", 0.001, refused=True))
    expect(page.locator(".answer .band")).to_contain_text("The network cannot judge this picture")
    expect(page.locator("#next li").first).to_contain_text("Take a sharp close-up")
    expect(page.locator("#next")).not_to_contain_text("three months")
    for part in (".kinds", ".answer .bars", "canvas.heat"):
        expect(page.locator(f".answer {part}")).to_have_count(0)


def test_2_below_the_threshold_the_miss_rate_of_melanomas_is_told_and_never_harmless(page):
    bring(page, visit("nv", THRESHOLD - 1e-5))
    band = page.locator(".answer .band")
    expect(band).to_contain_text("No sign of danger was found in this picture.")
    [at_95] = {
        tuple(point["missed_melanomas"].values())
        for point in SPEC["operating_points"]
        if point["sensitivity"] == 0.95
    }
    assert at_95 == ("test", 194, 2, 1.0309, 0.1251, 3.6743)
    expect(band).to_contain_text("For about 1 of 100 melanomas that is wrong")
    expect(band).to_contain_text("measured on 194 melanomas; between 0 and 4 of 100")
    page.locator(".answer .details summary").click()
    text = page.locator("body").inner_text().lower().replace("\xa0", " ")
    assert "harmless" not in text
    assert "100.0 %" not in text


def test_2_no_setting_promises_100_percent(page):
    page.goto("/#settings")
    expect(page.locator(".option").last).to_contain_text("it can be wrong for up to 2 of 100")
    assert "100.0 %" not in page.locator("main").inner_text()


def test_3_another_sensitivity_takes_no_alarm_back(page):
    between = (THRESHOLDS[0.95] + THRESHOLDS[0.9]) / 2
    bring(page, visit("nv", between))
    assert level(page) == "see_doctor"
    page.goto("/#settings")
    page.get_by_role("radio", name="90 %").check()
    expect(page.locator("#settings-warning")).to_contain_text("more dangerous spots are missed")
    page.goto("/#case/P-1")
    expect(page.locator("#verdict")).to_have_text(DOCTOR)
    expect(page.locator("#stamp")).to_have_text("Decided at a sensitivity of 95 %.")
    expect(page.locator("#stamp-warning")).to_contain_text("which takes no alarm back")
    expect(page.locator("#report")).to_contain_text("Decided at a sensitivity of 95 %.")
    page.goto("/#cases")
    expect(page.locator("#case-list .level-mark")).to_have_text("Show to a doctor")


def test_3_each_answer_below_95_percent_is_stamped_and_warns(page):
    page.goto("/#settings")
    page.get_by_role("radio", name="90 %").check()
    bring(page, visit("nv", 0.001))
    expect(page.locator("#stamp")).to_have_text("Decided at a sensitivity of 90 %.")
    expect(page.locator("#stamp-warning")).to_contain_text("more dangerous spots are missed than at 95 %")
    expect(page.locator("#report")).to_contain_text("more dangerous spots are missed than at 95 %")
    page.reload()
    page.goto("/#settings")
    expect(page.get_by_role("radio", name="90 %")).to_be_checked()


def test_3_a_saved_picture_keeps_what_was_told(page):
    stamp = {"level": "see_doctor", "reasons": [], "classes": ["nv"], "sensitivity": 0.98}
    bring(page, visit("nv", THRESHOLDS[0.98] + 1e-5, told=stamp))
    assert level(page) == "see_doctor"
    expect(page.locator("#stamp")).to_have_text("Decided at a sensitivity of 98 %.")


def test_4_where_two_kinds_compete_both_are_named_and_a_dangerous_one_leads(page):
    probs = {"mel": 0.43, "nv": 0.41, "bkl": 0.1, "df": 0.06}
    bring(page, visit("df", 0.43, probs=probs))
    expect(page.locator(".kind-name")).to_have_text(["Melanoma", "Dermatofibroma"])
    assert level(page) == "see_doctor"
    bring(page, visit("bkl", 0.001, probs={"nv": 0.6, "bkl": 0.399, "bcc": 0.001}), patient="P-2")
    assert level(page) == "unclear"
    expect(page.locator(".answer .band")).to_contain_text("cannot decide between Melanocytic naevus and")
    expect(page.locator("#kinds")).to_contain_text("60.0 %")
    expect(page.locator("#verdict")).to_contain_text("within four weeks")


def test_4_what_could_also_be_dangerous_is_unclear_and_goes_to_a_doctor(page):
    bring(page, visit("nv", THRESHOLD / 2, others=("mel",)))
    assert level(page) == "unclear"
    expect(page.locator("#next li").first).to_contain_text("Show a doctor")
    expect(page.locator("#next")).not_to_contain_text("three months")


def test_5_an_alarm_is_solid_and_first_on_every_view_and_not_in_the_brand_s_colour(page):
    bring(page, visit("mel", 0.88), visit("nv", 0.001, date=LATER))
    colour = "(it) => getComputedStyle(it).backgroundColor"
    mark = page.locator(".strip .level-mark[data-level=see_doctor]").evaluate(colour)
    expect(page.locator("#other-alarm")).to_contain_text("show the spot to a doctor within two weeks")
    press(page, "Compare first and last")
    band = page.locator(".comparison > .band")
    expect(band).to_contain_text(DOCTOR)
    assert band.evaluate(colour) == mark
    assert band.evaluate("(it) => it.previousElementSibling") is None
    accent = page.evaluate("getComputedStyle(document.documentElement).getPropertyValue('--accent')").strip()
    levels = page.evaluate(
        "['danger', 'doubt', 'unknown', 'calm'].flatMap((name) => [`--${name}`, `--${name}-solid`])"
        ".map((name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim())"
    )
    assert all(levels)
    assert accent not in levels


def test_6_the_limits_are_part_of_the_answer_and_of_the_report_skin_tone_first(page):
    bring(page, visit("nv", 0.001))
    limits = page.locator(".answer #limits li")
    expect(limits.first).to_contain_text("darker skin")
    expect(limits.nth(1)).to_contain_text("dermatoscope")
    expect(page.locator("#report footer")).to_contain_text("darker skin")
    expect(page.locator("#report .side-name")).to_have_text(["Right", "Left"])


def test_several_pictures_are_a_table_sorted_by_what_presses_with_failed_ones_last(browser, unguarded):
    with browser.new_context(base_url=unguarded.address) as context:
        page = context.new_page()
        broken = {"name": "broken.png", "mimeType": "image/png", "buffer": b"no picture"}
        names = ("akiec", "nv", "bcc", "vasc")
        look_at_all(page, broken, *(picture_file(kind, 1) for kind in names))
        rows = page.locator("#many tbody tr")
        expect(rows).to_have_count(5)
        expect(page.locator("#progress")).to_contain_text("4 of 5 answered")
        expect(page.locator("#progress")).to_contain_text("1 without an answer")
        expect(rows.last).to_contain_text("broken.png")
        order = ["see_doctor", "unclear", "cannot_judge", "no_sign"]
        found = rows.locator(".level-mark").evaluate_all("(marks) => marks.map((it) => it.dataset.level)")
        assert found == sorted(found, key=order.index)
        rows.first.get_by_role("button").click()
        assert level(page) == found[0]
        press(page, "Next")
        expect(page.locator(".answer .band")).to_have_attribute("data-level", found[1])
        press(page, "Previous")
        expect(page.get_by_role("button", name="Previous")).to_be_disabled()
        page.get_by_role("link", name="All pictures").click()
        press(page, "Save all")
        page.fill("#patient", "P-5")
        press(page, "Save")
        expect(page.locator("#case-list li")).to_have_count(4)
        expect(page.locator("#status")).to_have_text("Saved: 4.")


def test_save_is_in_sight_in_its_dialog_on_a_phone(browser, unguarded):
    with browser.new_context(base_url=unguarded.address, viewport={"width": 360, "height": 640}) as context:
        page = context.new_page()
        look_at(page, picture_file("nv", 1))
        press(page, "Save to a case")
        expect(page.get_by_role("dialog").get_by_role("button", name="Save", exact=True)).to_be_in_viewport()


def test_text_half_as_large_again_fits_a_phone_and_targets_are_large_enough(browser, unguarded):
    with browser.new_context(base_url=unguarded.address, viewport={"width": 360, "height": 740}) as context:
        page = context.new_page()
        for name, visits in {"P-1": [visit("mel", 0.9)], "P-2": [visit("nv", 0.001)]}.items():
            bring(page, *visits, patient=name)
            small = page.evaluate(
                "[...document.querySelectorAll('main button, main summary, main select, nav a, .top select')]"
                ".filter((it) => it.checkVisibility())"
                ".filter((it) => it.getBoundingClientRect().height < 43.9)"
                ".map((it) => it.outerHTML)"
            )
            assert small == []
            page.evaluate("document.documentElement.style.fontSize = '150%'")
            assert page.evaluate("document.documentElement.scrollWidth") <= 360


def test_in_forced_colours_bars_and_the_alarm_are_seen(page):
    bring(page, visit("mel", 0.9))
    page.emulate_media(forced_colors="active")
    fill = page.locator(".malignant .fill").first
    colours = "(it) => [it, document.body].map((each) => getComputedStyle(each).backgroundColor)"
    of_fill, of_page = fill.evaluate(colours)
    assert of_fill != of_page
    of_band, of_page = page.locator(".answer .band").evaluate(colours)
    assert of_band != of_page
    assert page.locator(".answer .band").evaluate("(it) => getComputedStyle(it).borderTopWidth") == "3px"


def with_measured(**shares):
    """The bundle's sets with other shares of the kinds held."""
    [level] = [level for level in SPEC["conformal"]["levels"] if level["coverage"] == 0.9]
    return {"levels": [{**level, "measured_coverage": shares}]}


def test_what_was_measured_of_such_lists_is_said_and_nothing_is_promised_where_nothing_was(page):
    bring(page, visit("nv", 0.001, conformal=with_measured(nv=0.88, mel=0.768)))
    expect(page.locator("#also-measured")).to_contain_text("in 88 % of moles, but in only 77 % of melanomas.")
    bring(page, visit("nv", 0.001, conformal=None), patient="P-2")
    expect(page.locator("#also")).to_contain_text("does not rule the others out")
    expect(page.locator("#also-measured")).to_have_count(0)


def test_a_report_says_the_alarm_the_setting_and_what_limits_it_and_shows_the_earlier_picture(page):
    later = visit("nv", 0.3, others=("mel",), date=LATER, conformal=with_measured(nv=0.88, mel=0.768))
    bring(page, visit("nv", 0.01), later)
    page.emulate_media(media="print")
    report = page.locator("#report")
    for text in (
        DOCTOR,
        "Decided at a sensitivity of 95 %",
        "only fair skin",
        "Earlier: Mar 1, 2026",
        "+29.0 percentage points",
        "▲ Melanoma",
        "77 % of melanomas",
    ):
        expect(report).to_contain_text(text)
    expect(report.locator(".report-pictures img")).to_have_count(3)
    expect(report).not_to_contain_text("three months")


def test_a_report_on_two_pictures_is_one_page(page):
    bring(page, visit("nv", 0.01), visit("nv", 0.3, others=("mel",), date="2026-05-01T10:00:00.000Z"))
    loaded = "[...document.querySelectorAll('.report img')].every((image) => image.complete)"
    page.wait_for_function(loaded)
    for paper in ("A4", "Letter"):
        assert page.pdf(format=paper).count(b"/Type /Page\n") == 1


def test_the_dialog_of_all_cases_counts_them_begins_at_cancel_and_exports(page):
    bring(page, visit("nv", 0.01), visit("nv", 0.02, date="2026-05-01T10:00:00.000Z"))
    bring(page, visit("mel", 0.9), patient="P-2")
    page.goto("/#cases")
    press(page, "Delete everything")
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("Cases: 2. Pictures: 3.")
    expect(dialog.get_by_role("button", name="Cancel")).to_be_focused()
    dialog.get_by_role("button", name="Export everything").click()
    with page.expect_download():
        page.get_by_role("dialog").get_by_role("button", name="Export", exact=True).click()
    expect(dialog.get_by_role("status")).to_contain_text("Saved to your downloads: dermdistill-cases-")
    page.keyboard.press("Escape")
    expect(page.locator("#case-list li")).to_have_count(2)
