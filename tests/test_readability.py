"""README and the pages for health workers are short and plain."""

import pytest

import readability

PLAIN = ["README.md", "docs/use/index.md", "docs/use/answer.md", "docs/use/cases.md", "docs/patients.md"]


def test_the_readme_has_at_most_700_words():
    assert len((readability.ROOT / "README.md").read_text("utf-8").split()) <= 700


@pytest.mark.parametrize("name", PLAIN)
def test_no_sentence_is_longer_than_25_words(name):
    text = readability.prose((readability.ROOT / name).read_text("utf-8"))
    found = readability.sentences(text)
    assert len(found) > 10
    assert [it for it in found if len(it.split()) > readability.LONGEST] == []


def test_sentences_are_those_that_a_person_reads():
    page = "# Title\n\nOne [two](three.md).\n\n```console\nfour\n```\n\n| five |\n\n- six `seven`\n- eight!\n"
    assert readability.sentences(readability.prose(page)) == ["One two.", "six seven.", "eight!"]
