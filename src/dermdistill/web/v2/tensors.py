"""Requests and answers of the Open Inference Protocol: JSON, or JSON with tensors as bytes behind it."""

import secrets
from collections.abc import Sequence
from typing import Annotated, Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, Field, StrictStr

from dermdistill.bundle.fields import Part
from dermdistill.strict_json import JsonError
from dermdistill.web.v2 import binary
from dermdistill.web.v2.pixels import LONGEST_REST, PixelError, cut_pixels, pixels_of

OutputName = Literal["assessment", "probabilities", "logits", "malignant_probability", "refused", "picture"]
Parameters = dict[str, Any] | None
INPUT = "image"
# Bytes of a number in JSON with its comma, its brackets and some room.
_LONGEST_NUMBER = 8
# Of the protocol's extensions, those whose answer would be another one if they were left aside.
_NOT_OFFERED = {
    "classification",
    "sequence_end",
    "sequence_id",
    "sequence_start",
    "shared_memory_byte_size",
    "shared_memory_offset",
    "shared_memory_region",
}


class TensorMetadata(Part):
    """A tensor that the model takes or gives; -1 in the shape is any number of images."""

    name: str
    datatype: Literal["UINT8", "FP32", "BOOL", "BYTES"]
    shape: list[int]


class OutputMetadata(TensorMetadata):
    """A tensor that the model gives."""

    name: OutputName


class InputTensor(BaseModel):
    """RGB pixels 0-255 of n images."""

    name: StrictStr
    datatype: StrictStr
    shape: list[Annotated[int, Field(ge=0, strict=True)]]
    parameters: Parameters = None
    data: Annotated[
        list[Any] | None,
        Field(
            description="Whole numbers in row-major order, flat or nested; none where the bytes follow the "
            "JSON, as `binary_data_size` among the parameters says."
        ),
    ] = None


class RequestedOutput(BaseModel):
    """An output that is wanted; with `binary_data` among the parameters, as bytes."""

    name: OutputName
    parameters: Parameters = None


class InferRequest(BaseModel):
    """One input tensor of images; all outputs are given when none is named."""

    id: StrictStr | None = None
    parameters: Parameters = None
    inputs: Annotated[list[InputTensor], Field(min_length=1, max_length=1)]
    outputs: list[RequestedOutput] | None = None

    def wanted(self, offered: Sequence[OutputName]) -> dict[OutputName, bool]:
        """The outputs to give, in order, and whether as bytes: those asked for, or all that the model has.

        Raises:
            TensorError: one is not `offered`, or is wanted in a form that is not.
        """
        parameters = [one.parameters for one in self.inputs] + [one.parameters for one in self.outputs or []]
        for given in [self.parameters, *parameters]:
            if extensions := _NOT_OFFERED & {name for name, value in (given or {}).items() if value}:
                raise TensorError(f"{min(extensions)} is not offered; leave it out.")
        every = bool((self.parameters or {}).get("binary_data_output"))
        if not self.outputs:
            return dict.fromkeys(offered, every)
        if missing := [output.name for output in self.outputs if output.name not in offered]:
            raise TensorError(f"This model has no output {missing[0]}; it has {', '.join(offered)}.")
        return {
            output.name: bool((output.parameters or {}).get("binary_data", every)) for output in self.outputs
        }


class OutputTensor(Part):
    """Values in row-major order, flat; or bytes behind the JSON, as many as `binary_data_size` says.

    Words have the datatype BYTES, and as bytes each has its length before it: four bytes, little-endian.
    """

    name: OutputName
    datatype: Literal["FP32", "BOOL", "BYTES"]
    shape: list[int]
    parameters: dict[str, int] | None = None
    data: list[float] | list[bool] | list[str] | None = None


class InferAnswer(Part):
    """The outputs for n images; classes are in the order that `GET /api/v1/model` gives."""

    id: str | None = None
    model_name: str
    model_version: str
    parameters: dict[str, str]
    outputs: list[OutputTensor]


class TensorError(Exception):
    """A tensor is not what the model takes; the message says what it must be."""


class TooManyError(TensorError):
    """There are more images than one request may have."""


def read_request(
    body: bytes, json_length: str | None, *, size: int, most: int
) -> tuple[InferRequest, NDArray[np.uint8]]:
    """Read a request and its images, RGB uint8 `[n, size, size, 3]`, n from 1 to `most`.

    Args:
        body: the request.
        json_length: the header that says how much of it is JSON; None for all.
        size: side of the model's input, pixels.
        most: images that one request may have.

    Raises:
        TensorError: it is no request, or its tensor is not what the model takes.
        TooManyError: it has more images than `most`.
        pydantic.ValidationError: a field is missing or wrong.
    """
    if len(body) > most * size * size * 3 * _LONGEST_NUMBER + LONGEST_REST:
        raise TooManyError(f"There are more numbers than {most} images have; send at most {most} images.")
    try:
        text, following = binary.split(body, json_length)
        cut = cut_pixels(text, mark=secrets.token_hex())
        asked = _validated(cut.rest, cut.mark)
        shape = _checked_shape(asked.inputs[0], size=size, most=most)
        announced = (asked.inputs[0].parameters or {}).get("binary_data_size")
        if announced is not None:
            if asked.inputs[0].data is not None:
                raise TensorError("A tensor has data and binary_data_size; send one of them.")
            return asked, binary.raw_pixels(following, announced, shape)
        if following or asked.inputs[0].data != [cut.mark] or cut.numbers is None:
            raise TensorError(
                f"The data must be {int(np.prod(shape))} numbers, flat or nested as the shape is."
            )
        return asked, pixels_of(cut.numbers, shape)
    except (JsonError, PixelError, binary.BinaryError) as error:
        raise TensorError(str(error)) from error


def _validated(rest: Any, mark: str) -> InferRequest:
    """Check the request; its pixels are `[mark]` where they were cut out, so that a list stands there."""
    try:
        if rest["inputs"][0]["data"] == mark:
            rest["inputs"][0]["data"] = [mark]
    except (KeyError, IndexError, TypeError):
        pass  # the model says better what is missing
    return InferRequest.model_validate(rest)


def _checked_shape(tensor: InputTensor, *, size: int, most: int) -> tuple[int, ...]:
    if tensor.name != INPUT or tensor.datatype != "UINT8":
        raise TensorError(f"The input must be named {INPUT} and of datatype UINT8.")
    if tensor.shape[1:] != [size, size, 3] or tensor.shape[0] < 1:
        raise TensorError(f"The shape must be [n, {size}, {size}, 3] with n from 1 to {most}.")
    if tensor.shape[0] > most:
        raise TooManyError(f"There are {tensor.shape[0]} images; send at most {most}.")
    return tuple(tensor.shape)


_DATATYPES: dict[str, Literal["FP32", "BOOL", "BYTES"]] = {"f": "FP32", "b": "BOOL", "U": "BYTES"}


def output_values(rows: Sequence[Any]) -> NDArray[Any]:
    """Return one row, number, truth value or word for each image as float32, bool or text."""
    values = np.asarray(rows)
    return values if values.dtype.kind in "bU" else values.astype(np.float32)


def output_tensor(name: OutputName, values: NDArray[Any], *, as_bytes: bool) -> OutputTensor:
    """Describe an output; its values stand in it unless they follow as bytes."""
    datatype = _DATATYPES[values.dtype.kind]
    shape = list(values.shape)
    if as_bytes:
        parameters = {"binary_data_size": len(binary.raw_values(values))}
        return OutputTensor(name=name, datatype=datatype, shape=shape, parameters=parameters)
    return OutputTensor(name=name, datatype=datatype, shape=shape, data=values.ravel().tolist())
