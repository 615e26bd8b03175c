"""Texts of the page: none left over, and English says what Python says.

`client/tests/words` compares the languages.
"""

import json
import re
from pathlib import Path

from dermdistill.classes import PRESETS, load_classes
from dermdistill.inference.quality.check import MESSAGES

CLIENT = Path(__file__).parents[2] / "client"
WORDS = {path.stem: json.loads(path.read_text("utf-8")) for path in (CLIENT / "src/words").glob("*.json")}
SCRIPTS = {path: path.read_text("utf-8") for path in CLIENT.glob("src/**/*.ts")}
PAGE = (CLIENT / "index.html").read_text("utf-8")


def test_translations_are_translated():
    same = {key for key, text in WORDS["es"].items() if text == WORDS["en"][key]}
    names = {"page.title", "class.df.name", "class.mel.name"}
    assert same <= names


def test_every_text_that_is_asked_for_is_there_and_none_is_left_over():
    asked = set(re.findall(r'data-t(?:-label)?="([\w.]+)"', PAGE))
    for script in SCRIPTS.values():
        asked |= set(re.findall(r'"((?:[a-z_]+\.)+[a-z_]+)"', script))
    there = WORDS["en"].keys()
    made = {
        start for script in SCRIPTS.values() for start in re.findall(r"`((?:[a-z_]+\.)+[a-z_]*)\$\{", script)
    }
    assert {key for key in asked if key.split(".")[0] in {k.split(".")[0] for k in there}} <= there
    assert {key for key in there - asked if not key.startswith(tuple(made))} == set()


def test_every_language_can_be_chosen():
    assert set(re.findall(r'<option value="(\w+)"', PAGE)) == set(WORDS)


def test_english_says_what_python_says():
    english = WORDS["en"]
    for table in map(load_classes, PRESETS):
        for entry in table.classes:
            assert english[f"class.{entry.key}.name"] == entry.name
            assert english[f"class.{entry.key}.plain"] == entry.plain
            assert english[f"class.{entry.key}.many"]
    assert {code: english[f"quality.{code}"] for code in MESSAGES} == MESSAGES


def test_the_notice_that_stands_in_the_page_without_scripts_is_the_same():
    for key, text in re.findall(r'data-t="([\w.]+)">([^<]+)<', PAGE):
        assert text.strip() == WORDS["en"][key]
