"""The ML-BOM, checked by cyclonedx-python-lib against CycloneDX's own schema."""

import json

import pytest
from cyclonedx.model.bom import Bom
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from typer.testing import CliRunner

from dermdistill.bundle import Dataset, default_bundle_path, load_bundle_spec
from dermdistill.cli import app
from dermdistill.publish.bom import make_bom


@pytest.fixture(scope="module")
def document(tmp_path_factory):
    path = tmp_path_factory.mktemp("bom") / "bom.json"
    result = CliRunner().invoke(app, ["export", "--bom", str(path)])
    assert result.exit_code == 0, result.output
    return json.loads(path.read_text("utf-8"))


def test_it_is_valid_and_the_validator_can_say_no(document):
    validator = JsonStrictValidator(SchemaVersion.V1_6)
    assert validator.validate_str(json.dumps(document)) is None
    model = document["metadata"]["component"] | {"modelCard": {"task": "x"}}
    wrong = document | {"metadata": document["metadata"] | {"component": model}}
    assert validator.validate_str(json.dumps(wrong)) is not None


def test_the_library_reads_every_file_with_its_hash(document):
    spec = load_bundle_spec(default_bundle_path())
    del document["metadata"]["component"]["modelCard"]  # which the library has no class for
    found = {component.name: component for component in Bom.from_json(document).components}
    for name, entry in spec.files.items():
        assert [one.content for one in found[name].hashes] == [entry.sha256]


def test_model_card_data_and_licences_are_the_bundles():
    spec = load_bundle_spec(default_bundle_path())
    document = make_bom(spec)
    model = document["metadata"]["component"]
    assert (model["type"], model["version"]) == ("machine-learning-model", spec.version)
    assert model["licenses"][0]["license"]["id"] == spec.licences["weights"]
    figures = {one["type"]: one for one in model["modelCard"]["quantitativeAnalysis"]["performanceMetrics"]}
    accuracy = spec.metrics.values["accuracy"]
    assert float(figures["accuracy"]["value"]) == accuracy.value
    assert float(figures["accuracy"]["confidenceInterval"]["lowerBound"]) == accuracy.low
    names = [one["name"] for one in document["components"] if one["type"] == "data"]
    assert names == ["ham10000", "milk10k", "msk"]


def test_every_licence_of_several_sources_is_named():
    spec = load_bundle_spec(default_bundle_path())
    dataset = Dataset(name="two", licence="CC-BY-NC-4.0; of our clinic", source="here")
    training = spec.training.model_copy(update={"datasets": [dataset]})
    document = make_bom(spec.model_copy(update={"training": training}))
    (data,) = [one for one in document["components"] if one["type"] == "data"]
    named = [one["license"].get("id") or one["license"]["name"] for one in data["licenses"]]
    assert sorted(named) == ["CC-BY-NC-4.0", "of our clinic"]
