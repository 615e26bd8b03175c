import json
import os
import subprocess
import sys

import numpy as np
import pytest
from typer.testing import CliRunner

from dermdistill.cli import app
from dermdistill.errors import DataError, ModelError


def test_a_run_becomes_a_bundle_that_predicts(own_run, capfd):
    run_dir = own_run
    config = json.loads((run_dir / "config.json").read_text())
    config["recipe"]["phases"][-1]["image_size"] = 48  # of images that were prepared at 96
    (run_dir / "config.json").write_text(json.dumps(config))
    words = ["--name", "mine", "--dataset", "Ours", "--licence", "CC-BY-NC-4.0", "--source", "our clinic"]
    words += ["--variant", "mediapipe", "--bom", str(run_dir / "bom.json")]
    result = CliRunner().invoke(
        app, ["export", str(run_dir), *words, "--format", "float32", "--resamples", "20"]
    )
    assert result.exit_code == 0, result.output
    assert "top-1 agreement with Keras" in result.output
    assert "largest difference of a probability" in result.output
    out, err = capfd.readouterr()
    assert out == ""
    assert "fully_quantize" not in err
    from dermdistill.inference import load_bundle

    spec = load_bundle(run_dir / "bundle").spec
    assert (spec.name, spec.input.size) == ("mine", 48)
    assert "model_mediapipe.tflite" in spec.files
    assert json.loads((run_dir / "bom.json").read_text())["metadata"]["component"]["name"] == "mine"
    told = [(data.name, data.licence, data.source) for data in spec.training.datasets]
    known = ("tiny", "CC0-1.0", "Drawn by tests/synthetic.py")
    assert told == [known, ("Ours", "CC-BY-NC-4.0", "our clinic")]
    assert spec.licences["weights"] == "CC-BY-NC-4.0; CC0-1.0"
    assert (run_dir / "bundle_report/report.md").exists()
    assert (run_dir / "bundle_predictions.csv").exists()
    from dermdistill.models import build_model, load_run_model

    kept = build_model(
        "tiny_cnn", num_classes=7, image_size=48, init=str(run_dir / "bundle_weights.float16.npz")
    )
    for mine, theirs in zip(kept.weights, load_run_model(run_dir, image_size=48).weights, strict=True):
        np.testing.assert_allclose(np.asarray(mine), np.asarray(theirs), rtol=2**-11, atol=1e-7)


@pytest.mark.slow
def test_where_students_learn_on_jax_they_are_exported_all_the_same(own_run):
    words = ["export", str(own_run), "--format", "float32", "--resamples", "20"]
    subprocess.run(
        [sys.executable, "-c", "from dermdistill.cli import main; main()", *words],
        env=os.environ | {"KERAS_BACKEND": "jax"},
        check=True,
    )
    assert (own_run / "bundle/bundle.json").exists()


def test_a_folder_that_is_no_run_is_one_sentence(tmp_path):
    result = CliRunner().invoke(app, ["export", str(tmp_path)])
    assert isinstance(result.exception, DataError | ModelError)
    assert "config.json" in str(result.exception)


@pytest.mark.parametrize("arguments", [["nowhere"], [".", "--format", "int4"]])
def test_wrong_arguments_are_refused_by_the_parser(arguments):
    assert CliRunner().invoke(app, ["export", *arguments]).exit_code == 2
