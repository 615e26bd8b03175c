"""A run of several sources, eight classes and two kinds of pictures goes through every command."""

import json

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from dermdistill.cli import app
from dermdistill.data.joined import load_sources
from dermdistill.inference import load_bundle
from dermdistill.runs import read_run
from several_sources import make_sources

SETTINGS = ("phases.0.epochs=6", "phases.0.image_size=64", "loss.mask_absent_classes=true")


def invoke(*words):
    result = CliRunner().invoke(app, [*map(str, words)])
    assert result.exit_code == 0, result.output
    return result.output


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """The sources, with a trained run `several` and its bundle, which the commands made."""
    folder = tmp_path_factory.mktemp("several")
    recipe = make_sources(folder, images_per_class=48)
    settings = [word for setting in SETTINGS for word in ("--set", setting)]
    invoke("train", recipe, "--runs-dir", folder / "runs", *settings)
    words = ("--format", "float32", "--resamples", "20", "--name", "several")
    told = ("--dataset", "Drawn lesions", "--licence", "CC0-1.0", "--source", "tests/synthetic.py")
    invoke("export", folder / "runs/several", *words, *told)
    return folder


def test_evaluate_reports_each_source(home):
    invoke("evaluate", home / "runs/several", "--resamples", "20")
    history = [json.loads(line) for line in (home / "runs/several/history.jsonl").read_text().splitlines()]
    names = ("derm", "pairs_dermoscopic", "pairs_clinical")
    assert all(f"val_{name}_macro_auc" in history[-1] for name in names)
    slices = pd.read_csv(home / "runs/several/report/slices.csv")
    of_source = slices[slices["attribute"] == "source"]
    assert set(of_source["slice"]) == {"derm", "pairs, clinical", "pairs, dermoscopic"}


def test_the_bundle_has_eight_classes_a_detector_over_all_sources_and_kinds_of_pictures(home):
    spec = load_bundle(home / "runs/several/bundle", threads=1).spec
    assert (len(spec.codes), spec.class_table) == (8, "isic2019")
    assert set(spec.out_of_distribution.left_out) == {"derm", "pairs"}
    assert set(spec.pictures.kinds) == {"dermoscopic", "clinical"}
    assert spec.pictures.kinds["clinical"].recognised > 0.9, "they are drawn half as bright"
    assert spec.turn_agreement.n_images > 0
    assert not spec.input.quarter_turns


def test_the_engine_says_which_kind_of_picture_it_saw(home):
    prepared = load_sources([home / "derm", home / "pairs"])
    split = pd.read_csv(home / "splits.csv").set_index("image_id")["split"]
    test = np.flatnonzero((prepared.index["image_id"].map(split) == "test").to_numpy())
    engine = load_bundle(home / "runs/several/bundle", threads=1)
    answers = engine.predict([prepared.images[int(at)] for at in test])
    seen = [answer.picture.dermoscopic_probability >= 0.5 for answer in answers]
    truly = (prepared.index["picture"].iloc[test] == "dermoscopic").to_numpy()
    assert np.mean(seen == truly) > 0.9
    for answer in answers:
        refused = answer.out_of_distribution.refused
        assert (answer.picture.kind == "neither") == refused
    recognised = engine.spec.pictures.kinds["dermoscopic"].recognised
    assert recognised == pytest.approx(np.mean(np.array(seen)[truly]), abs=1e-6)


def test_predict_and_the_board_tell_the_kind(home, tmp_path):
    from PIL import Image

    pixels = np.load(home / "pairs/images.npy")[1]
    Image.fromarray(pixels).save(tmp_path / "close_up.png")
    bundle = ("--bundle", home / "runs/several/bundle")
    invoke("predict", tmp_path / "close_up.png", *bundle, "--out", tmp_path / "table.csv")
    [row] = pd.read_csv(tmp_path / "table.csv").to_dict("records")
    assert row["picture"] in ("clinical", "neither")
    words = ("board", home / "runs/several/bundle", "--data", home / "pairs", "--splits", home / "splits.csv")
    invoke(*words, "--out", tmp_path / "board", "--resamples", "20")
    board = pd.read_csv(tmp_path / "board/board.csv")
    told = board[(board["figure"] == "picture_recognised") & (board["attribute"] == "picture")]
    assert set(told["slice"]) == {"dermoscopic", "clinical"}


def test_the_bundle_is_reopened_beside_all_its_sources_and_exported_again(home):
    run_dir = home / "runs/again"
    data = ("--data", home / "derm", "--data", home / "pairs", "--splits", home / "splits.csv")
    said = invoke("reopen", "--bundle", home / "runs/several/bundle", *data, "--out", run_dir)
    assert "100.0%" in said
    assert len(read_run(run_dir).data_dirs) == 2
    invoke("evaluate", run_dir, "--resamples", "20")
    words = ("--format", "float32", "--resamples", "20", "--name", "again")
    told = ("--dataset", "Drawn lesions", "--licence", "CC0-1.0", "--source", "tests/synthetic.py")
    invoke("export", run_dir, *words, *told)
    first, again = (
        load_bundle(home / f"runs/{name}/bundle", threads=1).spec for name in ("several", "again")
    )
    assert again.codes == first.codes
    assert again.metrics.values["accuracy"].value == pytest.approx(
        first.metrics.values["accuracy"].value, abs=0.05
    )
