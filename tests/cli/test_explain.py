import csv
import json
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pandas as pd
import pytest

from dermdistill.cli import main
from dermdistill.imaging import read_image
from dermdistill.inference import load_bundle, overlay_png, scale_heat
from dermdistill.inference.probabilities import calibrate
from ham10000 import CLASSES
from synthetic import lesion_image

TINY = Path(__file__).parents[1] / "fixtures" / "tiny_float32"
HEADER = ["path", "image_id", "assessment", "diagnosis", "explained_class", "probability", "overlay", "error"]


def write_png(path, image):
    path.write_bytes(cv2.imencode(".png", image[..., ::-1] if image.ndim == 3 else image)[1].tobytes())


@pytest.fixture
def folder(tmp_path):
    """Two pictures of one name and a broken one."""
    folder = tmp_path / "images"
    (folder / "second").mkdir(parents=True)
    write_png(folder / "one.png", lesion_image("mel", 1, height=90, width=120))
    write_png(folder / "second" / "One.png", lesion_image("bcc", 2, height=90, width=120))
    (folder / "cut.png").write_bytes((folder / "one.png").read_bytes()[:-200])
    return folder


@pytest.fixture
def explain(monkeypatch, capfd):
    def run(*arguments):
        monkeypatch.setattr(sys, "argv", ["dermdistill", "explain", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            main()
        return ended.value.code, *capfd.readouterr()

    return run


def rows_of(path):
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def pixels(path):
    return cv2.imdecode(np.frombuffer(path.read_bytes(), np.uint8), cv2.IMREAD_COLOR)


def test_a_picture_is_never_replaced_by_a_drawing(explain, folder):
    write_png(folder / "one_mel.png", lesion_image("nv", 3, height=90, width=120))
    before = (folder / "one_mel.png").read_bytes()
    code, _, said = explain(folder, "--out", folder, "--bundle", TINY, "--class", "mel")
    assert code == 2
    assert f"{folder} holds images to explain" in said
    assert (folder / "one_mel.png").read_bytes() == before
    assert not (folder / "explain.csv").exists()


def test_a_name_of_full_length_is_cut_and_no_obstacle(explain, tmp_path):
    images = tmp_path / "images"
    images.mkdir()
    for letter in "ab":  # they differ where they are cut
        write_png(images / f"{'é' * 120}{letter}.png", lesion_image("mel", 1, height=90, width=120))
    assert explain(images, "--out", tmp_path / "heat", "--bundle", TINY, "--class", "mel")[0] == 0
    rows = rows_of(tmp_path / "heat" / "explain.csv")
    assert {row["overlay"] for row in rows} == {f"{'é' * 100}_mel.png", f"{'é' * 100}_mel_2.png"}
    assert all((tmp_path / "heat" / row["overlay"]).exists() for row in rows)


def test_a_bundle_draws_the_class_that_was_asked_for(explain, folder, tmp_path):
    out = tmp_path / "heat"
    code, _, err = explain(folder, "--bundle", TINY, "--out", out, "--class", "df")
    assert code == 1, "one file is broken"
    assert "3 images explained" in err
    assert "1 of them with an error" in err
    rows = rows_of(out / "explain.csv")
    assert list(rows[0]) == HEADER
    assert [row["image_id"] for row in rows] == ["cut", "one", "One"]
    assert "cut off or damaged" in rows[0]["error"]
    assert [rows[0][name] for name in HEADER[2:-1]] == [""] * 5
    assert [row["overlay"] for row in rows[1:]] == ["one_df.png", "One_df_2.png"]
    assert sorted(path.name for path in out.iterdir()) == ["One_df_2.png", "explain.csv", "one_df.png"]
    engine = load_bundle(TINY)
    for row in rows[1:]:
        image = read_image(Path(row["path"]))
        outputs = engine.outputs(cv2.resize(image, (224, 224), interpolation=cv2.INTER_AREA))
        assert float(row["probability"]) == pytest.approx(calibrate(outputs.logits, 1.5)[3], rel=1e-6)
        assert row["explained_class"] == "df"
        assert row["diagnosis"] == engine.predict(row["path"])[0].diagnosis
        assert row["assessment"] == engine.predict(row["path"])[0].assessment.level
        expected = overlay_png(image, scale_heat(outputs.class_maps[..., 3]))
        assert (out / row["overlay"]).read_bytes() == expected


def test_by_default_the_answer_is_explained_as_predict_does(explain, folder, tmp_path):
    code, _, err = explain(folder / "one.png", "--bundle", TINY, "--out", tmp_path / "heat")
    assert code == 0, err
    [row] = rows_of(tmp_path / "heat/explain.csv")
    [expected] = load_bundle(TINY).predict(folder / "one.png")
    assert row["diagnosis"] == row["explained_class"] == expected.diagnosis
    assert float(row["probability"]) == pytest.approx(expected.probs[expected.diagnosis], rel=1e-6)
    drawn = overlay_png(read_image(folder / "one.png"), expected.heat_map)
    assert (tmp_path / "heat" / row["overlay"]).read_bytes() == drawn


def test_a_large_photograph_is_drawn_small(explain, tmp_path):
    write_png(tmp_path / "wide.png", np.full((300, 2048, 3), 120, np.uint8))
    assert (
        explain(tmp_path / "wide.png", "--bundle", TINY, "--out", tmp_path / "heat", "--class", "mel")[0] == 0
    )
    assert pixels(tmp_path / "heat/wide_mel.png").shape == (150, 1024, 3)


@pytest.fixture(scope="module")
def pictured(tiny_run_dir, tmp_path_factory):
    """The pictures of the run's test split as files, with a mask of the left half for each."""
    folder = tmp_path_factory.mktemp("explain")
    home = tiny_run_dir.parents[1]
    images = np.load(home / "data/images.npy")
    splits = pd.read_csv(home / "splits.csv")
    (folder / "images").mkdir()
    (folder / "masks").mkdir()
    mask = np.zeros((450, 600), np.uint8)  # as published; the model's input is square
    mask[:, :300] = 255
    chosen = splits[splits["split"] == "test"][:12]
    for image_id in [*chosen["image_id"], splits[splits["split"] == "train"]["image_id"].iloc[0]]:
        write_png(folder / "images" / f"{image_id}.png", images[int(image_id.removeprefix("IMG_"))])
        write_png(folder / "masks" / f"{image_id}_segmentation.png", mask)
    return folder, chosen


def test_grad_cam_and_class_map_of_a_run_draw_the_same(explain, tiny_run_dir, pictured, tmp_path):
    folder, chosen = pictured
    files = [folder / "images" / f"{name}.png" for name in chosen["image_id"][:2]]
    tables = {}
    for method in ("class-map", "grad-cam"):
        out = tmp_path / method
        assert (
            explain(*files, "--run", tiny_run_dir, "--out", out, "--method", method, "--class", "mel")[0] == 0
        )
        tables[method] = rows_of(out / "explain.csv")
    for by_map, by_gradient in zip(*tables.values(), strict=True):
        assert float(by_map["probability"]) == pytest.approx(float(by_gradient["probability"]), rel=1e-4)
        assert by_map["overlay"] == by_gradient["overlay"]
        first, second = (pixels(tmp_path / method / by_map["overlay"]).astype(int) for method in tables)
        # Rounding moves a pixel here and there to the neighbouring colour of the map.
        steps = np.abs(first - second)
        assert steps.max() <= 4
        assert (steps > 1).mean() < 1e-3
        plain = cv2.imread(by_map["path"]).astype(int)
        assert np.abs(first - plain).max() > 20, "nothing was drawn"


def test_masks_score_the_test_split_of_a_run(explain, tiny_run_dir, pictured, tmp_path):
    (folder, chosen), out = pictured, tmp_path / "scores"
    words = (folder / "images", "--run", tiny_run_dir, "--masks", folder / "masks", "--out", out)
    code, table, err = explain(*words, "--resamples", "50")
    assert code == 0, err
    frame = pd.read_csv(out / "heat_scores.csv")
    assert list(frame["image_id"]) == list(chosen["image_id"]), "the train image is not scored"
    assert list(frame["lesion_id"]) == list(chosen["lesion_id"])
    assert set(frame["lesion_area"]) == {0.5}

    from dermdistill.models import load_run_model

    positions = [int(name.removeprefix("IMG_")) for name in chosen["image_id"]]
    answers = load_run_model(tiny_run_dir, image_size=None).predict_on_batch(
        np.load(tiny_run_dir.parents[1] / "data/images.npy")[positions]
    )
    answered = answers["logits"].argmax(axis=1)
    assert list(frame["answer"]) == [CLASSES[k] for k in answered]
    heats = np.maximum(answers["class_maps"][np.arange(12), :, :, answered], 0)
    total = heats.sum(axis=(1, 2))
    warm = total > 0
    assert warm.sum() > 5
    assert list(frame["heat_inside"].notna()) == list(warm)
    # Columns 0 to 4 of 12 stay left of the middle when stretched, 7 to 11 right; 5 and 6 mix.
    surely = heats[warm, :, :5].sum(axis=(1, 2)) / total[warm]
    perhaps = heats[warm, :, 5:7].sum(axis=(1, 2)) / total[warm]
    inside = frame["heat_inside"][warm].to_numpy()
    # The rims, stretched by half a cell beyond their centres, weigh no more than any other cell.
    assert (inside >= surely - 1e-3).all()
    assert (inside <= surely + perhaps + 1e-3).all()

    report = json.loads((out / "heat_scores.json").read_text())
    figures = {entry["figure"]: entry for entry in report["figures"] if entry["group"] == "all"}
    counted = chosen[warm]
    assert f"{len(counted)} images of {counted['lesion_id'].nunique()} lesions" in table
    assert report["images_without_heat"] == 12 - len(counted)
    assert figures["heat_inside"]["value"] == pytest.approx(inside.mean(), abs=1e-5)
    assert figures["heat_inside"]["low"] <= inside.mean() <= figures["heat_inside"]["high"]
    # A blob in the middle has half its heat on the left.
    assert figures["blob_inside"]["value"] == pytest.approx(0.5)
    assert figures["inside_gain_over_blob"]["value"] == pytest.approx(inside.mean() - 0.5, abs=1e-5)
    assert {entry["group"] for entry in report["figures"]} == {"all", *counted["diagnosis"]}
    assert report["source"]["split"] == "test"


def test_a_missing_mask_is_an_error_of_its_image(explain, folder, tmp_path):
    masks = tmp_path / "masks"
    masks.mkdir()
    write_png(masks / "one_segmentation.png", np.full((90, 120), 255, np.uint8))
    (folder / "cut.png").unlink()
    words = (folder, "--bundle", TINY, "--masks", masks, "--out", tmp_path / "scores", "--class", "mel")
    code, table, _ = explain(*words)
    frame = pd.read_csv(tmp_path / "scores/heat_scores.csv").set_index("image_id")
    assert code == 1
    assert "One_segmentation.png does not exist" in frame["error"]["One"]
    assert frame["heat_inside"]["one"] == 1, "the lesion fills the picture"
    assert "1 images of 1 lesions" in table
    assert "resamples over images" in table


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--class", "wart"], "There is no class 'wart'; choose one of akiec, bcc"),
        (["--method", "grad-cam"], "name a run with --run"),
        (["--run", "{folder}"], "give one of them"),
        (["--out", "{folder}/nowhere/heat"], "nowhere does not exist; make it first"),
        (["--masks", "{folder}/second"], "No image could be scored on a mask"),
        (["--masks", "{folder}", "--splits", "{folder}/none.csv"], "none.csv cannot be read"),
    ],
)
def test_bad_input_is_one_sentence_and_exit_2(explain, folder, tmp_path, words, message):
    words = [word.format(folder=folder) for word in words]
    code, out, err = explain(folder, "--bundle", TINY, "--out", tmp_path / "heat", *words)
    assert code == 2
    assert message in err
    assert err.startswith("error: ")
    assert err.count("\n") == 1
    assert out == ""


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["closed/ok.png", "--out", "heat"], "closed/ok.png cannot be read (Permission denied)"),
        (["ok.png", "--out", "closed/heat"], "closed/heat cannot be written to (Permission denied)"),
        (
            ["ok.png", "--out", "closed/deep/heat"],
            "closed/deep/heat cannot be written to (Permission denied)",
        ),
    ],
)
def test_what_is_out_of_reach_is_one_sentence_and_exit_2(explain, nobodys_dir, monkeypatch, words, said):
    monkeypatch.chdir(nobodys_dir)
    write_png(Path("ok.png"), lesion_image("mel", 1, height=90, width=120))
    Path("closed/deep").mkdir(parents=True)
    Path("closed").chmod(0)
    code, out, err = explain(*words, "--bundle", TINY)
    assert (code, out) == (2, "")
    assert err.startswith(f"error: {said}")
    assert err.count("\n") == 1


def test_a_bundle_is_explained_without_the_lab(folder, tmp_path):
    code = (
        "import sys; from dermdistill.cli import main\n"
        "try: main()\n"
        "except SystemExit as ended: print('exit', ended.code)\n"
        "slow = 'tensorflow keras jax pandas sklearn scipy matplotlib flask rich.progress'.split()\n"
        "print([name for name in slow if name in sys.modules])"
    )
    words = [sys.executable, "-c", code, "explain", str(folder / "one.png"), "--out", str(tmp_path / "heat")]
    done = subprocess.run([*words, "--bundle", str(TINY)], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == ["exit 0", "[]"]
    assert "1 images explained" in done.stderr
