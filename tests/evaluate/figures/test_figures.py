"""What a drawing shows is what its table says, and the notice is there unless it was left out."""

import re
import zlib

import cv2
import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from dermdistill.evaluate.explain.explanation import Explanation
from dermdistill.evaluate.figures.charts import draw_confusion, draw_reliability
from dermdistill.evaluate.figures.curves import draw_referral, draw_roc
from dermdistill.evaluate.figures.latex import latex
from dermdistill.evaluate.figures.learning import draw_learning_curve
from dermdistill.evaluate.figures.panels import write_panels
from dermdistill.evaluate.figures.paper import Caption, write_figure
from dermdistill.evaluate.report.curve_frames import referral_frame, roc_frame
from dermdistill.evaluate.report.frames import confusion_frame, reliability_frame
from dermdistill.evaluate.report.learning_curve import learning_curve_frame
from dermdistill.metrics.bootstrap import Estimate, lesion_weights
from dermdistill.metrics.thresholds import positives
from ham10000 import CLASSES, TABLE


def texts(axes):
    return [text.get_text() for text in axes.texts]


def labels_of(axes):
    return [text.get_text() for text in axes.get_legend().get_texts()]


def shown_glyphs(pdf):
    """How much text each page of a PDF draws: the length of its strings."""
    streams = re.findall(rb"stream\r?\n(.*?)endstream", pdf, flags=re.DOTALL)
    pages = [zlib.decompress(stream) for stream in streams if stream[:1] == b"\x78"]
    return sum(page.count(b"Tj") + page.count(b"TJ") for page in pages)


def test_cells_have_counts_and_shares_of_their_row():
    frame = confusion_frame(np.array([0, 0, 0, 1]), np.array([0, 0, 1, 1]), ["mel", "nv"])
    axes = Figure().add_subplot()
    draw_confusion(frame, axes)
    assert texts(axes) == ["2\n67%", "1\n33%", "0\n0%", "1\n100%"]
    assert [tick.get_text() for tick in axes.get_yticklabels()] == ["mel (3)", "nv (1)"]


def test_reliability_names_the_images_of_each_bin_and_the_error():
    probs = np.array([[0.9, 0.1], [0.9, 0.1], [0.6, 0.4]])
    axes = Figure().add_subplot()
    draw_reliability(reliability_frame(np.array([0, 1, 0]), probs, name="raw"), axes)
    assert texts(axes) == ["1", "2"]
    assert labels_of(axes) == ["raw: ECE 0.400"]  # (1 * .4 + 2 * .4) / 3


def test_a_curve_has_its_area_in_the_legend():
    probs = np.array([[0.9, 0.1], [0.2, 0.8]])
    areas = {"auc_mel": Estimate(1, 0.5, 1), "auc_nv": Estimate(1, 0.25, 1)}
    axes = Figure().add_subplot()
    draw_roc(roc_frame(np.array([0, 1]), probs, ["mel", "nv"], areas), axes)
    assert labels_of(axes) == ["mel: 1.000 [0.500, 1.000]", "nv: 1.000 [0.250, 1.000]"]


def test_what_is_referred_has_a_band_a_target_in_both_panels():
    rng = np.random.default_rng(0)
    labels = rng.integers(0, len(CLASSES), 80)
    probs = rng.dirichlet(np.ones(len(CLASSES)), 80)
    weights = lesion_weights(pd.Series(np.arange(80)), resamples=20, seed=0)
    frame = referral_frame(labels, probs, positives(TABLE, CLASSES), [], weights)
    roc, recall = Figure().subplots(1, 2)
    draw_referral(frame, roc, recall)
    assert (len(roc.collections), len(recall.collections)) == (2, 2)
    assert labels_of(roc)[0].startswith("melanoma: AUC ")


def test_losses_and_metrics_are_apart_and_the_last_best_epoch_is_marked(tmp_path):
    history = tmp_path / "history.jsonl"
    history.write_text(
        '{"epoch": 0, "loss": 2, "val_macro_auc": 0.8, "best": true}\n'
        '{"epoch": 1, "loss": 1, "val_macro_auc": 0.9, "best": true}\n'
        '{"epoch": 2, "loss": 0.5, "val_macro_auc": 0.7, "best": false}\n'
    )
    losses, metrics = Figure().subplots(1, 2)
    draw_learning_curve(learning_curve_frame(history), losses, metrics)
    assert labels_of(losses) == ["loss", "best epoch: 1"]
    assert labels_of(metrics) == ["val macro auc", "best epoch: 1"]


def test_the_notice_is_left_out_only_where_asked(tmp_path):
    frame = confusion_frame(np.array([0, 1]), np.array([0, 1]), ["mel", "nv"])
    for name, notice in (("with", True), ("without", False)):
        caption = Caption("student 1.0.0", "test: 2 images", "prior-corrected", notice=notice)
        write_figure(frame, draw_confusion, tmp_path, name, caption)
    drawn = {name: shown_glyphs((tmp_path / f"{name}.pdf").read_bytes()) for name in ("with", "without")}
    assert drawn["with"] > drawn["without"] > 0
    image = cv2.imread(str(tmp_path / "with.png"))
    assert image.shape[:2] == (1650, 1950)  # 5.5 by 6.5 inches at 300 dpi


def test_latex_commands_nothing_that_a_cell_says():
    text = latex(pd.DataFrame({"a_b": ["50 %", "x & y"]}), caption="C", label="l")
    assert r"a\_b \\" in text
    assert r"50 \% \\" in text
    assert r"x \& y \\" in text
    assert text.count(r"\begin{") == text.count(r"\end{") == 2


def test_panels_are_written_with_a_pdf(tmp_path):
    heat = np.zeros((7, 7), np.float32)
    heat[3, 3] = 2
    answer = Explanation("mel", "mel", 0.75, heat)
    write_panels(np.full((40, 60, 3), 200, np.uint8), answer, tmp_path, "a_mel.png", model="m", notice=True)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a_mel.pdf", "a_mel.png"]
    panels = cv2.imread(str(tmp_path / "a_mel.png"))
    assert panels.shape[1] == 2850
