import json
import shutil
from io import BytesIO

import cv2
import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from dermdistill.cli import app
from dermdistill.data.lineage.trace import lineage_of_run
from dermdistill.errors import DermDistillError, RecipeError
from dermdistill.runs import images_seen, read_config


def rebalance(run, *words):
    return CliRunner().invoke(app, ["rebalance", str(run), *map(str, words)])


@pytest.fixture(scope="module")
def balanced(tiny_run_dir, tmp_path_factory):
    """A run that SMOTE made of the session's tiny run, and what the command said."""
    run = shutil.copytree(tiny_run_dir, tmp_path_factory.mktemp("rebalance") / "tiny")
    done = rebalance(run, "--method", "smote", "--count", 20, "--seed", 3)
    assert done.exit_code == 0, done.output
    return run.with_name("tiny-smote_3"), done.output


def test_the_new_run_says_what_it_is(balanced, tiny_run_dir):
    run_dir, said = balanced
    assert "tiny-smote_3 is written: smote, seed 3. Validation balanced accuracy" in said
    config = read_config(run_dir)
    assert config["recipe"]["rebalance"] == {"method": "smote", "count": 20}
    assert (config["recipe"]["name"], config["recipe"]["seed"]) == ("tiny-smote_3", 3)
    assert config["recipe"]["model"]["init"].endswith("/tiny")
    assert lineage_of_run(run_dir) == lineage_of_run(tiny_run_dir)
    splits = pd.read_csv(tiny_run_dir.parents[1] / "splits.csv")
    assert images_seen(run_dir) == set(splits.loc[splits["split"] == "train", "image_id"])


def test_its_predictions_are_those_of_the_whole_network(balanced, tiny_run_dir):
    from dermdistill.data.study import open_study_of
    from dermdistill.evaluate.scoring import read_current, score_images
    from dermdistill.models import load_run_model
    from dermdistill.models.freeze import backbone_of
    from dermdistill.runs import read_run

    run = read_run(balanced[0])
    kept = read_current(run, tta=False)
    assert kept is not None
    study, model = open_study_of(run), load_run_model(run.run_dir, image_size=96)
    frame = score_images(study, study.rows("val", "test"), lambda x: model.predict_on_batch(x)["logits"])
    np.testing.assert_allclose(kept.filter(like="p_"), frame.filter(like="p_"), atol=1e-5)
    kept_weights, weights = (
        backbone_of(load_run_model(folder, image_size=96)).get_weights()
        for folder in (balanced[0], tiny_run_dir)
    )
    assert all((mine == theirs).all() for mine, theirs in zip(kept_weights, weights, strict=True))


def test_it_is_written_once_and_another_is_refused_its_place(balanced):
    source = balanced[0].with_name("tiny")
    again = rebalance(source, "--method", "smote", "--count", 20, "--seed", 3)
    assert "tiny-smote_3 was there already" in again.output
    other = rebalance(source, "--method", "none", "--out", balanced[0])
    assert isinstance(other.exception, RecipeError)
    assert "holds a run with another recipe" in str(other.exception)


def test_embeddings_are_computed_once(balanced, monkeypatch):
    from dermdistill.rebalance import embeddings

    def fail(*_, **__):
        raise AssertionError("the network was asked again")

    monkeypatch.setattr(embeddings, "load_run_model", fail)
    done = rebalance(balanced[0].with_name("tiny"), "--method", "class_balanced")
    assert done.exit_code == 0, done.output


def test_repeated_images_may_be_shown_in_views(balanced):
    source = balanced[0].with_name("tiny")
    done = rebalance(source, "--method", "oversample", "--count", 20, "--views", 1)
    assert done.exit_code == 0, done.output
    assert read_config(source.with_name("tiny-oversample_0"))["recipe"]["rebalance"] == {
        "method": "oversample",
        "count": 20,
        "views": 1,
    }
    assert len(list(source.glob("embeddings_*_view1.npz"))) == 1


def test_it_is_evaluated_and_compared_like_any_run(balanced, tmp_path):
    assert CliRunner().invoke(app, ["evaluate", str(balanced[0]), "--resamples", "20"]).exit_code in (0, 1)
    words = ["compare", str(balanced[0]), "--out", str(tmp_path), "--split", "val", "--resamples", "20"]
    done = CliRunner().invoke(app, words)
    assert done.exit_code == 0, done.output
    assert "tiny-smote" in (tmp_path / "comparison.md").read_text()


def test_its_bundle_is_served(balanced, tmp_path):
    from dermdistill.inference import load_bundle
    from dermdistill.web import create_app
    from synthetic import lesion_image

    words = ["export", str(balanced[0]), "--out", str(tmp_path / "bundle"), "--format", "float32"]
    done = CliRunner().invoke(app, [*words, "--resamples", "20"])
    assert done.exit_code == 0, done.output
    spec = json.loads((tmp_path / "bundle" / "bundle.json").read_text())
    assert json.loads(spec["training"]["recipe"])["rebalance"]["method"] == "smote"
    assert spec["training"]["init"].startswith("tiny, which started from")
    photo = cv2.imencode(".png", lesion_image("mel", 5)[..., ::-1])[1].tobytes()
    client = create_app(engine=load_bundle(tmp_path / "bundle")).test_client()
    answer = client.post("/api/v1/predict", data={"image": [(BytesIO(photo), "spot.png")]}, buffered=True)
    assert answer.status_code == 200, answer.text
    assert sum(answer.get_json()["predictions"][0]["probabilities"].values()) == pytest.approx(1, abs=1e-3)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--method", "smotee"], "There is no method 'smotee'"),
        (["--method", "smote"], "give --count"),
        (["--method", "none", "--count", "9"], "leave --count out"),
        (["--method", "smote", "--count", "9", "--views", "1"], "leave --views out"),
        (["--method", "none", "--tau", "2"], "leave --tau out"),
    ],
)
def test_what_does_not_go_together_is_told_before_any_work(words, said, own_run):
    done = rebalance(own_run, *words)
    assert isinstance(done.exception, DermDistillError)
    assert said in str(done.exception)
    assert not list(own_run.parent.glob("tiny-*"))


def test_a_network_without_embedding_is_refused():
    import keras

    from dermdistill.errors import ModelError
    from dermdistill.rebalance.embeddings import embedding_of

    picture = keras.Input((8, 8, 3))
    bare = keras.Model(picture, {"logits": keras.layers.Flatten()(picture)})
    with pytest.raises(ModelError, match="runs/bare has no output `embedding`"):
        embedding_of(bare, "runs/bare")
