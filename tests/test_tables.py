"""Tables as they come: encodings, separators, spaces, commas at the ends of lines, words for missing."""

import subprocess
import sys

import pandas as pd
import pytest

from dermdistill.data.sources.columns import read_rows
from dermdistill.errors import DataError
from dermdistill.tables import known, read_table


def cells(path, **settings):
    table = read_table(path, **settings)
    return [list(table.columns), *table.to_numpy().tolist()]


PLAIN = "image_id,site\na,Rücken\nb,\n"
EXPECTED = [["image_id", "site"], ["a", "Rücken"], ["b", ""]]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252", "latin-1"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_every_usual_encoding_and_separator_gives_the_same_table(tmp_path, encoding, separator, end):
    path = tmp_path / "t.csv"
    path.write_bytes(PLAIN.replace(",", separator).replace("\n", end).encode(encoding))
    assert cells(path) == EXPECTED


@pytest.mark.parametrize(
    "text",
    [
        "image_id,site\na,Rücken,\nb,,\n",  # commas after the last cell
        "image_id,site,\na,Rücken,\nb,,\n",  # and after the header
        " image_id , site\n a ,Rücken \nb,\n",
        '"image_id","site"\n"a","Rücken"\n\n"b",""\n,\n',  # quotes, empty lines
        "image_id,site\na,Rücken\nb\n",  # a short line
        '"image_id", "site"\n"a", "Rücken"\n"b", ""\n',  # a space before a quote
        "image_id|site\na|Rücken\nb|\n",
        "sep=;\nimage_id;site\na;Rücken\nb;\n",  # Excel's own first line
    ],
)
def test_spaces_and_commas_too_many_change_nothing(tmp_path, text):
    path = tmp_path / "t.csv"
    path.write_text(text, encoding="utf-8")
    assert cells(path) == EXPECTED


def test_a_table_is_read_alike_in_a_locale_without_utf_8(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text(PLAIN, encoding="utf-8")
    code = (
        "import sys; from pathlib import Path; from dermdistill.tables import read_table\n"
        "print(ascii(read_table(Path(sys.argv[1])).to_numpy().tolist()))"
    )
    done = subprocess.run(
        [sys.executable, "-X", "utf8=0", "-c", code, str(path)],
        env={"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONPATH": ":".join(sys.path)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == ascii(EXPECTED[1:])


def test_a_cell_too_many_is_refused_with_its_line(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text("image_id,site\na,back\nb,arm, left\n")
    with pytest.raises(DataError, match=r"has 3 cells in line 3 and 2 columns; put quotes"):
        read_table(path)


@pytest.mark.parametrize(
    ("data", "said"),
    [(b"", "is empty"), (b"\x89PNG\0\0", "zero bytes"), (b"a,b,a\n", "two columns called 'a'")],
)
def test_what_is_no_table_is_refused(tmp_path, data, said):
    (tmp_path / "t.csv").write_bytes(data)
    with pytest.raises(DataError, match=said):
        read_table(tmp_path / "t.csv")


def test_without_a_header_columns_are_numbered(tmp_path):
    (tmp_path / "t.csv").write_text("a,nv\nb,mel,\n")
    assert cells(tmp_path / "t.csv", header=False) == [["1", "2"], ["a", "nv"], ["b", "mel"]]


MISSING = [
    "",
    "NA",
    "nan",
    "None",
    "N/A",
    "-",
    "?",
    "unknown",
    "Unknown",
    "NULL",
    "n.a.",
    "#N/A",
    "<NA>",
    "--",
]
MISSING += [
    "\u2014",
    ".",
    "UNK",
    "(unknown)",
    "missing",
    "Not available",
    "not specified",
    "k.A.",
    "keine Angabe",
]


@pytest.mark.parametrize("word", MISSING)
def test_a_word_for_missing_is_missing_in_every_column(word, tmp_path):
    assert known(pd.Series([word, "x"])).tolist() == ["", "x"]
    columns = ["image_id", "lesion_id", "patient_id", "dx", "age", "sex", "site", "dx_type", "licence"]
    table = pd.DataFrame([["a", *[word] * 8]], columns=columns)
    assert set(read_rows(table, tmp_path).iloc[0, 1:]) == {""}


def test_columns_are_known_by_usual_names_in_any_spelling(tmp_path):
    table = pd.DataFrame(
        [["I.jpg", "P", "NV", "40", "III", "CC-BY"]],
        columns=["Image Name", "Patient-ID", "DX", "Age_Approx", "fitspatrick", "copyright_license"],
    )
    row = read_rows(table, tmp_path).iloc[0]
    assert row[["image_id", "patient_id", "diagnosis", "age", "skin_tone", "licence"]].tolist() == (
        ["I", "P", "nv", "40", "fitzpatrick III", "CC-BY"]
    )
    numbered = read_rows(table, tmp_path, {"site": "3"}).iloc[0]
    assert numbered["site"] == "NV"
    with pytest.raises(DataError, match="has no column '7'"):
        read_rows(table, tmp_path, {"site": "7"})


def test_what_stands_between_the_words_of_a_column_does_not_matter(tmp_path):
    table = pd.DataFrame(
        [["I", "L", "P", "nv"]], columns=["image.id", "LesionId", "patient id", "Diagnosis "]
    )
    row = read_rows(table, tmp_path).iloc[0]
    assert row[["image_id", "lesion_id", "patient_id", "diagnosis"]].tolist() == ["I", "L", "P", "nv"]


@pytest.mark.parametrize("word", ["0", "1", "no", "nevus", "none of these", "L-1", "unknown primary"])
def test_a_word_that_says_something_is_not_missing(word):
    assert known(pd.Series([word])).tolist() == [word]


def test_levels_of_a_diagnosis_are_kept_from_the_general_to_the_special(tmp_path):
    table = pd.DataFrame(
        [["a", "Benign", "Benign melanocytic", "Nevus", "", ""], ["b", "Malignant", "NA", "", "", ""]],
        columns=["isic_id", *(f"diagnosis_{level}" for level in range(1, 6))],
    )
    assert read_rows(table, tmp_path)["diagnosis"].tolist() == [
        "benign > benign melanocytic > nevus",
        "malignant",
    ]


def test_a_column_named_for_one_thing_is_not_taken_for_another(tmp_path):
    table = pd.DataFrame([["I.jpg", "L", "nv"]], columns=["picture", "lesion", "finding"])
    named = {"image_id": "picture", "lesion_id": "lesion", "diagnosis": "finding"}
    row = read_rows(table, tmp_path, named).iloc[0]
    assert row[["image_id", "lesion_id", "diagnosis", "picture"]].tolist() == ["I", "L", "nv", ""]
