"""/api/v1: images in, JSON out."""

from typing import TYPE_CHECKING, cast

from flask import Blueprint, Response, current_app, jsonify, request
from werkzeug.exceptions import BadRequest, RequestEntityTooLarge, UnsupportedMediaType

from dermdistill.errors import ImageError
from dermdistill.inference import Prediction
from dermdistill.taxonomy import RESEARCH_USE
from dermdistill.web.answers import HEAT_MAPS, answer
from dermdistill.web.problems import image_problem, respond

if TYPE_CHECKING:
    from dermdistill.web.app import ClinicApp

blueprint = Blueprint("api", __name__, url_prefix="/api/v1")


def _app() -> "ClinicApp":
    return cast("ClinicApp", current_app)


@blueprint.post("/predict")
def predict() -> Response:
    """Answer the images in the multipart field `image`, in order.

    Field `heat_map`: `values` (default) or `none`. An image that cannot be used has an `error`, a problem,
    in its place; when none can be used, the first one's problem is the response.
    """
    if request.mimetype != "multipart/form-data":
        raise UnsupportedMediaType("Send multipart/form-data with the picture in the field image.")
    images = [upload.read() for upload in request.files.getlist("image")]
    heat_map = request.form.get("heat_map", "values")
    if not images:
        raise BadRequest("There is no picture: send one or several in the multipart field image.")
    if len(images) > _app().max_images:
        raise RequestEntityTooLarge(f"There are {len(images)} pictures; send at most {_app().max_images}.")
    if heat_map not in HEAT_MAPS:
        raise BadRequest(f"heat_map is none of {', '.join(HEAT_MAPS)}.")
    with _app().slots.hold():
        results = list(_app().engine.stream(images))
    errors = [result for result in results if isinstance(result, ImageError)]
    if len(errors) == len(results):
        return respond(image_problem(errors[0]))
    predictions = [
        answer(result, heat_map=heat_map)
        if isinstance(result, Prediction)
        else {"error": image_problem(result)}
        for result in results
    ]
    return jsonify({**_about(), "predictions": predictions})


@blueprint.get("/model")
def model() -> Response:
    """Describe the student that answers: all of bundle.json."""
    return jsonify(_app().engine.spec.model_dump(mode="json"))


@blueprint.get("/health")
def health() -> Response:
    """Say that the engine is there; it is only after checksums and self-test have passed."""
    return jsonify({"status": "ok", **_about()})


def _about() -> dict[str, object]:
    spec = _app().engine.spec
    return {"bundle": {"name": spec.name, "version": spec.version}, "notice": RESEARCH_USE}
