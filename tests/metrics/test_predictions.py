from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from dermdistill.classes import load_classes
from dermdistill.errors import DataError
from dermdistill.metrics.predictions import (
    KEYS,
    codes_of,
    find_classes,
    groups_of,
    labels_of,
    predictions_in,
    prob_columns,
    probs_of,
    read_predictions,
    rounding_tolerance,
    write_classes,
    write_predictions,
)
from ham10000 import CLASSES, TABLE


def test_a_written_file_is_read_back(make_predictions, tmp_path):
    frame = make_predictions(50, splits=("val", "test"))
    write_predictions(frame, tmp_path / "predictions.csv")
    back = read_predictions(tmp_path / "predictions.csv")
    assert list(back.columns) == [*KEYS, *prob_columns(CLASSES)]
    pd.testing.assert_frame_equal(back, frame, rtol=1e-8)
    assert [path.name for path in tmp_path.iterdir()] == ["predictions.csv"]


def test_one_split_is_selected(make_predictions, tmp_path):
    write_predictions(make_predictions(50, splits=("val", "test")), tmp_path / "p.csv")
    assert set(read_predictions(tmp_path / "p.csv", split="val")["split"]) == {"val"}
    with pytest.raises(DataError, match="no rows of split 'train'; it holds test, val"):
        read_predictions(tmp_path / "p.csv", split="train")


def test_classes_are_in_the_order_of_the_columns(make_predictions):
    frame = make_predictions(20)
    frame.loc[0, prob_columns(CLASSES)] = [0, 0, 0, 0, 1.0, 0, 0]
    frame.loc[0, "diagnosis"] = "mel"
    assert labels_of(frame)[0] == 4
    assert probs_of(frame)[0].argmax() == 4


def test_columns_in_another_order_are_understood(make_predictions, tmp_path):
    frame = make_predictions(20)
    frame[list(frame.columns[::-1])].to_csv(tmp_path / "p.csv", index=False)
    back = read_predictions(tmp_path / "p.csv")
    assert codes_of(back) == CLASSES[::-1]
    np.testing.assert_allclose(probs_of(back)[:, ::-1], probs_of(frame))
    assert (labels_of(back) == 6 - labels_of(frame)).all()


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda f: f.assign(p_mel=np.nan), "20 rows have a probability that is not a finite number"),
        (lambda f: f.assign(p_mel=f["p_mel"] + 0.01), "20 rows do not sum to 1"),
        (lambda f: f.assign(p_mel=f["p_mel"] - 2, p_nv=f["p_nv"] + 2), "20 rows have a negative"),
        (lambda f: f.assign(image_id="IMG_1"), "19 rows repeat an image_id .first: row 2, IMG_1."),
        (lambda f: f.assign(diagnosis="melanoma"), "20 rows have a diagnosis without a column of its own"),
        (lambda f: f.assign(split=""), "20 rows have no image_id, lesion_id or split"),
        (
            lambda f: f.assign(lesion_id="L", split=["val", "test"] * 10),
            "20 rows show a lesion that is in more than one split",
        ),
        (lambda f: f.drop(columns=["split"]), "lacks the columns split"),
        (lambda f: f.drop(columns=list(f.columns[5:])), "lacks the columns p_<code>"),
        (lambda f: f.rename(columns={"p_nv": "p_scc"}), "rows have a diagnosis without a column of its own"),
        (lambda f: f.iloc[:0], "has no rows"),
    ],
)
def test_every_broken_rule_is_refused(make_predictions, tmp_path, damage, message):
    damage(make_predictions(20)).to_csv(tmp_path / "p.csv", index=False)
    with pytest.raises(DataError, match=message):
        read_predictions(tmp_path / "p.csv")
    with pytest.raises(DataError, match=message):
        write_predictions(damage(make_predictions(20)), tmp_path / "never.csv")
    assert not (tmp_path / "never.csv").exists()


def test_all_problems_come_in_one_message(make_predictions, tmp_path):
    frame = make_predictions(20)
    frame.loc[3, "p_nv"] = np.inf
    frame.loc[5, "diagnosis"] = "?"
    with pytest.raises(DataError) as caught:
        write_predictions(frame, tmp_path / "p.csv")
    assert "1 rows have a probability that is not a finite number (first: row 4, IMG_00003)" in str(
        caught.value
    )
    assert "1 rows have a diagnosis without a column of its own (first: row 6, IMG_00005)" in str(
        caught.value
    )


@pytest.mark.parametrize("content", [b"", b"\xff\xfe\x00\x01", b'"unclosed\n1,2'])
def test_what_is_no_table_is_refused_plainly(tmp_path, content):
    (tmp_path / "p.csv").write_bytes(content)
    with pytest.raises(DataError):
        read_predictions(tmp_path / "p.csv")


@pytest.mark.parametrize("ending", ["csv", "csv.xz", "csv.gz"])
def test_predictions_may_be_compressed(make_predictions, tmp_path, ending):
    path = tmp_path / f"predictions.{ending}"
    make_predictions(20).to_csv(path, index=False)
    assert predictions_in(tmp_path) == path
    pd.testing.assert_frame_equal(read_predictions(path), make_predictions(20), check_dtype=False)
    if ending != "csv":
        path.write_bytes(path.read_bytes()[:-20])
        with pytest.raises(DataError, match=r"not a csv table|cannot be read"):
            read_predictions(path)
        path.write_bytes(b"not compressed at all")
        with pytest.raises(DataError, match=r"not a csv table|cannot be read"):
            read_predictions(path)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(DataError, match=r"nowhere\.csv cannot be read"):
        read_predictions(Path(tmp_path / "nowhere.csv"))


def test_the_class_table_lies_beside_or_is_the_preset_of_these_codes(tmp_path):
    path = tmp_path / "predictions.csv"
    assert find_classes(path, CLASSES[::-1]) is TABLE
    two = load_classes("milk10k").keep(["mel", "sccka"])
    with pytest.raises(DataError, match="the classes mel, sccka, and nothing says what they are"):
        find_classes(path, two.codes)
    write_classes(path, two)
    assert find_classes(path, two.codes) == find_classes(tmp_path / "predictions.csv.xz", two.codes) == two
    with pytest.raises(DataError, match="nothing says"):
        find_classes(path, ["mel", "nv"])


@pytest.mark.parametrize("decimals", [2, 3, 4, 6])
def test_rounded_probabilities_are_brought_to_sum_one(make_predictions, tmp_path, decimals):
    frame = make_predictions(200, seed=1)
    columns = prob_columns(CLASSES)
    exact = frame[columns].to_numpy()
    frame[columns] = exact.round(decimals)
    frame.to_csv(tmp_path / "p.csv", index=False, float_format=f"%.{decimals}f")
    back = read_predictions(tmp_path / "p.csv")
    assert np.abs(frame[columns].sum(axis=1) - 1).max() > 0.5 * 10**-decimals  # else it would show nothing
    np.testing.assert_allclose(probs_of(back).sum(axis=1), 1)
    np.testing.assert_allclose(probs_of(back), exact, atol=5 * 10**-decimals)


def test_the_tolerance_is_what_rounding_can_do():
    thirds = np.full((1, 3), 1 / 3).round(4)
    assert 1 - thirds.sum() == pytest.approx(1e-4)
    assert rounding_tolerance(thirds) == pytest.approx(3 * 0.5e-4)
    assert rounding_tolerance(np.array([[0.123456789, 0.876543211]])) == pytest.approx(1e-4)
    assert rounding_tolerance(np.array([[1.0, 0.0]])) == pytest.approx(0.01)


def test_four_decimals_are_no_licence_for_more(make_predictions, tmp_path):
    frame = make_predictions(50)
    columns = prob_columns(CLASSES)
    frame[columns] = frame[columns].round(4)
    frame.loc[3, "p_nv"] += 0.0008
    frame.to_csv(tmp_path / "p.csv", index=False)
    with pytest.raises(DataError, match=r"1 rows do not sum to 1 .first: row 4"):
        read_predictions(tmp_path / "p.csv")


def test_patients_are_kept_and_an_unknown_one_is_the_lesion(make_predictions, tmp_path):
    frame = make_predictions(4).assign(group_id=["P1", "P1", "", "P2"])
    frame.to_csv(tmp_path / "p.csv", index=False)
    back = read_predictions(tmp_path / "p.csv")
    assert groups_of(back).tolist() == ["P1", "P1", frame["lesion_id"][2], "P2"]
    assert groups_of(frame.drop(columns="group_id")).tolist() == frame["lesion_id"].tolist()


ROWS = ["image_id,lesion_id,diagnosis,split,p_mel,p_nv", "a,L1,mel,val,0.7,0.3", "b,L2,nv,test,0.25,0.75"]


@pytest.mark.parametrize(
    "text",
    [
        "\n".join([ROWS[0], *(f"{row}," for row in ROWS[1:])]),  # commas after the last cell shift nothing
        "\n".join([ROWS[0].replace(",", " , "), *ROWS[1:]]),
        "\n".join(ROWS).replace(",", ";").replace(".", ","),  # as a German spreadsheet has it
        "\ufeff" + "\r\n".join(ROWS),
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_a_table_that_went_through_a_spreadsheet_is_read(text, encoding, tmp_path):
    (tmp_path / "p.csv").write_text(text, encoding=encoding)
    frame = read_predictions(tmp_path / "p.csv")
    assert frame[["image_id", "lesion_id", "diagnosis"]].to_numpy().tolist() == [
        ["a", "L1", "mel"],
        ["b", "L2", "nv"],
    ]
    assert probs_of(frame).tolist() == [[0.7, 0.3], [0.25, 0.75]]


@pytest.mark.parametrize("word", ["", "NA", "nan", "None", "-", "?", "unknown"])
def test_an_unknown_lesion_is_a_lesion_of_its_own(word, tmp_path):
    """Also where one is in val and another in test: they are not one lesion in two splits."""
    lines = [line.replace("L1", word).replace("L2", word) for line in ROWS]
    (tmp_path / "p.csv").write_text("\n".join(lines))
    assert groups_of(read_predictions(tmp_path / "p.csv")).tolist() == ["a", "b"]
