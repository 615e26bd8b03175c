import csv
import json

import pytest

from dermdistill.inference.batch.files import Row
from dermdistill.inference.batch.tables import write_table

CODES = ("mel", "nv")


@pytest.mark.parametrize(
    "name",
    [
        "=cmd|' /C calc'!A0.jpg",
        "+1.jpg",
        "-2+3.jpg",
        "@SUM(A1).jpg",
        "\tx.jpg",
        "\n=1.jpg",
        " =1.jpg",
        "\u00a0+1.jpg",
        "\uff1d1+1.jpg",
        "\uff20SUM(A1).jpg",
    ],
)
def test_no_cell_of_a_table_is_a_formula(tmp_path, name):
    row = Row(tmp_path / "x", None, f"{name} cannot be read").cells(CODES) | {"path": name, "image_id": name}
    write_table(tmp_path / "out.csv", [row], CODES, suffix=".csv")
    with (tmp_path / "out.csv").open(newline="", encoding="utf-8") as file:
        (read,) = csv.DictReader(file)
    assert read["path"] == read["image_id"] == f"'{name}"
    assert read["error"][0] in "'\\"
    write_table(tmp_path / "out.jsonl", [row], CODES, suffix=".jsonl")
    assert json.loads((tmp_path / "out.jsonl").read_text())["path"] == name, "no spreadsheet opens it"


def test_numbers_stay_numbers(tmp_path):
    row = Row(tmp_path / "x", None, None).cells(CODES) | {"path": "a.jpg", "p_mel": -0.5}
    write_table(tmp_path / "out.csv", [row], CODES, suffix=".csv")
    assert ",-0.5," in (tmp_path / "out.csv").read_text()
