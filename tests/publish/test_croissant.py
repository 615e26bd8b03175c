"""Croissant descriptions of prepared sources, validated and read by mlcroissant."""

import json
from pathlib import Path

import mlcroissant as mlc
import pandas as pd
import pytest
from typer.testing import CliRunner

from dermdistill.cli import app
from dermdistill.errors import DataError
from tiny_run import make_prepared

# mlcroissant reads by a class that rdflib has renamed; nothing of ours.
pytestmark = pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated:DeprecationWarning")


@pytest.fixture(scope="module")
def prepared(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("prepared") / "data"
    make_prepared(folder, images_per_class=2)
    report = json.loads((folder / "prepare.json").read_text())
    report |= {"source": "tiny", "citation": "Nobody (2026)", "licences": ["CC0-1.0"]}
    (folder / "prepare.json").write_text(json.dumps(report))
    result = CliRunner().invoke(app, ["data", "croissant", str(folder)])
    assert result.exit_code == 0, result.output
    return folder


def test_mlcroissant_finds_nothing_wrong(prepared):
    dataset = mlc.Dataset(jsonld=prepared / "croissant.json")
    assert dataset.metadata.ctx.issues.errors == set()
    assert dataset.metadata.ctx.issues.warnings == set()
    assert dataset.metadata.date_published.year == 2026
    assert (dataset.metadata.name, dataset.metadata.cite_as) == ("tiny", "Nobody (2026)")


def test_its_records_are_the_rows_of_the_index(prepared):
    index = pd.read_csv(prepared / "index.csv", dtype=str, keep_default_na=False)
    records = list(mlc.Dataset(jsonld=prepared / "croissant.json").records("images"))
    assert [one["images/image_id"].decode() for one in records] == index["image_id"].tolist()
    assert [one["images/diagnosis"].decode() for one in records] == index["diagnosis"].tolist()
    assert [one["images/width"] for one in records] == index["width"].astype(int).tolist()


def test_a_changed_file_is_noticed(prepared):
    document = json.loads((prepared / "croissant.json").read_text())
    named = {one["name"]: one["sha256"] for one in document["distribution"]}
    from dermdistill.files import file_sha256

    assert named == {name: file_sha256(prepared / name) for name in ("index.csv", "images.npy")}


def test_a_folder_that_holds_no_source_is_one_sentence(tmp_path):
    result = CliRunner().invoke(app, ["data", "croissant", str(tmp_path)])
    assert isinstance(result.exception, DataError)
    assert "dermdistill data prepare" in str(result.exception)


def test_a_source_without_a_citation_is_given_one_by_hand(prepared):
    report = json.loads((prepared / "prepare.json").read_text())
    (prepared / "prepare.json").write_text(json.dumps(report | {"citation": ""}))
    words = ["data", "croissant", str(prepared), "--citation", "Somebody (1999)"]
    assert CliRunner().invoke(app, words).exit_code == 0
    document = json.loads((prepared / "croissant.json").read_text())
    assert (document["datePublished"], document["citeAs"]) == ("1999", "Somebody (1999)")
