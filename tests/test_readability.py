"""README and the pages for health workers are short and plain."""

import json

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


REFERENCE = [
    name for name in readability.pages() if not name.startswith(("docs/decisions/", "docs/experiments/"))
]


@pytest.mark.parametrize("name", REFERENCE)
def test_no_sentence_of_a_reference_page_is_longer_than_30_words(name):
    text = readability.prose((readability.ROOT / name).read_text("utf-8"))
    assert [it for it in readability.sentences(text) if len(it.split()) > 30] == []


def test_no_sentence_of_the_page_is_longer_than_25_words():
    words = json.loads((readability.ROOT / "client/src/words/en.json").read_text("utf-8"))
    assert [it for said in _said(words) for it in readability.sentences(said) if len(it.split()) > 25] == []


def _said(words):
    return [words] if isinstance(words, str) else [it for part in words.values() for it in _said(part)]


def test_sentences_are_those_that_a_person_reads():
    page = "# Title\n\nOne [two](three.md).\n\n```console\nfour\n```\n\n| five |\n\n- six `seven`\n- eight!\n"
    assert readability.sentences(readability.prose(page)) == ["One two.", "six seven.", "eight!"]
