"""Any bytes give a picture or an ImageError, within 5 s and 1 GB; `make fuzz` tries a million."""

import os
import sys

import pytest

from .run import broken, fuzz, table

INPUTS = 20_000 if os.environ.get("CI") else 2_000


@pytest.mark.skipif(sys.platform != "linux", reason="the limits and the measure of memory are Linux's")
def test_any_bytes_give_a_picture_or_an_error():
    tallies = fuzz(INPUTS, processes=2)
    assert sum(tally.counts.total() for tally in tallies.values()) >= INPUTS
    for kind, tally in tallies.items():  # the mutations are neither harmless nor hopeless
        assert min(tally.counts["picture"], tally.counts["error"]) > tally.counts.total() / 50, kind
    assert broken(tallies) == [], table(tallies)
