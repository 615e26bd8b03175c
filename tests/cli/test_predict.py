import csv
import json
import os
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pyarrow.parquet
import pytest

from dermdistill.bundle import default_bundle_path
from dermdistill.cli import main
from dermdistill.inference import load_bundle
from ham10000 import CLASSES

SHIPPED = default_bundle_path()
TINY = Path(__file__).parents[1] / "fixtures" / "tiny_float32"
NUMBERS = ["malignant_probability", *(f"p_{code}" for code in CLASSES)]
TOLD = ["assessment", "reasons", "operating_point"]
HEADER = ["path", "image_id", *TOLD, "diagnosis", *NUMBERS, "picture", "refused", "quality", "error"]


def picture(seed):
    noise = np.random.default_rng(seed).integers(0, 256, (20, 30, 3), np.uint8)
    return cv2.imencode(".jpg", cv2.resize(noise, (300, 200), interpolation=cv2.INTER_CUBIC))[1].tobytes()


@pytest.fixture
def folder(tmp_path):
    """Three pictures and one broken one, in a nested folder, among files that are no pictures."""
    folder = tmp_path / "clinic"
    (folder / "b").mkdir(parents=True)
    (folder / ".thumbnails").mkdir()
    for number, name in enumerate(["b/two.JPG", "one.jpg", "b/three.jpeg", ".thumbnails/x.jpg", "._one.jpg"]):
        (folder / name).write_bytes(picture(number))
    (folder / "b" / "cut.jpg").write_bytes(picture(9)[:-100])
    (folder / "notes.txt").write_text("not an image")
    return folder


@pytest.fixture
def predict(monkeypatch, capfd):
    def run(*arguments):
        words = ["dermdistill", "predict", "--bundle", str(TINY), *map(str, arguments)]
        monkeypatch.setattr(sys, "argv", words)
        with pytest.raises(SystemExit) as ended:
            main()
        return ended.value.code, *capfd.readouterr()

    return run


def test_a_folder_to_csv(predict, folder, tmp_path):
    out = tmp_path / "answers.csv"
    code, _, err = predict(folder, "--out", out)
    assert code == 1, "one file is broken"
    assert "4 images answered" in err
    assert "1 of them with an error" in err
    with out.open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == HEADER
    assert [row["image_id"] for row in rows] == ["cut", "three", "two", "one"]
    assert rows[0]["path"] == str(folder / "b" / "cut.jpg")
    assert "ends too early" in rows[0]["error"]
    assert [rows[0][name] for name in HEADER[2:-1]] == [""] * 15
    engine = load_bundle(TINY)
    for row in rows[1:]:
        [expected] = engine.predict(row["path"])
        assert row["diagnosis"] == expected.diagnosis
        assert [float(row[f"p_{c}"]) for c in CLASSES] == pytest.approx(
            list(expected.probs.values()), rel=1e-8
        )
        assert float(row["malignant_probability"]) == pytest.approx(expected.malignant_probability, rel=1e-8)
        assert row["error"] == ""
    assert sorted(tmp_path.iterdir()) == [out, folder], "no temporary file stays behind"


def test_all_formats_say_the_same(predict, folder, tmp_path):
    tables = {}
    for suffix in (".csv", ".jsonl", ".parquet"):
        out = tmp_path / f"answers{suffix}"
        assert predict(folder, "--out", out)[0] == 1
        if suffix == ".csv":
            with out.open(newline="") as file:
                rows = [{k: v or None for k, v in row.items()} for row in csv.DictReader(file)]
            tables[suffix] = [
                {k: float(v) if v and k in NUMBERS else v for k, v in row.items()} for row in rows
            ]
        elif suffix == ".jsonl":
            tables[suffix] = [json.loads(line) for line in out.read_text().splitlines()]
        else:
            tables[suffix] = pyarrow.parquet.read_table(out).to_pylist()
    assert list(tables[".parquet"][0]) == HEADER
    assert tables[".csv"] == tables[".jsonl"] == tables[".parquet"]


def test_good_images_exit_0_with_a_table_on_screen(predict, folder):
    code, out, err = predict(folder / "one.jpg")
    assert code == 0
    assert err == ""
    [expected] = load_bundle(TINY).predict(folder / "one.jpg")
    assert f"{expected.name} ({expected.diagnosis})" in out
    assert f"{100 * expected.probs['mel']:.1f}" in out
    assert "Not a medical device" in out


def read(out):
    with out.open(newline="") as file:
        return {row["image_id"]: row for row in csv.DictReader(file)}


def test_the_table_names_the_rule_that_decides_and_the_most_probable_class_if_another(predict, tmp_path):
    engine = load_bundle(TINY)
    agree, differ = None, None
    for seed in range(60):
        (path := tmp_path / f"{seed}.jpg").write_bytes(picture(seed))
        (answer,) = engine.predict(path)
        most_probable = max(answer.probs, key=answer.probs.get)
        if most_probable == answer.diagnosis:
            agree = agree or (path, most_probable)
        else:
            differ = differ or (path, most_probable)
    for found, both in ((agree, False), (differ, True)):
        if found is None:
            continue
        _, screen, _ = predict(found[0])
        assert "argmax_p_over_prior" in screen
        assert (f"most probable: {found[1]}" in screen) == both
    assert differ is not None, "the fixture's rule and its probabilities never differ"


def test_the_table_says_what_not_to_rely_on(predict, tmp_path):
    sharp = cv2.resize(cv2.imdecode(np.frombuffer(picture(0), np.uint8), 1), (600, 450))
    pixels = {"sharp": sharp, "soft": cv2.GaussianBlur(sharp, (0, 0), 9), "black": np.zeros_like(sharp)}
    for name, image in pixels.items():
        cv2.imwrite(str(tmp_path / f"{name}.png"), image)
    pictures = sorted(tmp_path.glob("*.png"))
    assert predict(*pictures, "--out", tmp_path / "all.csv", "--bundle", SHIPPED)[0] == 0
    rows = read(tmp_path / "all.csv")
    assert "blurred" in rows["soft"]["quality"].split()
    assert rows["black"]["quality"] == "blurred too_dark"
    assert rows["black"]["refused"] == "yes"
    engine = load_bundle(SHIPPED)
    for file in pictures:
        [expected] = engine.predict(file)
        assert rows[file.stem]["refused"] == ("yes" if expected.out_of_distribution.refused else "no")
        codes = " ".join(warning.code for warning in expected.quality) or "good"
        assert rows[file.stem]["quality"] == codes
        assert rows[file.stem]["assessment"] == expected.assessment.level
        assert rows[file.stem]["reasons"].split() == list(expected.assessment.reasons)
        assert float(rows[file.stem]["operating_point"]) == 0.95

    fast = tmp_path / "fast.csv"
    assert predict(*pictures, "--out", fast, "--no-quality", "--bundle", SHIPPED)[0] == 0
    assert {row["quality"] for row in read(tmp_path / "fast.csv").values()} == {""}, "nobody looked"
    _, screen, _ = predict(tmp_path / "black.png", "--bundle", SHIPPED)
    assert "unlike known lesions, poor picture, blurred, too dark" in screen


def test_the_table_says_the_setting_and_in_how_many_melanomas_no_sign_is_wrong(predict, tmp_path):
    cv2.imwrite(str(tmp_path / "a.png"), np.zeros((300, 300, 3), np.uint8))
    _, screen, _ = predict(tmp_path / "a.png", "--bundle", SHIPPED, "--sensitivity", "0.98")
    assert "Decided at a sensitivity of 0.98." in screen
    said = "Of 100 melanomas, 0.0 were answered no_sign (194 measured, 95 % interval 0.0 to 1.9)."
    assert said in " ".join(screen.split())


def test_a_sensitivity_that_the_bundle_lacks_is_one_sentence(predict, tmp_path):
    cv2.imwrite(str(tmp_path / "a.png"), np.zeros((300, 300, 3), np.uint8))
    code, _, err = predict(tmp_path / "a.png", "--bundle", SHIPPED, "--sensitivity", "0.93")
    assert code == 2
    assert "no operating point of sensitivity 0.93; give one of 0.9, 0.95, 0.98." in " ".join(err.split())


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["{folder}/none.jpg"], "none.jpg does not exist"),
        (["{folder}/empty"], "No image found in"),
        (
            ["{folder}/one.jpg", "--out", "{folder}/x.xlsx"],
            "no known suffix; use one of .csv, .jsonl, .parquet",
        ),
        (["{folder}/one.jpg", "--out", "{folder}/nowhere/x.csv"], "nowhere does not exist; make it first"),
        (["{folder}/one.jpg", "--out", "{folder}/old.csv"], "old.csv exists already; give another name, or"),
        (["{folder}/one.jpg", "--bundle", "{folder}"], "give the folder of an exported bundle"),
    ],
)
def test_bad_input_is_one_sentence_and_exit_2(predict, folder, arguments, message):
    (folder / "empty").mkdir()
    (folder / "old.csv").touch()
    code, out, err = predict(*(argument.format(folder=folder) for argument in arguments))
    assert code == 2
    assert message in err
    assert out == ""
    assert err.startswith("error: ")
    assert err.count("\n") == 1


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["closed/ok.jpg"], "closed/ok.jpg cannot be read (Permission denied); check the path."),
        (["closed"], "closed cannot be read (Permission denied); check the path."),
        *(
            (
                ["ok.jpg", "--out", out],
                f"{out} cannot be written (Permission denied); give another file name.",
            )
            for out in ("closed/x.csv", "closed/deep/x.csv", "link.csv")
        ),
        (["http://x.org/a.jpg"], "http://x.org/a.jpg is an address, not a file; download it first."),
    ],
)
def test_what_is_out_of_reach_is_one_sentence_and_exit_2(predict, nobodys_dir, monkeypatch, words, said):
    monkeypatch.chdir(nobodys_dir)
    Path("ok.jpg").write_bytes(picture(1))
    Path("closed/deep").mkdir(parents=True)
    Path("link.csv").symlink_to("closed/x.csv")
    Path("closed").chmod(0)
    code, out, err = predict(*words)
    assert (code, out, err) == (2, "", f"error: {said}\n")


def test_a_pipe_in_a_folder_costs_its_row_only(predict, folder, tmp_path):
    os.mkfifo(folder / "a.jpg")
    assert predict(folder, "--out", tmp_path / "out.csv")[0] == 1
    rows = read(tmp_path / "out.csv")
    assert "is a pipe, socket or device" in rows["a"]["error"]
    assert rows["one"]["diagnosis"] in CLASSES


def test_a_file_name_that_is_no_unicode_is_escaped(predict, folder, tmp_path):
    odd = Path(str(folder) + "/od\udcff,\n\r.jpg")
    odd.write_bytes(picture(1))
    for suffix in (".csv", ".jsonl", ".parquet"):
        assert predict(odd, "--out", tmp_path / f"odd{suffix}")[0] == 0
    with (tmp_path / "odd.csv").open(newline="") as file:
        [row] = csv.DictReader(file)
    assert row["image_id"] == "od\\udcff,\\n\\r"
    code, shown, _ = predict(odd)
    assert code == 0
    assert "od\\udcff" in shown


def test_a_real_process_answers_without_the_lab_and_the_server_parts(folder):
    code = (
        "import sys; sys.argv = ['dermdistill', 'predict', '--bundle', sys.argv[1], sys.argv[2]]\n"
        "from dermdistill.cli import main\n"
        "try: main()\n"
        "except SystemExit as ended: print('exit', ended.code)\n"
        "slow = 'tensorflow keras pandas sklearn flask pyarrow matplotlib rich.progress'.split()\n"
        "print([name for name in slow if name in sys.modules])"
    )
    words = [sys.executable, "-c", code, str(TINY), str(folder / "one.jpg")]
    done = subprocess.run(words, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-2:] == ["exit 0", "[]"]
    assert done.stderr == ""
