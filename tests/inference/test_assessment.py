"""What a person is told: golden cases, shared with the browser, and properties of any finding."""

import json
from dataclasses import asdict
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dermdistill.inference.assessment import DISABLING_QUALITY, Finding, Thresholds, assess

GOLDEN = Path(__file__).parents[1] / "golden" / "assessment.json"
CASES = json.loads(GOLDEN.read_text("utf-8"))["cases"]
CODES = ["akiec", "bcc", "bkl", "df", "mel", "nv", "vasc"]
DANGEROUS = ["akiec", "bcc", "mel"]
THRESHOLDS = Thresholds(sensitivity=0.95, malignant=0.05, melanoma=0.02)


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_golden_cases(case):
    asked = case["thresholds"]
    found = assess(Finding(**case["finding"]), Thresholds(**asked) if asked else None)
    assert json.loads(json.dumps(asdict(found))) == case["expected"]


weights = st.lists(st.floats(0.001, 1), min_size=7, max_size=7)
qualities = st.sets(st.sampled_from([*sorted(DISABLING_QUALITY), "hair"]))


@given(weights, st.sampled_from(CODES), qualities, st.sampled_from([None, False, True]))
def test_nothing_takes_an_alarm_back(weighed, decided, quality, unlike):
    probs = {code: weight / sum(weighed) for code, weight in zip(CODES, weighed, strict=True)}
    bare = assess(Finding(probs, decided, DANGEROUS, "mel"), THRESHOLDS)
    told = assess(
        Finding(probs, decided, DANGEROUS, "mel", unlike_known_lesions=unlike, quality=quality), THRESHOLDS
    )
    assert (bare.level == "see_doctor") == (told.level == "see_doctor")


@given(weights, st.sampled_from(CODES))
def test_who_asks_for_more_sensitivity_loses_no_alarm(weighed, decided):
    probs = {code: weight / sum(weighed) for code, weight in zip(CODES, weighed, strict=True)}
    finding = Finding(probs, decided, DANGEROUS, "mel")
    less = assess(finding, Thresholds(sensitivity=0.90, malignant=0.08, melanoma=0.05))
    more = assess(finding, THRESHOLDS)
    assert not (less.level == "see_doctor" and more.level != "see_doctor")


def test_a_probability_that_is_no_number_is_an_alarm():
    finding = Finding({"mel": float("nan"), "nv": 0.5}, "nv", ["mel"], "mel")
    assert assess(finding, THRESHOLDS).level == "see_doctor"
