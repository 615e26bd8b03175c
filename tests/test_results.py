"""The documents' figures are those of results/: nothing is stale, nothing stands there by hand."""

import json
import re

import numpy as np
import pandas as pd
import pytest

import figures
import tables
from dermdistill.evaluate.board.table import FIGURES
from dermdistill.evaluate.board.text import markdown

NOT_GENERATED = re.compile(r"<!-- not generated: [^\n]*(dated trainings|measured on the machine)[^\n]* -->\n")
# A table may hold figures that no command of ours makes only where the page says when and how they were made.
DIARIES = (
    "docs/decisions/",
    "docs/endurance.md",
    "docs/experiments/",
    "docs/integrations.md",
    "docs/scale.md",
    "benchmarks/README.md",
)
# A cell that begins with a figure.
FIGURE = re.compile(r"\|[ *+\u2212-]*\d*\.\d")
FILES = figures.predictions_files()
MEASURED = tables._figures()


def named(path):
    return path.relative_to(tables.ROOT).as_posix()


@pytest.mark.parametrize("path", tables.DOCUMENTS, ids=named)
def test_no_table_is_stale(path):
    text = path.read_text("utf-8")
    assert tables.written(text) == text, "run `make results`"


@pytest.mark.parametrize("path", tables.DOCUMENTS, ids=named)
def test_a_table_of_figures_is_generated_or_says_that_it_is_not(path):
    text = tables.MARKED.sub("", path.read_text("utf-8"))
    if named(path).startswith(DIARIES):
        text = re.sub(NOT_GENERATED.pattern + r"(\|[^\n]*\n)+", "", text)
    for table in re.findall(r"(?:^\|[^\n]*\n)+", text, flags=re.MULTILINE):
        cells = re.sub(r"`[^`]*`|\]\([^)]*\)", "", table)
        assert not FIGURE.search(cells), f"{named(path)} has a table of figures outside marks: {table[:200]}"


def test_a_stale_table_and_one_outside_marks_are_seen():
    fresh = f"<!-- table: card_figures -->\n{tables.card_figures()}<!-- /table -->\n"
    assert tables.written(fresh) == fresh
    assert tables.written(fresh.replace("0.8", "0.9")) == fresh
    assert FIGURE.search("| accuracy | .85 |")
    assert not FIGURE.search("| images | 1,352 |")


def test_every_result_is_measured_as_its_predictions_are_now():
    assert set(MEASURED) == set(FILES), "run `make results`"
    for name, path in FILES.items():
        assert MEASURED[name]["sha256"] == figures.rows_sha256(path), f"{name}: run `make results`"


@pytest.mark.parametrize(
    "name", ["shipped/mobilenet_v2", "teachers/resnet50v2", "ablations/mobilenet_v2_patient"]
)
def test_the_values_are_those_of_the_predictions(name):
    stored = figures.flat(MEASURED[name])
    for figure, value in figures.point_values(FILES[name]).items():
        assert stored[figure] == pytest.approx(value, abs=2e-6), figure


def test_the_shipped_figures_are_those_of_the_bundle():
    values = tables._bundle()["metrics"]["values"]
    calibrated = MEASURED["shipped/mobilenet_v2"]["calibrated"]
    for name in (*tables.DECISION, *tables.PROBABILITY):
        told = [values[name][it] for it in ("value", "low", "high")]
        assert calibrated[name] == pytest.approx(told, abs=1e-6)


def test_every_folder_of_results_stands_in_the_index_and_is_small():
    index = (tables.RESULTS / "README.md").read_text("utf-8")
    for room in ("shipped", "teachers", "ablations"):
        for folder in (tables.RESULTS / room).iterdir():
            if folder.is_dir():
                assert f"({room}/{folder.name})" in index
    files = [path for path in tables.RESULTS.rglob("*") if path.is_file() and "__pycache__" not in path.parts]
    assert sum(path.stat().st_size for path in files) < 15e6
    assert all("shipped" in path.parts for path in files if path.suffix == ".png")


def test_the_board_is_of_the_shipped_bundle_and_as_it_is_written_now():
    folder = tables.RESULTS / "shipped"
    content = json.loads((folder / "board.json").read_text("utf-8"))
    bundle = tables._bundle()
    assert content["made_of"]["models"] == [f"{bundle['name']} {bundle['version']}"]
    board = pd.read_csv(folder / "board.csv", dtype={"slice": str}, keep_default_na=False)
    assert set(board["figure"]) == set(FIGURES)
    numbers = board[["value", "low", "high"]].apply(pd.to_numeric)
    board = board.assign(**numbers)
    told = board[board["why_not"] == ""]
    assert ((told["low"] <= told["value"]) & (told["value"] <= told["high"])).all()
    shares = told[told["figure"].str.contains("sensitivity|specificity|reassurance|refused")]
    assert (shares["low"] < shares["high"]).all(), "a share of 0 or 1 has an exact interval"
    text = markdown(
        board,
        pd.DataFrame(content["unknown_kinds"]),
        pd.DataFrame(content["official"]),
        command=content["command"],
        resamples=content["resamples"],
        warnings=content["warnings"],
    )
    # The csv is rounded, so a figure may differ in its last digit.
    written = (folder / "board.md").read_text("utf-8")
    assert re.sub(r"\d\b", "", text) == re.sub(r"\d\b", "", written), "run the command in board.md"


def test_the_weights_that_ship_are_of_the_student_and_say_what_they_have_seen():
    path = tables.RESULTS / "shipped/mobilenet_v2.float16.weights.npz"
    with np.load(path) as stored:
        assert str(stored["architecture"]) == "mobilenet_v2"
        assert "four_sources_labels" in str(stored["about"])
        seen = set(map(str, stored["training_images"]))
    splits = pd.read_csv(tables.RESULTS / "splits.csv").set_index("image_id")["split"]
    of_ham10000 = splits.index.isin(seen)
    assert set(splits[of_ham10000]) == {"train"}
    assert sum(of_ham10000) == sum(splits == "train")
