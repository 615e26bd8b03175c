"""A fuzz run that was stopped goes on where it was, and one with other decoders begins anew."""

from collections import Counter

from . import journal as journals
from .journal import Journal, Tally
from .run import fuzz, table

JOB = ("PNG", 0, 5_000)
TALLY = Tally(Counter({"picture": 4_000, "error": 998, "hang": 1}), 7_000_000, [(17, "hang: SIGPROF")])


def test_what_was_done_is_found_again_without_the_line_that_a_kill_cut_off(tmp_path):
    path = tmp_path / "kept" / "done.jsonl"
    Journal(path, seed=3).add(JOB, TALLY)
    with path.open("a") as file:
        file.write('{"key": "3')
    again = Journal(path, seed=3)
    assert again.find(JOB) == TALLY
    assert again.find(("PNG", 5_000, 5_000)) is None
    again.add(("PNG", 5_000, 5_000), TALLY)
    assert Journal(path, seed=3).find(("PNG", 5_000, 5_000)) == TALLY


def test_another_seed_and_other_decoders_begin_anew(tmp_path, monkeypatch):
    path = tmp_path / "done.jsonl"
    Journal(path, seed=3).add(JOB, TALLY)
    assert Journal(path, seed=4).find(JOB) is None
    monkeypatch.setattr(journals, "fingerprint", lambda: "another")
    assert Journal(path, seed=3).find(JOB) is None


def test_a_run_takes_from_the_journal_what_is_there(tmp_path):
    journal = Journal(tmp_path / "done.jsonl", seed=0)
    journal.add(("BMP", 0, 20), TALLY)
    journal.add(("BMP", 20, 20), TALLY)
    tallies = fuzz(40, formats=["BMP"], journal=journal)  # nothing is decoded, or the counts would be 40
    assert tallies["BMP"].counts["picture"] == 8_000
    assert tallies["BMP"].peak_bytes == 7_000_000
    assert "8,000" in table(tallies)
