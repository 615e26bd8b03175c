"""A bundle as a CycloneDX ML-BOM: what it is made of, from which data, under which licences, how it scores.

cyclonedx-python-lib makes and checks the document. It has no classes for a model card (CycloneDX 1.6,
`modelCard`), which is put into its output as the schema has it.
"""

import json
from importlib.metadata import version as installed
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dermdistill.bundle import BundleSpec, Dataset, Interval, OpenBundle
from dermdistill.files import write_atomically
from dermdistill.publish.extra import PublishError, refuse_without

if TYPE_CHECKING:
    from cyclonedx.model.bom import Bom


def refuse_without_cyclonedx() -> None:
    """Raise early when the extra is not installed.

    Raises:
        PublishError: says what to install.
    """
    refuse_without("cyclonedx")


def write_bom(bundle: OpenBundle, path: Path) -> None:
    """Write the ML-BOM of a bundle as JSON.

    Raises:
        PublishError: cyclonedx-python-lib is missing, or finds the document invalid.
        OSError: the file cannot be written.
    """
    document = make_bom(bundle.spec)
    write_atomically(path, (json.dumps(document, indent=2, ensure_ascii=False) + "\n").encode())


def make_bom(spec: BundleSpec) -> dict[str, Any]:
    """Make the ML-BOM, CycloneDX 1.6; see `write_bom` for what it raises."""
    refuse_without_cyclonedx()
    from cyclonedx.output.json import JsonV1Dot6  # noqa: PLC0415 - of the extra
    from cyclonedx.schema import SchemaVersion  # noqa: PLC0415 - of the extra
    from cyclonedx.validation.json import JsonStrictValidator  # noqa: PLC0415 - of the extra

    document: dict[str, Any] = json.loads(JsonV1Dot6(_bom(spec)).output_as_string())
    document["metadata"]["component"]["modelCard"] = _model_card(spec)
    if problem := JsonStrictValidator(SchemaVersion.V1_6).validate_str(json.dumps(document)):
        raise PublishError(
            f"The ML-BOM of {spec.name} would be no valid CycloneDX 1.6 ({problem}); report this."
        )
    return document


def _bom(spec: BundleSpec) -> "Bom":
    from cyclonedx.model import HashAlgorithm, HashType, Property  # noqa: PLC0415 - of the extra
    from cyclonedx.model.bom import Bom  # noqa: PLC0415 - of the extra
    from cyclonedx.model.component import Component, ComponentType  # noqa: PLC0415 - of the extra

    model = Component(
        name=spec.name,
        type=ComponentType.MACHINE_LEARNING_MODEL,
        version=spec.version,
        bom_ref="model",
        description=spec.intended_use,
        licenses=_licences(spec.licences.get("weights", "")),
        hashes=[HashType(alg=HashAlgorithm.SHA_256, content=spec.spec_sha256 or "")],
        properties=[Property(name="dermdistill:hash-of", value="bundle.json without spec_sha256, RFC 8785")],
    )
    files = [
        Component(
            name=name,
            type=ComponentType.FILE,
            bom_ref=f"file:{name}",
            hashes=[HashType(alg=HashAlgorithm.SHA_256, content=entry.sha256)],
        )
        for name, entry in spec.files.items()
    ]
    data = [
        Component(
            name=one.name,
            type=ComponentType.DATA,
            bom_ref=_data_ref(one),
            description=one.source,
            licenses=_licences(one.licence),
        )
        for one in spec.training.datasets
    ]
    software = [
        Component(name=name, type=ComponentType.LIBRARY, version=version, bom_ref=f"software:{name}")
        for name, version in spec.training.software.items()
        if version[:1].isdigit() and name not in ("python", "exported_with_dermdistill")
    ]
    runs_it = Component(
        name="ai-edge-litert",
        type=ComponentType.LIBRARY,
        version=installed("ai-edge-litert"),
        bom_ref="runs-it:ai-edge-litert",
        licenses=_licences("Apache-2.0"),
    )
    bom = Bom(components=[*files, *data, *software, runs_it])
    bom.metadata.component = model
    bom.metadata.timestamp = spec.created
    bom.register_dependency(model, [*files, *data, runs_it])
    return bom


def _licences(licence: str) -> list[Any]:
    """Licences, several separated by `;`: by SPDX identifier, or by name where there is none."""
    from cyclonedx.contrib.license.factories import LicenseFactory  # noqa: PLC0415 - of the extra
    from cyclonedx.exception.factory import InvalidSpdxLicenseException  # noqa: PLC0415 - of the extra

    found: list[Any] = []
    for one in filter(None, map(str.strip, licence.split(";"))):
        try:
            found.append(LicenseFactory().make_with_id(one))
        except InvalidSpdxLicenseException:
            found.append(LicenseFactory().make_with_name(one))
    return found


def _data_ref(dataset: Dataset) -> str:
    return f"data:{dataset.name}"


def _model_card(spec: BundleSpec) -> dict[str, Any]:
    outputs = [{"format": f"{name} float32 {[1, *output.shape]}"} for name, output in spec.outputs.items()]
    card: dict[str, Any] = {
        "modelParameters": {
            "approach": {"type": "supervised"},
            "task": "classification of pictures of skin lesions",
            "architectureFamily": "convolutional neural network",
            "modelArchitecture": spec.training.architecture,
            "datasets": [{"ref": _data_ref(one)} for one in spec.training.datasets],
            "inputs": [{"format": f"RGB uint8 [1, {spec.input.size}, {spec.input.size}, 3]"}],
            "outputs": outputs,
        },
        "considerations": {
            "users": ["researchers"],
            "useCases": [spec.intended_use],
            "technicalLimitations": [
                f"It knows {len(spec.classes)} classes: {', '.join(entry.name for entry in spec.classes)}.",
                "Figures hold for pictures like those of its data sets.",
            ],
        },
    }
    if spec.metrics is not None:
        measured = f"{spec.metrics.split} split, {spec.metrics.n_images} images"
        card["quantitativeAnalysis"] = {
            "performanceMetrics": [
                _figure(name, value, measured) for name, value in spec.metrics.values.items()
            ]
        }
    return card


def _figure(name: str, value: Interval, measured: str) -> dict[str, Any]:
    figure: dict[str, Any] = {"type": name, "value": str(value.value), "slice": measured}
    if value.low is not None and value.high is not None:
        figure["confidenceInterval"] = {"lowerBound": str(value.low), "upperBound": str(value.high)}
    return figure
