"""/api/v1: images in, JSON out."""

from typing import get_args

from flask import Blueprint, request
from werkzeug.exceptions import BadRequest, RequestEntityTooLarge, UnsupportedMediaType

from dermdistill.bundle import BundleSpec
from dermdistill.errors import ImageError
from dermdistill.inference import Prediction
from dermdistill.web.addresses import API
from dermdistill.web.api.answers import Health, ImageFailure, PredictAnswer, answer, bundle_name
from dermdistill.web.api.forms import MAX_IMAGES, HeatMap, PredictForm
from dermdistill.web.clinic import answer_images, clinic
from dermdistill.web.description.operations import operation
from dermdistill.web.guards.problems import image_problem

blueprint = Blueprint("api", __name__, url_prefix=API)


@blueprint.post("/predict")
@operation(body=PredictForm, body_media="multipart/form-data", errors=(400, 413, 415, 503))
def predict() -> PredictAnswer:
    """Answer photographs of skin lesions.

    The answers are in the order of the pictures. A picture that cannot be used has an `error` in its place;
    when none can be used, the first one's problem is the response.
    """
    form = _read_form()
    results = answer_images(form.image)
    errors = [result for result in results if isinstance(result, ImageError)]
    if len(errors) == len(results):
        raise errors[0]
    predictions = [
        answer(result, heat_map=form.heat_map)
        if isinstance(result, Prediction)
        else ImageFailure(error=image_problem(result))
        for result in results
    ]
    return PredictAnswer(bundle=bundle_name(clinic().engine.spec), predictions=predictions)


@blueprint.get("/model")
@operation()
def model() -> BundleSpec:
    """Describe the student that answers: all of bundle.json."""
    return clinic().engine.spec


@blueprint.get("/health")
@operation(needs_key=False)
def health() -> Health:
    """Say that the engine is there; it is only after checksums and self-test have passed."""
    return Health(bundle=bundle_name(clinic().engine.spec))


def _read_form() -> PredictForm:
    if request.mimetype != "multipart/form-data":
        raise UnsupportedMediaType("Send multipart/form-data with the picture in the field image.")
    if request.args:
        raise BadRequest(f"{next(iter(request.args))} is in the address; send options as fields of the form.")
    if unknown := sorted({*request.form, *request.files} - PredictForm.model_fields.keys()):
        raise BadRequest(
            f"There is no field {unknown[0]}; the fields are {', '.join(PredictForm.model_fields)}."
        )
    if "image" in request.form:
        raise BadRequest("A field image is text; send each picture as a file (curl: -F image=@photo.jpg).")
    if "heat_map" in request.files:
        raise BadRequest("heat_map is a file; send it as text (curl: -F heat_map=none).")
    images = [upload.read() for upload in request.files.getlist("image")]
    heat_map, *more = request.form.getlist("heat_map") or ["values"]
    if not images:
        raise BadRequest(
            "There is no picture. Send one or several files in the field image of a multipart form, whole "
            "and with the boundary that its Content-Type names."
        )
    if len(images) > MAX_IMAGES:
        raise RequestEntityTooLarge(f"There are {len(images)} pictures; send at most {MAX_IMAGES}.")
    if more or heat_map not in get_args(HeatMap):
        raise BadRequest(f"heat_map must be given once at most, and be {' or '.join(get_args(HeatMap))}.")
    return PredictForm.model_validate({"image": images, "heat_map": heat_map})
