"""Tables of probabilities as people have them."""

import numpy as np
import pandas as pd
import pytest

from dermdistill.classes import load_classes
from dermdistill.errors import DataError
from dermdistill.evaluate.external.given import answer_with_given, read_given
from dermdistill.evaluate.external.rows import read_external

IDS = ["A", "B", "C"]
PROBS = np.array([[0.7, 0.2, 0.1], [0.1, 0.6, 0.3], [0.25, 0.25, 0.5]])


def _table(path, columns, probs=PROBS, ids=IDS, **more):
    frame = pd.DataFrame(probs, columns=columns).assign(image_id=ids, **more)
    frame.to_csv(path, index=False)
    return path


@pytest.mark.parametrize(
    "columns",
    [
        ["p_mel", "p_nv", "p_bkl"],
        ["MEL", "NV", "BKL"],
        ["Melanoma", "Melanocytic nevus", "seborrheic keratosis"],
        ["P_MEL", "p_nevus", "p_bkl"],
    ],
)
def test_columns_are_called_by_code_name_or_alias(tmp_path, columns):
    path = _table(tmp_path / "p.csv", columns, age=[30, 40, 50], note="x")
    classes, probs = read_given(path, load_classes("ham10000"))
    assert classes.codes == ("bkl", "mel", "nv")  # in the order of their table
    assert classes.melanoma == "mel"
    np.testing.assert_allclose(probs, PROBS[:, [2, 0, 1]])
    assert probs.index.tolist() == IDS


def test_the_preset_with_a_word_for_most_columns_is_taken(tmp_path):
    probs = np.full((3, 8), 1 / 8)
    classes, _ = read_given(
        _table(tmp_path / "p.csv", ["MEL", "NV", "BCC", "AK", "BKL", "DF", "VASC", "SCC"], probs)
    )
    assert set(classes.codes) == set(load_classes("isic2019").codes)
    two, _ = read_given(_table(tmp_path / "q.csv", ["melanoma", "other"], np.full((3, 2), 0.5)))
    assert two.codes == ("mel", "not_mel")


def test_usual_files_are_read(tmp_path):
    rows = "image;p_mel;p_nv\nA.jpg;0.3333;0.6667\nB.jpg;0.1111;0.8890\n"
    (tmp_path / "p.csv").write_text(rows, "utf-8-sig")
    _, probs = read_given(tmp_path / "p.csv")
    assert probs.index.tolist() == ["A", "B"]
    np.testing.assert_allclose(probs.sum(axis=1), 1, rtol=1e-12)


@pytest.mark.parametrize(
    ("columns", "probs", "ids", "message"),
    [
        (["p_mel", "p_nv", "p_bkl"], PROBS, ["A", "A", "B"], r"1 rows repeat an image_id .first: A."),
        (
            ["p_mel", "p_nv", "p_bkl"],
            PROBS * 2,
            IDS,
            "2 rows have a probability that is not a number from 0 to 1",
        ),
        (["p_mel", "p_nv", "p_bkl"], PROBS * 0.9, IDS, "3 rows do not sum to 1"),
        (["p_mel", "p_nv", "p_martian"], PROBS, IDS, "of p_martian, which ham10000 has no class for"),
        (["mel", "nv", "martian"], PROBS, IDS, "3 rows do not sum to 1 .*martian were taken for no class"),
        (["x", "y", "z"], PROBS, IDS, "has no column for each class"),
    ],
)
def test_what_is_wrong_is_said(tmp_path, columns, probs, ids, message):
    with pytest.raises(DataError, match=message):
        read_given(_table(tmp_path / "p.csv", columns, probs, ids))


def test_a_table_without_images_is_refused(tmp_path):
    (tmp_path / "p.csv").write_text("p_mel,p_nv\n.5,.5\n")
    with pytest.raises(DataError, match="has no column image_id"):
        read_given(tmp_path / "p.csv")


def test_answers_are_joined_by_image_and_the_highest_probability_decides(source_dir, tmp_path):
    external = read_external(source_dir)
    ids = external.rows["image_id"].tolist()[::-1][:90]
    probs = np.random.default_rng(0).dirichlet(np.ones(7), 90)
    codes = load_classes("ham10000").codes
    path = _table(tmp_path / "other.csv", [f"p_{code}" for code in codes], probs, ids)
    answers = answer_with_given("other", read_given(path), external)
    assert len(answers.frame) == 90
    assert answers.warnings == ("clinic: other has no row for 6 images; they are left out.",)
    row = answers.frame.iloc[10]
    place = ids.index(row["image_id"])
    assert row["decided"] == codes[probs[place].argmax()]
    assert row["p_mel"] == pytest.approx(probs[place][codes.index("mel")])
    assert answers.thresholds is None
    assert "told" not in answers.frame
    assert set(answers.unknown()["diagnosis"]) == {"scc"}
    assert len(answers.known()) + len(answers.unknown()) == 90
    with pytest.raises(DataError, match="has no row of an image of clinic"):
        answer_with_given(
            "other", read_given(_table(tmp_path / "n.csv", ["p_mel", "p_nv", "p_bkl"])), external
        )
