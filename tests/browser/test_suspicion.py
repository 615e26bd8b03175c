"""When the page says that a doctor should see a spot, and what it never says then."""

from playwright.sync_api import expect

from .clinic import press
from .made_up import SPEC, THRESHOLD, THRESHOLDS, bring, visit

ALARM = "Suspicious at the sensitivity you chose: should be seen by a doctor."
WAIT = "three months"
MARK = "▲ Should be seen by a doctor"


def test_a_harmless_kind_at_the_threshold_is_called_suspicious_and_not_harmless(page):
    bring(page, visit("nv", THRESHOLD, others=("mel",)))
    verdict = page.locator(".answer .verdict")
    expect(verdict.locator("> *").first).to_have_text(ALARM)
    expect(verdict.locator(".tag")).to_have_text("▲ suspicious")
    expect(verdict.locator(".plain")).to_contain_text("If that is what it is: a common mole")
    expect(page.locator("#next")).not_to_contain_text(WAIT)
    also = page.locator("#also")
    expect(also).to_have_text("It could also be ▲ Melanoma (malignant).")
    colours = "(element) => [element, document.body].map((it) => getComputedStyle(it).color)"
    of_sentence, of_text = also.evaluate(colours)
    assert of_sentence == of_text


def test_below_the_threshold_the_same_kind_is_harmless_and_watched(page):
    bring(page, visit("nv", THRESHOLD - 1e-5))
    expect(page.locator("#alarm")).to_be_hidden()
    expect(page.locator(".answer .verdict .tag")).to_have_text("○ harmless")
    expect(page.locator("#next")).to_contain_text(WAIT)


def test_what_could_also_be_dangerous_does_not_wait_below_the_threshold(page):
    bring(page, visit("nv", THRESHOLD / 2, others=("mel",)))
    expect(page.locator("#alarm")).to_be_hidden()
    expect(page.locator("#also")).to_have_text("It could also be ▲ Melanoma (malignant).")
    expect(page.locator("#next li").first).to_contain_text("Have a doctor examine this spot")
    expect(page.locator("#next")).not_to_contain_text(WAIT)


def test_another_sensitivity_changes_the_alarm_at_once(page):
    bring(page, visit("nv", (THRESHOLDS[0.95] + THRESHOLDS[0.9]) / 2))
    expect(page.locator("#alarm")).to_have_text(ALARM)
    expect(page.locator("#verdict")).to_have_accessible_description(ALARM)
    page.get_by_role("radio", name="90 %").check(force=True)
    expect(page.locator("#alarm")).to_be_hidden()
    expect(page.locator(".answer .verdict .tag")).to_have_text("○ harmless")
    expect(page.locator(".answer .side")).to_contain_text("Below")
    expect(page.get_by_role("radio", name="90 %")).to_be_focused()
    expect(page.locator(".strip .card")).to_contain_text("below the threshold")
    expect(page.locator("#report")).to_contain_text("Sensitivity to aim for: 90 %")
    expect(page.locator("#report")).not_to_contain_text(ALARM)


def test_no_threshold_makes_a_dangerous_kind_wait(page):
    bring(page, visit("akiec", 0.001))
    expect(page.locator(".answer .side")).to_contain_text("Below")
    expect(page.locator("#next li").first).to_contain_text("Have a doctor examine this spot")
    expect(page.locator("#next")).not_to_contain_text(WAIT)
    page.goto("/#cases")
    expect(page.locator("#case-list li")).to_contain_text(MARK)


def test_a_refused_picture_is_neither_to_be_waited_for_nor_marked(page):
    bring(page, visit("mel", 0.9, refused=True))
    expect(page.locator("#next li").first).to_contain_text("close-up")
    expect(page.locator("#next")).not_to_contain_text(WAIT)
    page.goto("/#cases")
    expect(page.locator("#case-list li")).to_contain_text("Not a skin lesion?")
    expect(page.locator("#case-list li")).not_to_contain_text(MARK)


def test_a_case_stays_marked_when_a_later_picture_looks_better(page):
    bring(page, visit("nv", 0.5), visit("nv", 0.001, date="2026-05-01T10:00:00.000Z"))
    expect(page.locator(".strip .card").first).to_contain_text("▲ Malignant or precursor: 50.0 %, above")
    expect(page.locator(".strip .card").last).to_contain_text("○ Malignant or precursor: 0.1 %, below")
    page.goto("/#cases")
    expect(page.locator("#case-list li")).to_contain_text(MARK)
    bring(page, visit("nv", 0.001), patient="P-2")
    page.goto("/#cases")
    expect(page.locator("#case-list li", has_text="P-2")).not_to_contain_text(MARK)


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
    later = visit(
        "nv",
        0.3,
        others=("mel",),
        date="2026-05-01T10:00:00.000Z",
        conformal=with_measured(nv=0.88, mel=0.768),
    )
    bring(page, visit("nv", 0.01), later)
    page.emulate_media(media="print")
    report = page.locator("#report")
    for text in (
        ALARM,
        "Sensitivity to aim for: 95 %",
        "only fair skin",
        "Earlier: Mar 1, 2026",
        "+29.0 percentage points",
        "▲ Melanoma",
        "77 % of melanomas",
    ):
        expect(report).to_contain_text(text)
    expect(report.locator(".report-pictures img")).to_have_count(3)
    expect(report).not_to_contain_text(WAIT)


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
    with page.expect_download():
        dialog.get_by_role("button", name="Export everything").click()
    expect(dialog.get_by_role("status")).to_contain_text("Exported to dermdistill-cases-")
    page.keyboard.press("Escape")
    expect(page.locator("#case-list li")).to_have_count(2)
