import json

import numpy as np
import pandas as pd
import pytest
from matplotlib.collections import PathCollection
from matplotlib.figure import Figure

from dermdistill.errors import DataError
from dermdistill.evaluate.compare.experiments import COLUMNS
from dermdistill.evaluate.compare.frontier import draw_frontier, find_bundle, frontier_frame, read_latency


def spec(sha256, size):
    return {"model_file": "m.tflite", "files": {"m.tflite": {"sha256": sha256, "bytes": size}}}


def table_of(**values):
    rows = [
        (name, 1, decision, "balanced_accuracy", value, value - 0.05, value + 0.05, *[np.nan] * 4, "")
        for name, value in values.items()
        for decision in ("argmax_p", "argmax_p_over_prior")
    ]
    table = pd.DataFrame(rows, columns=COLUMNS)
    table.loc[table["decision"] == "argmax_p", "value"] = 0.1
    return table


@pytest.fixture
def frame():
    bundles = {"large": spec("aa", 5_500_000), "small": spec("bb", 1_250_000)}
    return frontier_frame(table_of(large=0.8, small=0.7, teacher=0.9), bundles, {"aa": 12.5})


def test_each_experiment_with_a_file_has_a_row_smallest_first(frame):
    assert frame["experiment"].tolist() == ["small", "large"]
    assert frame["megabytes"].tolist() == [1.25, 5.5]
    assert frame["balanced_accuracy"].tolist() == [0.7, 0.8]
    assert np.isnan(frame["milliseconds"][0])
    assert frame["milliseconds"][1] == 12.5


def test_the_drawing_says_what_the_table_says(frame):
    axes = Figure().add_subplot()
    draw_frontier(frame, axes)
    places = [tuple(dots.get_offsets()[0]) for dots in axes.collections if isinstance(dots, PathCollection)]
    assert places == [(1.25, 0.7), (5.5, 0.8)]
    assert [text.get_text() for text in axes.get_legend().get_texts()] == [
        "small, time not measured",
        "large, 12.5 ms",
    ]


def test_many_students_are_told_apart_and_none_lies_under_the_legend():
    sizes = np.arange(1.0, 13.0)
    columns = {
        "balanced_accuracy": 0.7 - sizes / 50,
        "low": 0.65 - sizes / 50,
        "high": 0.75,
        "megabytes": sizes,
    }
    frame = pd.DataFrame(columns).assign(experiment=[f"student_{size}" for size in sizes], milliseconds=5.0)
    figure = Figure()
    axes = figure.add_subplot()
    draw_frontier(frame, axes)
    figure.draw_without_rendering()
    dots = [each for each in axes.collections if isinstance(each, PathCollection)]
    looks = {(tuple(each.get_facecolor()[0]), each.get_paths()[0].vertices.tobytes()) for each in dots}
    assert len(looks) == len(frame)
    lowest = axes.transData.transform((0, frame["low"].min()))[1]
    assert axes.get_legend().get_window_extent().ymax < lowest


def test_a_fast_student_lies_on_a_slow_one_of_the_same_size(frame):
    axes = Figure().add_subplot()
    draw_frontier(frame.assign(milliseconds=[4.0, 16.0]), axes)
    fast, slow = (dots for dots in axes.collections if isinstance(dots, PathCollection))
    lines = [line.get_zorder() for line in axes.get_lines()]
    assert fast.get_sizes() < slow.get_sizes()
    assert fast.get_zorder() > slow.get_zorder() > max(lines)


def write(path, content):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content))


def test_a_bundle_is_found_in_the_folder_or_by_the_file_that_was_measured(tmp_path):
    write(tmp_path / "a/bundle/bundle.json", spec("aa", 1))
    assert find_bundle(tmp_path / "a") == spec("aa", 1)
    write(tmp_path / "b/report.json", {"source": {"model_sha256": "bb"}})
    write(tmp_path / "x/bundle.json", spec("xx", 1))
    write(tmp_path / "y/bundle.json", spec("bb", 2))
    assert find_bundle(tmp_path / "b", [tmp_path / "x", tmp_path / "y"]) == spec("bb", 2)
    assert find_bundle(tmp_path / "b", [tmp_path / "x"]) is None
    assert find_bundle(tmp_path / "c", [tmp_path / "x"]) is None
    for damaged in ("{", "{}", "[]", '{"files": {}, "model_file": "model.tflite"}'):
        (tmp_path / "a/bundle/bundle.json").write_text(damaged)
        with pytest.raises(DataError, match=r"bundle\.json"):
            find_bundle(tmp_path / "a")
    write(tmp_path / "b/report.json", {})
    assert find_bundle(tmp_path / "b", [tmp_path / "x"]) is None


def test_times_are_read_by_the_file_they_were_measured_on(tmp_path):
    path = tmp_path / "latency.csv"
    path.write_text("bundle,model_sha256,milliseconds\nmobilenet,aa,3.7\n")
    assert read_latency(path) == {"aa": 3.7}
    path.write_text("bundle,ms\nmobilenet,3\n")
    with pytest.raises(DataError, match="latency"):
        read_latency(path)
    path.write_text("bundle,model_sha256,milliseconds\nmobilenet,aa,fast\n")
    with pytest.raises(DataError, match="latency"):
        read_latency(path)
