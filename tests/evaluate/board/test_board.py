"""The board's figures against scikit-learn and plain loops, on frames made by hand."""

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure
from sklearn.metrics import balanced_accuracy_score, recall_score, roc_auc_score

from dermdistill.evaluate.board.draw import draw_board
from dermdistill.evaluate.board.slices import slices_of
from dermdistill.evaluate.board.table import FIGURES, board_frame, figures_of, unknown_kinds
from dermdistill.evaluate.board.text import markdown, readable
from dermdistill.evaluate.board.write import write_board
from dermdistill.evaluate.external.answers import Answers
from dermdistill.inference.assessment import Thresholds
from dermdistill.metrics.predictions import prob_columns
from ham10000 import CLASSES, TABLE

LEVELS = ["see_doctor", "cannot_judge", "unclear", "no_sign"]


def make_answers(n=240, seed=0, *, bundle=True, model="student 1.0.0"):
    """Answers about `n` images, two a patient, every eighth of a cancer that the model does not know."""
    rng = np.random.default_rng(seed)
    diagnosis = np.array([*CLASSES, "scc"])[rng.integers(0, 8, n)]
    probs = rng.dirichlet(np.ones(7), n)
    known = diagnosis != "scc"
    probs[known] += 0.6 * (np.array(CLASSES) == diagnosis[known, None])
    probs /= probs.sum(axis=1, keepdims=True)
    frame = pd.DataFrame(
        {
            "image_id": [f"I{i}" for i in range(n)],
            "source": "clinic",
            "lesion_id": [f"L{i}" for i in range(n)],
            "group_id": [f"P{i // 2}" for i in range(n)],
            "diagnosis": diagnosis,
            "kind": np.where(known, diagnosis, ""),
            "malignant": np.isin(diagnosis, ["akiec", "bcc", "mel", "scc"]),
            "melanoma": diagnosis == "mel",
            "picture": np.where(np.arange(n) % 2, "dermoscopic", "clinical"),
            "skin_tone": "",
            "age": np.where(np.arange(n) < 40, 30.0, np.where(np.arange(n) < 230, 60.0, np.nan)),
            "sex": "female",
            "decided": np.array(CLASSES)[probs.argmax(axis=1)],
        }
    )
    frame = pd.concat([frame, pd.DataFrame(probs, columns=prob_columns(CLASSES))], axis=1)
    if not bundle:
        return Answers(model, "clinic", "test", TABLE, frame)
    frame["refused"] = rng.random(n) < 0.2
    frame["told"] = rng.choice(LEVELS, n)
    frame["seen_as"] = rng.choice(["dermoscopic", "clinical", "neither"], n)
    return Answers(model, "clinic", "test", TABLE, frame, thresholds=Thresholds(0.95, 0.3, 0.1))


def test_each_figure_is_that_of_its_definition():
    answers = make_answers()
    frame = answers.frame
    found = {name: estimate.value for name, estimate in figures_of(answers, frame, resamples=10).items()}
    known = frame[frame["kind"] != ""]
    malignant_score = frame[["p_akiec", "p_bcc", "p_mel"]].sum(axis=1)
    aucs = [roc_auc_score(known["kind"] == code, known[f"p_{code}"]) for code in CLASSES]
    cancers, referred = frame[frame["malignant"]], frame[frame["told"] == "see_doctor"]
    expected = {
        "balanced_accuracy": balanced_accuracy_score(known["kind"], known["decided"]),
        "macro_auc": np.mean(aucs),
        "melanoma_auc": roc_auc_score(frame["melanoma"], frame["p_mel"]),
        "malignant_auc": roc_auc_score(frame["malignant"], malignant_score),
        "melanoma_sensitivity": recall_score(frame["melanoma"], frame["p_mel"] >= 0.1),
        "melanoma_specificity": recall_score(~frame["melanoma"], frame["p_mel"] < 0.1),
        "malignant_sensitivity": recall_score(frame["malignant"], malignant_score >= 0.3),
        "malignant_specificity": recall_score(~frame["malignant"], malignant_score < 0.3),
        "refused": frame["refused"].mean(),
        "picture_recognised": (frame["seen_as"] == frame["picture"]).mean(),
        "false_reassurance": (cancers["told"] == "no_sign").mean(),
        "melanoma_false_reassurance": (frame.loc[frame["melanoma"], "told"] == "no_sign").mean(),
        "number_needed_to_biopsy": len(referred) / referred["malignant"].sum(),
    }
    probs = known[prob_columns(CLASSES)].to_numpy()
    confidence, right = probs.max(axis=1), np.array(CLASSES)[probs.argmax(axis=1)] == known["kind"]
    bins = np.ceil(confidence * 15)
    gaps = [abs((confidence - right)[bins == b].sum()) for b in np.unique(bins)]
    expected["ece"] = sum(gaps) / len(known)
    assert found == pytest.approx(expected)
    assert set(found) == set(FIGURES)


def test_thresholds_of_a_kind_of_picture_count_as_the_bundle_used_them():
    answers = make_answers()
    frame = answers.frame.assign(above_melanoma=False, above_malignant=True)
    frame.loc[::3, "above_melanoma"] = True
    found = figures_of(answers, frame, resamples=10)
    assert found["malignant_sensitivity"].value == 1
    assert found["malignant_specificity"].value == 0
    expected = recall_score(frame["melanoma"], frame["above_melanoma"])
    assert found["melanoma_sensitivity"].value == pytest.approx(expected)


def test_a_bundle_that_knows_no_kinds_of_pictures_is_not_judged_by_them():
    answers = make_answers()
    nothing = answers.frame.assign(seen_as=np.nan)
    assert "picture_recognised" not in figures_of(answers, nothing, resamples=10)


def test_intervals_are_of_patients_by_a_plain_loop():
    answers = make_answers(80, seed=1)
    frame = answers.frame
    got = figures_of(answers, frame, resamples=40, seed=5)["false_reassurance"]
    by_patient = [part for _, part in frame.groupby("group_id", sort=False)]
    shares = []
    for draw in np.random.default_rng(5).multinomial(40, [1 / 40] * 40, size=40):
        drawn = pd.concat([part for part, times in zip(by_patient, draw, strict=True) for _ in range(times)])
        shares.append((drawn.loc[drawn["malignant"], "told"] == "no_sign").mean())
    assert (got.low, got.high) == pytest.approx(tuple(np.percentile(shares, [2.5, 97.5])))


def test_no_melanoma_missed_of_a_few_is_no_certainty():
    answers = make_answers()
    answers.frame.loc[answers.frame["melanoma"], ["told", "p_mel"]] = ["see_doctor", 1.0]
    got = figures_of(answers, answers.frame, resamples=10)
    patients = answers.frame.loc[answers.frame["melanoma"], "group_id"].nunique()
    missed, found = got["melanoma_false_reassurance"], got["melanoma_sensitivity"]
    assert (missed.value, missed.low, missed.high) == pytest.approx((0, 0, 1 - 0.025 ** (1 / patients)))
    assert (found.value, found.low, found.high) == pytest.approx((1, 0.025 ** (1 / patients), 1))


def test_a_table_of_probabilities_has_no_thresholds_and_says_so():
    board = board_frame([make_answers(bundle=False)], resamples=10).set_index(["slice", "figure"])
    for figure in FIGURES:
        given = figure in {"balanced_accuracy", "macro_auc", "melanoma_auc", "malignant_auc", "ece"}
        assert board.loc[("all", figure), "why_not"] == ("" if given else "not given")


def test_small_parts_are_counted_only_and_a_part_that_is_all_is_not_repeated():
    board = board_frame([make_answers()], resamples=10)
    parts = board.drop_duplicates(["attribute", "slice"])[["attribute", "slice", "images", "groups"]]
    assert parts.to_numpy().tolist() == [
        ["all", "all", 240, 120],
        ["picture", "clinical", 120, 120],
        ["picture", "dermoscopic", 120, 120],
        ["age", "under 40", 40, 20],
        ["age", "40 and over", 190, 95],
        ["age", "unknown age", 10, 5],
    ]
    assert (board.loc[board["groups"] < 30, "why_not"] == "too few").all()
    assert board.loc[board["groups"] < 30, "value"].isna().all()
    frame = make_answers().frame
    young = next(chosen for _, name, chosen in slices_of(frame) if name == "under 40")
    assert (frame["age"][young] < 40).all()


def test_what_the_images_lack_is_not_defined():
    answers = make_answers()
    answers.frame[["malignant", "melanoma"]] = False
    board = board_frame([answers], resamples=10).set_index(["slice", "figure"])
    for figure in ("melanoma_auc", "malignant_sensitivity", "false_reassurance", "number_needed_to_biopsy"):
        assert board.loc[("all", figure), "why_not"] == "not defined"
    assert board.loc[("all", "malignant_specificity"), "why_not"] == ""


def test_unknown_kinds_are_shown_apart_with_what_people_are_told():
    answers = make_answers()
    (row,) = unknown_kinds([answers]).to_dict("records")
    cancers = answers.frame[answers.frame["diagnosis"] == "scc"]
    assert (row["kind"], row["malignant"], row["images"]) == ("scc", "yes", len(cancers))
    assert row["groups"] == cancers["group_id"].nunique()
    assert row["referred"] == (cancers["told"] == "see_doctor").mean()
    assert row["no_sign"] == (cancers["told"] == "no_sign").mean()
    assert np.isnan(unknown_kinds([make_answers(bundle=False)])["referred"]).all()


def test_only_unknown_kinds_leave_the_figures_about_danger():
    answers = make_answers()
    answers.frame["kind"] = ""
    board = board_frame([answers], resamples=10).set_index(["slice", "figure"])
    assert board.loc[("all", "balanced_accuracy"), "why_not"] == "not given"
    assert board.loc[("all", "malignant_auc"), "why_not"] == ""


def test_board_on_disk(tmp_path):
    both = [make_answers(), make_answers(bundle=False, model="other")]
    board, unknown = board_frame(both, resamples=10), unknown_kinds(both)
    write_board(
        tmp_path,
        board,
        unknown,
        None,
        command="dermdistill board --data clinic",
        made_of={"data": {"clinic": "0" * 64}},
        resamples=10,
        warnings=["clinic: mind the gap."],
    )
    assert {path.name for path in tmp_path.iterdir()} == {
        f"board.{kind}" for kind in ("csv", "md", "tex", "json", "png", "pdf")
    }
    table = pd.read_csv(tmp_path / "board.csv", keep_default_na=False, na_values=[""])
    assert len(table) == len(board)
    import json

    content = json.loads((tmp_path / "board.json").read_text())
    first = content["board"][0]
    assert first["images"] == 240
    value = board.set_index(["model", "slice", "figure"]).loc[("student 1.0.0", "all", "ece"), "value"]
    assert first["figures"]["ece"]["value"] == pytest.approx(value, rel=1e-5)
    other = next(row for row in content["board"] if row["model"] == "other")
    assert other["figures"]["refused"] == {"why_not": "not given"}
    text = (tmp_path / "board.md").read_text()
    assert "- **Warning:** clinic: mind the gap." in text
    assert "dermdistill board --data clinic" in text
    assert "| other | clinic | all |" in text
    assert "## Kinds that the model does not know" in text


def test_the_text_has_every_figure_once():
    board = board_frame([make_answers()], resamples=10)
    table = readable(board)
    assert len(table) == 6
    row = table.iloc[0]
    got = board[board["slice"] == "all"].set_index("figure")
    value = got.loc["melanoma_auc"]
    assert row["melanoma AUC"] == f"{value['value']:.3f} [{value['low']:.3f}, {value['high']:.3f}]"
    assert (
        markdown(board, unknown_kinds([]), None, command="x", resamples=10, warnings=[]).count("\n| student")
        == 6
    )


def test_the_picture_has_a_line_for_each_source_and_kind_of_picture():
    axes = Figure().add_subplot()
    draw_board(board_frame([make_answers()], resamples=10), axes)
    names = [label.get_text() for label in axes.get_yticklabels()]
    assert names == ["clinic\ndermoscopic", "clinic\nclinical", "clinic"]
