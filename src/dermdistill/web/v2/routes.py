"""/v2: the Open Inference Protocol (KServe V2) over HTTP, for software that speaks it to every model.

Source: github.com/kserve/open-inference-protocol, inference_rest.md. Tensors travel as JSON or, by the binary
tensor extension, as bytes behind it.
"""

from collections.abc import Callable
from importlib.metadata import version as installed
from typing import Any

from flask import Blueprint, Response, request
from pydantic import ValidationError
from werkzeug.exceptions import BadRequest, NotFound, RequestEntityTooLarge

from dermdistill.bundle import BundleSpec
from dermdistill.bundle.fields import Part
from dermdistill.classes import RESEARCH_USE
from dermdistill.errors import ImageError
from dermdistill.inference import Prediction
from dermdistill.web.addresses import PROTOCOL
from dermdistill.web.api.forms import MAX_IMAGES
from dermdistill.web.clinic import answer_images, clinic
from dermdistill.web.description.operations import operation
from dermdistill.web.guards.encodings import unpacked
from dermdistill.web.v2 import binary
from dermdistill.web.v2.tensors import (
    INPUT,
    InferAnswer,
    InferRequest,
    OutputMetadata,
    OutputName,
    TensorError,
    TensorMetadata,
    TooManyError,
    output_tensor,
    output_values,
    read_request,
)

blueprint = Blueprint("protocol", __name__, url_prefix=PROTOCOL)
_MODEL, _VERSION = "/models/<name>", "/models/<name>/versions/<version>"


class ServerMetadata(Part):
    """What this server is."""

    name: str
    version: str
    extensions: list[str]


class Live(Part):
    """Whether the server runs."""

    live: bool


class Ready(Part):
    """Whether the server can answer."""

    ready: bool


class ModelReady(Part):
    """Whether the model can answer."""

    name: str
    ready: bool


class ModelMetadata(Part):
    """What the model takes and gives."""

    name: str
    versions: list[str]
    platform: str
    inputs: list[TensorMetadata]
    outputs: list[OutputMetadata]


@blueprint.get("")
@operation()
def server() -> ServerMetadata:
    """Name the server."""
    return ServerMetadata(name="dermdistill", version=installed("dermdistill"), extensions=[binary.NAME])


@blueprint.get("/health/live")
@operation(needs_key=False)
def live() -> Live:
    """Say that the server runs."""
    return Live(live=True)


@blueprint.get("/health/ready")
@operation(needs_key=False)
def ready() -> Ready:
    """Say that the server can answer: there is no application before checksums and self-test have passed."""
    return Ready(ready=True)


@blueprint.get(_MODEL)
@blueprint.get(_VERSION)
@operation()
def model(name: str, version: str | None = None) -> ModelMetadata:
    """Describe the model's input and outputs."""
    _check(name, version)
    spec = clinic().engine.spec
    size = spec.input.size
    return ModelMetadata(
        name=spec.name,
        versions=[spec.version],
        platform="litert",
        inputs=[TensorMetadata(name=INPUT, datatype="UINT8", shape=[-1, size, size, 3])],
        outputs=_outputs(spec),
    )


@blueprint.get(f"{_MODEL}/ready")
@blueprint.get(f"{_VERSION}/ready")
@operation(needs_key=False)
def model_ready(name: str, version: str | None = None) -> ModelReady:
    """Say that the model can answer."""
    _check(name, version)
    return ModelReady(name=name, ready=True)


@blueprint.post(f"{_MODEL}/infer")
@blueprint.post(f"{_VERSION}/infer")
@operation(body=InferRequest, errors=(400, 413, 415, 503))
def infer(name: str, version: str | None = None) -> InferAnswer | Response:
    """Answer images that were already brought to the model's size.

    A request and an answer may carry tensors as bytes, by the binary tensor extension. A request may be
    packed with gzip or deflate.
    """
    _check(name, version)
    spec = clinic().engine.spec
    try:
        with clinic().slots.hold():  # unpacking and reading millions of numbers is work, too
            body = unpacked(request.get_data(), request.headers.get("Content-Encoding"))
            length = request.headers.get(binary.HEADER)
            asked, images = read_request(body, length, size=spec.input.size, most=MAX_IMAGES)
        wanted = asked.wanted([output.name for output in _outputs(spec)])
    except ValidationError as error:
        raise BadRequest(_first(error)) from error
    except TooManyError as error:
        raise RequestEntityTooLarge(str(error)) from error
    except TensorError as error:
        raise BadRequest(str(error)) from error
    results = answer_images(list(images))
    predictions = [result for result in results if isinstance(result, Prediction)]
    for result in results:
        if isinstance(result, ImageError):
            raise result
    values = {name: output_values([_VALUES[name](one) for one in predictions]) for name in wanted}
    answer = InferAnswer(
        id=asked.id,
        model_name=spec.name,
        model_version=spec.version,
        parameters={"notice": RESEARCH_USE, **_setting(predictions[0])},
        outputs=[output_tensor(name, values[name], as_bytes=raw) for name, raw in wanted.items()],
    )
    if not any(wanted.values()):
        return answer
    tensors = [values[name] for name, raw in wanted.items() if raw]
    sent, json_bytes = binary.joined(answer.model_dump(exclude_none=True), tensors)
    return Response(sent, mimetype=binary.MEDIA, headers={binary.HEADER: str(json_bytes)})


def _setting(prediction: Prediction) -> dict[str, str]:
    """At which operating point it was assessed, and in how many melanomas `no_sign` was wrong there."""
    sensitivity, missed = prediction.assessment.sensitivity, prediction.missed_melanomas
    if sensitivity is None:
        return {}
    wrong = f"{missed.per_100:.1f} ({missed.low:.1f} to {missed.high:.1f})" if missed else "not measured"
    return {"sensitivity": str(sensitivity), "no_sign_in_100_melanomas": wrong}


_VALUES: dict[OutputName, Callable[[Prediction], Any]] = {
    "assessment": lambda prediction: prediction.assessment.level,
    "probabilities": lambda prediction: list(prediction.probs.values()),
    "logits": lambda prediction: prediction.logits,
    "malignant_probability": lambda prediction: prediction.malignant_probability,
    "refused": lambda prediction: bool(
        prediction.out_of_distribution and prediction.out_of_distribution.refused
    ),
    "picture": lambda prediction: prediction.picture.kind if prediction.picture else "",
}


def _outputs(spec: BundleSpec) -> list[OutputMetadata]:
    """What this model gives; `refused` only with a detector, `picture` only where it knows their kinds."""
    count = len(spec.classes)
    found = [
        OutputMetadata(name="assessment", datatype="BYTES", shape=[-1]),
        OutputMetadata(name="probabilities", datatype="FP32", shape=[-1, count]),
        OutputMetadata(name="logits", datatype="FP32", shape=[-1, count]),
        OutputMetadata(name="malignant_probability", datatype="FP32", shape=[-1]),
    ]
    if spec.out_of_distribution is not None:
        found.append(OutputMetadata(name="refused", datatype="BOOL", shape=[-1]))
    if spec.pictures is not None:
        found.append(OutputMetadata(name="picture", datatype="BYTES", shape=[-1]))
    return found


def _check(name: str, version: str | None) -> None:
    spec = clinic().engine.spec
    if name != spec.name or version not in (None, spec.version):
        raise NotFound(f"There is no such model; this server has {spec.name} version {spec.version}.")


def _first(error: ValidationError) -> str:
    """Say the first thing that is wrong with a request, without repeating the request."""
    first = error.errors(include_url=False, include_input=False, include_context=False)[0]
    place = ".".join(str(part) for part in first["loc"])
    return f"{place or 'The request'}: {first['msg']}."
