import json
import shutil

import cv2
import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from dermdistill.cli import app
from dermdistill.data.lineage.trace import lineage_of_data
from dermdistill.errors import DataError, DermDistillError, ModelError
from dermdistill.generate.sample import sample


def run(*words):
    return CliRunner().invoke(app, [str(word) for word in words])


@pytest.fixture(scope="module")
def prepared(generator, tmp_path_factory):
    """Samples of two classes, prepared."""
    folder = tmp_path_factory.mktemp("sample")
    done = run(
        "generate",
        "sample",
        generator,
        "--out",
        folder / "made",
        "--count",
        9,
        "--class",
        "df",
        "--class",
        "vasc",
    )
    assert done.exit_code == 0, done.output
    words = ["--out", folder / "prepared", "--image-size", 32]
    done = run("data", "prepare", folder / "made", *words)
    assert done.exit_code == 0, done.output
    return folder / "prepared"


def test_pictures_are_those_of_their_seed(generator, tmp_path):
    for folder, counts, seed in (("a", {"df": 2}, 0), ("b", {"mel": 3, "df": 5}, 0), ("c", {"df": 2}, 1)):
        sample(generator, tmp_path / folder, counts, seed=seed)
    first, longer, other = (
        cv2.imread(str(tmp_path / folder / "images" / "generated_df_00001.png")) for folder in "abc"
    )
    np.testing.assert_array_equal(first, longer)
    assert (first != other).any()
    assert (tmp_path / "b" / "sheet.png").is_file()


def test_the_mark_goes_into_the_prepared_folder_and_its_lineage(prepared):
    report = json.loads((prepared / "prepare.json").read_text())
    assert report["generated"]["generator"] == "tiny_generator"
    assert report["images_per_class"] == {"df": 9, "vasc": 9}
    made, learned_from = lineage_of_data([prepared])
    assert made.citation == "Generated pictures of the network tiny_generator, which has learned from tiny"
    assert (made.is_told, made.licences) == (True, ("CC0 1.0",))
    assert (learned_from.name, learned_from.fingerprint) == ("tiny", None)


def test_they_are_split_into_train_alone(prepared, home, tmp_path):
    done = run(
        "data", "split", home / "data", prepared, "--keep", home / "splits.csv", "--out", tmp_path / "s.csv"
    )
    assert done.exit_code == 0, done.output
    splits = pd.read_csv(tmp_path / "s.csv")
    of_made = splits[splits["source"] == "made"]
    assert len(of_made) == 18
    assert set(of_made["split"]) == {"train"}
    done = run(
        *["data", "split", home / "data", prepared, "--test-only", "made", "--out", tmp_path / "t.csv"]
    )
    assert isinstance(done.exception, DataError)


def test_a_split_with_generated_pictures_in_val_is_refused(prepared, home, tmp_path):
    from dermdistill.data.study import open_study

    run("data", "split", home / "data", prepared, "--keep", home / "splits.csv", "--out", tmp_path / "s.csv")
    splits = pd.read_csv(tmp_path / "s.csv")
    assert (
        open_study([home / "data", prepared], tmp_path / "s.csv")
        .rows("train")["image_id"]
        .str.startswith("generated_")
        .sum()
        == 18
    )
    splits.loc[splits["image_id"] == "generated_df_00003", ["split", "fold"]] = ["val", -1]
    splits.to_csv(tmp_path / "s.csv", index=False)
    with pytest.raises(
        DataError, match="has 1 generated pictures of made in val, and nothing may be judged by"
    ):
        open_study([home / "data", prepared], tmp_path / "s.csv")


def test_what_the_generator_has_seen_must_not_be_held_out(prepared, home, tmp_path):
    """A training on its pictures, with another split, would have seen its test images by way of them."""
    from dermdistill.distill.held_out import check_what_is_learned_from
    from dermdistill.distill.recipe import make_recipe
    from dermdistill.distill.training_set import load_training_set

    recipe = {
        "name": "with_made",
        "model": {"name": "tiny_cnn", "init": "none"},
        "phases": [{"image_size": 32, "epochs": 1, "learning_rate": 1e-3}],
    }
    for keep, refused in (([], True), (["--keep", home / "splits.csv"], False)):
        csv = tmp_path / f"{refused}.csv"
        run("data", "split", home / "data", prepared, *keep, "--out", csv, "--seed", 99)
        sources = [{"dir": str(home / "data")}, {"dir": str(prepared), "use": "train"}]
        asked = make_recipe(recipe | {"data": {"sources": sources, "splits": str(csv)}})
        data = load_training_set(asked)
        if refused:
            with pytest.raises(DataError, match=r"The generator of the pictures in .* has seen"):
                check_what_is_learned_from(asked, data)
        else:
            assert len(check_what_is_learned_from(asked, data)) > 20


def test_a_head_learns_from_them_and_its_bundle_says_so(prepared, generator, home, tmp_path):
    from dermdistill.bundle import open_bundle
    from dermdistill.publish.card import card_text
    from tiny_generated import student_of

    student = student_of(home, tmp_path / "runs")
    words = ["--method", "none", "--generated", prepared, "--count", 12]
    done = run("rebalance", student, *words)
    assert done.exit_code == 0, done.output
    new = student.with_name("student-none-generated_0")
    told = json.loads((new / "config.json").read_text())["recipe"]["rebalance"]
    assert told == {"method": "none", "count": 12, "generated": "made", "generated_share": 1.0}
    seen = (new / "training_images.txt").read_text().split()
    assert sum(name.startswith("generated_df") for name in seen) == 12 - 8  # eight of df are in train
    done = run("export", new, "--out", tmp_path / "bundle", "--format", "float32", "--resamples", 20)
    assert done.exit_code == 0, done.output
    spec = open_bundle(tmp_path / "bundle").spec
    assert [data.name for data in spec.training.datasets] == ["tiny", "made"]
    assert "**Trained also on generated pictures**" in card_text(spec)


def test_they_are_measured(prepared, home, tmp_path):
    from tiny_generated import student_of

    student = student_of(home, tmp_path / "runs")
    done = run("generate", "measure", student, prepared, "--out", tmp_path / "out", "--imagenet", "none")
    assert done.exit_code == 0, done.output
    table = pd.read_csv(tmp_path / "out" / "measure.csv").set_index("diagnosis")
    assert table.index.tolist() == ["df", "vasc", "all"]
    assert table.loc["all", "generated"] == 18
    # Of a generator that has hardly learned, pictures are farther from real ones than real ones are.
    assert table.loc["all", "kid_run"] > 3 * abs(table.loc["all", "kid_run_val"])
    assert {"kid_imagenet", "near_imagenet", "sensitivity"} <= set(table.columns)
    assert len(pd.read_csv(tmp_path / "out" / "nearest.csv")) == 18
    assert all((tmp_path / "out" / name).is_file() for name in ("measure.png", "measure.json", "nearest.png"))
    done = run("generate", "measure", student, home / "data", "--out", tmp_path / "no")
    assert isinstance(done.exception, DataError)
    assert "holds pictures that were taken" in str(done.exception)


def test_what_cannot_be_sampled_is_told(generator, tiny_run_dir, tmp_path):
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "thesis.txt").write_text("mine")
    for words, kind, said in (
        ([tiny_run_dir, "--out", tmp_path / "a"], ModelError, "holds no generator"),
        (
            [generator, "--out", tmp_path / "a", "--class", "wart"],
            DataError,
            "makes no wart; its classes are akiec",
        ),
        ([generator, "--out", tmp_path / "full"], DataError, "holds something else than generated pictures"),
    ):
        done = run("generate", "sample", *words)
        assert isinstance(done.exception, kind)
        assert issubclass(kind, DermDistillError)
        assert said in str(done.exception)
    empty = shutil.copytree(generator, tmp_path / "empty")
    (empty / "generator.weights.h5").unlink()
    with pytest.raises(ModelError, match="has not finished an epoch"):
        sample(empty, tmp_path / "b", {"df": 1})
