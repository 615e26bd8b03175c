"""`dermdistill data` as a person runs it: a real process, its exit code, and what it prints."""

import csv
import json
import subprocess
import sys
from pathlib import Path

import cv2
import pytest
from typer.testing import CliRunner, Result

from dermdistill.cli import app
from dermdistill.errors import DermDistillError
from synthetic import lesion_image


def run(*words: object) -> Result:
    return CliRunner().invoke(app, ["data", *map(str, words)])


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Thirty lesions of two classes, two pictures each."""
    root = tmp_path_factory.mktemp("source")
    with (root / "HAM10000_metadata.csv").open("w", newline="") as file:
        table = csv.writer(file)
        table.writerow(["image_id", "lesion_id", "dx"])
        for number in range(60):
            code = "mel" if number < 20 else "nv"
            table.writerow([f"I{number}", f"L{number // 2}", code])
            cv2.imwrite(str(root / f"I{number}.jpg"), lesion_image(code, number, height=24, width=32))
    return root


@pytest.fixture(scope="module")
def prepared(source: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("prepared") / "ham"
    result = run("prepare", source, "--out", out, "--image-size", 32, "--licence", "CC BY 4.0")
    assert result.exit_code == 0, result.output
    assert "Licence: CC BY 4.0." in result.output
    assert "60 images of 30 lesions (table) in 30 groups" in result.output
    assert "Not one image is of the classes akiec, bcc, bkl, df, vasc." in result.output
    return out


def test_copies_of_one_picture_under_two_diagnoses_are_prepared_with_a_warning(tmp_path):
    for number in range(4):
        folder = tmp_path / "in" / ("mel", "nv")[number % 2]
        folder.mkdir(parents=True, exist_ok=True)
        cv2.imwrite(str(folder / f"{number}.jpg"), lesion_image("nv", 0, height=24, width=32))
    result = run("prepare", tmp_path / "in", "--out", tmp_path / "out", "--image-size", 32)
    assert result.exit_code == 0
    assert (
        "WARNING: each of these 4 images has the pixels of another one with another diagnosis"
        in result.output
    )
    refused = run("split", tmp_path / "out", "--out", tmp_path / "splits.csv")
    assert "nothing can be learned from them or measured on them" in str(refused.exception)


def test_prepare_again_says_that_it_is_done(source, prepared):
    result = run("prepare", source, "--out", prepared, "--image-size", 32, "--licence", "CC BY 4.0")
    assert result.exit_code == 0
    assert "was prepared from the same files already: 60 images" in result.output


def test_a_problem_is_shown_with_what_was_done_and_strict_exits_2(source, tmp_path):
    (source / "stray.jpg").write_bytes((source / "I0.jpg").read_bytes())
    try:
        result = run("prepare", source, "--out", tmp_path / "out", "--image-size", 32)
        assert result.exit_code == 0
        assert "image without a row" in result.output
        assert "stray" in result.output
        command = [sys.executable, "-c", "from dermdistill.cli import main; main()"]
        words = ["data", "prepare", str(source), "--out", str(tmp_path / "strict"), "--strict"]
        strict = subprocess.run([*command, *words], capture_output=True, text=True, check=False)
    finally:
        (source / "stray.jpg").unlink()
    assert strict.returncode == 2
    assert "image without a row" in strict.stdout
    assert "error: The data set has 2 problem(s)" in strict.stderr
    assert "Traceback" not in strict.stderr
    assert not (tmp_path / "strict").exists()


def test_a_table_is_mapped_from_the_command_line(source, tmp_path):
    table = tmp_path / "table.csv"
    table.write_text("photo,what\nI0.jpg,melanoma\nI30.jpg,nv\n")
    result = run(
        *("prepare", source, "--out", tmp_path / "out", "--image-size", 8, "--metadata", table),
        *("--column", "image_id=photo", "--column", "diagnosis=what", "--label", "melanoma=mel"),
    )
    assert result.exit_code == 0, result.output
    index = (tmp_path / "out" / "index.csv").read_text().splitlines()
    assert [line.split(",")[:4] for line in index[1:]] == [[*["I0"] * 3, "mel"], [*["I30"] * 3, "nv"]]


def test_every_unknown_diagnosis_is_shown_for_each_wants_a_label(source, tmp_path):
    table = tmp_path / "table.csv"
    table.write_text("image_id,dx\nI0,melanosis\nI30,nv\nI1,wart\nI31,wart\n")
    result = run("prepare", source, "--out", tmp_path / "out", "--image-size", 8, "--metadata", table)
    words = result.output.split()
    assert result.exit_code == 0, result.output
    assert words.count("I1") == words.count("('wart')") == words.count("('melanosis')") == 1
    assert words.index("('wart')") < words.index("('melanosis')")  # the commonest first


def test_a_mapping_without_its_sign_is_refused(source, tmp_path):
    result = run("prepare", source, "--out", tmp_path / "out", "--label", "melanoma")
    assert result.exit_code == 2
    assert "NAME=VALUE" in result.output


def test_split_then_audit_finds_no_leak(prepared, tmp_path):
    result = run(
        "split", prepared, "--out", tmp_path / "splits.csv", "--val", 0.2, "--test", 0.2, "--folds", 3
    )
    assert result.exit_code == 0, result.output
    summary = json.loads((tmp_path / "splits.json").read_text())
    assert (summary["seed"], summary["val"], summary["folds"]) == (20180801, 0.2, 3)
    assert summary["images"]["test"] == {"mel": 4, "nv": 8}
    assert summary["sha256"] in result.output

    audit = run("audit", tmp_path / "splits.csv", "--data", prepared, "--out", tmp_path / "audit.json")
    assert audit.exit_code == 0, audit.output
    assert "leaks nothing" in audit.output
    figures = json.loads((tmp_path / "audit.json").read_text())
    assert figures["leaks"]["all"] == {"lesions": 30, "leaked_lesions": 0, "held_out": 24, "leaked_images": 0}
    assert figures["by_image"]["all"]["leaked_lesions"] > 5
    assert figures["near_duplicates"] == []


def test_audit_of_a_split_by_image_exits_1(prepared, tmp_path):
    lines = ["image_id,split", *(f"I{number},{'train' if number % 2 else 'test'}" for number in range(60))]
    (tmp_path / "theirs.csv").write_text("\n".join(lines))
    result = run("audit", tmp_path / "theirs.csv", "--data", prepared)
    assert result.exit_code == 1
    assert "30 of 30" in result.output
    assert "LEAKS" in result.output


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["prepare", "none", "--out", "out"], "is not a folder"),
        (["split", "none", "--out", "splits.csv"], "data prepare"),
        (["download", "--out", "out", "--base-url", "ftp://here"], "not a web address"),
    ],
)
def test_bad_input_is_one_sentence(words, said, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    result = run(*words)
    assert isinstance(result.exception, DermDistillError)
    assert said in str(result.exception)
    assert list(tmp_path.iterdir()) == []
