"""The model repository for Hugging Face, read back by huggingface_hub."""

import ast
import json

import pytest
from huggingface_hub import ModelCard
from typer.testing import CliRunner

from dermdistill.bundle import default_bundle_path, load_bundle_spec
from dermdistill.cli import app
from dermdistill.errors import DermDistillError
from dermdistill.inference import load_bundle
from dermdistill.publish import extra


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    out = tmp_path_factory.mktemp("hub") / "repository"
    result = CliRunner().invoke(app, ["export", "--hub", str(out)])
    assert result.exit_code == 0, result.output
    return out


def test_the_cards_metadata_come_from_the_bundle(folder):
    spec = load_bundle_spec(default_bundle_path())
    data = ModelCard.load(folder / "README.md").data
    assert (data.library_name, data.pipeline_tag) == ("litert", "image-classification")
    assert data.license == spec.licences["weights"].lower()
    assert data.datasets == [one.name.lower() for one in spec.training.datasets]
    found = {result.metric_name: result.metric_value for result in data.eval_results}
    for name in ("accuracy", "balanced_accuracy", "melanoma_auc"):
        assert found[name.replace("_", " ")] == spec.metrics.values[name].value
    assert {result.dataset_split for result in data.eval_results} == {spec.metrics.split}


def test_the_card_warns_and_says_how_many_melanomas_are_missed(folder):
    spec = load_bundle_spec(default_bundle_path())
    text = ModelCard.load(folder / "README.md").text
    assert spec.intended_use in text
    missed = next(point.missed_melanomas for point in spec.operating_points if point.missed_melanomas)
    assert f"{missed.missed} of {missed.n_lesions}" in text
    assert all(f"| {entry.code} | {entry.name} |" in text for entry in spec.classes)


def test_the_repository_is_a_whole_bundle(folder):
    assert load_bundle(folder, threads=1).spec == load_bundle_spec(default_bundle_path())


def test_the_app_is_python_that_opens_the_repositorys_bundle(folder):
    code = (folder / "space" / "app.py").read_text("utf-8")
    ast.parse(code)
    assert "make_app" in code
    assert "gradio" in (folder / "space" / "requirements.txt").read_text("utf-8")


def test_it_replaces_an_earlier_repository_and_nothing_else(folder, tmp_path):
    assert CliRunner().invoke(app, ["export", "--hub", str(folder)]).exit_code == 0
    (tmp_path / "mine.txt").write_text("mine")
    result = CliRunner().invoke(app, ["export", "--hub", str(tmp_path)])
    assert "is no model repository" in str(result.exception)
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


@pytest.mark.parametrize("words", [["--hub", "hub"], ["--bom", "bom.json"]])
def test_without_the_extra_it_says_what_to_install(words, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(extra, "find_spec", lambda name: None)
    result = CliRunner().invoke(app, ["export", *words])
    assert isinstance(result.exception, DermDistillError)
    assert "pip install 'dermdistill[publish]'" in str(result.exception)
    assert list(tmp_path.iterdir()) == []


def test_a_bundle_that_names_an_unlisted_licence_and_measured_nothing_gets_a_card(tmp_path):
    from dermdistill.publish.card import card_metadata, card_text

    spec = load_bundle_spec(default_bundle_path()).model_copy(
        update={"licences": {"weights": "Ours-1.0"}, "metrics": None, "operating_points": []}
    )
    metadata = card_metadata(spec)
    assert (metadata["license"], metadata["license_name"]) == ("other", "Ours-1.0")
    assert "Nobody has measured any" in card_text(spec)
    assert "nobody has measured" in card_text(spec)
    json.dumps({name: value for name, value in metadata.items() if name != "eval_results"})
