"""Tensors as JSON, as the Open Inference Protocol has them."""

from collections.abc import Sequence
from math import prod
from typing import Annotated, Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, Field

from dermdistill.bundle.fields import Part

OutputName = Literal["probabilities", "logits", "malignant_probability", "refused"]
INPUT = "image"
# Values of a request that are no pixels; more than enough.
_OTHER_VALUES = 10_000
# Of the protocol's extensions; this server's answers are whole and in JSON.
_EXTENSIONS = {"binary_data", "binary_data_output", "binary_data_size", "classification"}


class TensorMetadata(Part):
    """A tensor that the model takes or gives; -1 in the shape is any number of images."""

    name: str
    datatype: Literal["UINT8", "FP32", "BOOL"]
    shape: list[int]


class OutputMetadata(TensorMetadata):
    """A tensor that the model gives."""

    name: OutputName


class InputTensor(BaseModel):
    """RGB pixels 0-255 of n images."""

    name: str
    datatype: str
    shape: list[Annotated[int, Field(ge=0, strict=True)]]
    parameters: dict[str, Any] | None = None
    data: Annotated[list[Any], Field(description="Numbers in row-major order, flat or nested.")]


class RequestedOutput(BaseModel):
    """An output that is wanted."""

    name: OutputName
    parameters: dict[str, Any] | None = None


class InferRequest(BaseModel):
    """One input tensor of images; all outputs are given when none is named."""

    id: str | None = None
    parameters: dict[str, Any] | None = None
    inputs: Annotated[list[InputTensor], Field(min_length=1, max_length=1)]
    outputs: list[RequestedOutput] | None = None

    def wanted(self, offered: Sequence[OutputName]) -> list[OutputName]:
        """The outputs to give: those asked for, in that order, or all that the model has.

        Raises:
            TensorError: one is not `offered`, or is wanted in a form that is not.
        """
        parameters = [one.parameters for one in self.inputs] + [one.parameters for one in self.outputs or []]
        for given in [self.parameters, *parameters]:
            if extensions := _EXTENSIONS & {name for name, value in (given or {}).items() if value}:
                raise TensorError(f"{min(extensions)} is not offered; send and take JSON.")
        names = [output.name for output in self.outputs or []] or list(offered)
        if missing := [name for name in names if name not in offered]:
            raise TensorError(f"This model has no output {missing[0]}; it has {', '.join(offered)}.")
        return names


class OutputTensor(Part):
    """Numbers in row-major order, flat."""

    name: OutputName
    datatype: Literal["FP32", "BOOL"]
    shape: list[int]
    data: list[float] | list[bool]


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


def read_request(body: bytes, *, size: int, most: int) -> InferRequest:
    """Read a request of up to `most` images of `size` pixels; a longer list is refused before it is parsed.

    Raises:
        TooManyError: it holds more values than that.
        pydantic.ValidationError: it is no request.
    """
    # Each value but the first has a comma before it, whatever it is: parsed, millions of {} take gigabytes.
    if body.count(b",") > most * size * size * 3 + _OTHER_VALUES:
        raise TooManyError(f"There are more numbers than {most} images have; send at most {most} images.")
    return InferRequest.model_validate_json(body)


def images_of(tensor: InputTensor, *, size: int, most: int) -> NDArray[np.uint8]:
    """Return the images of a request as RGB uint8 `[n, size, size, 3]`.

    Raises:
        TensorError: the name, type, shape, or a value is not what the model takes.
        TooManyError: there are more than `most` images.
    """
    if tensor.name != INPUT or tensor.datatype != "UINT8":
        raise TensorError(f"The input must be named {INPUT} and of datatype UINT8.")
    if tensor.shape[1:] != [size, size, 3] or tensor.shape[0] < 1:
        raise TensorError(f"The shape must be [n, {size}, {size}, 3] with n from 1 to {most}.")
    if tensor.shape[0] > most:
        raise TooManyError(f"There are {tensor.shape[0]} images; send at most {most}.")
    try:
        values = np.asarray(tensor.data)
        fits = values.size == prod(tensor.shape) and values.shape in ((values.size,), tuple(tensor.shape))
    except (ValueError, OverflowError):
        fits = False
    if not fits:
        raise TensorError(f"The data must be {prod(tensor.shape)} numbers, flat or nested as the shape is.")
    if values.dtype.kind != "i" or values.min() < 0 or values.max() > 255:
        raise TensorError("The data must be whole numbers from 0 to 255.")
    return values.astype(np.uint8).reshape(tensor.shape)


def output_tensor(name: OutputName, rows: Sequence[Any]) -> OutputTensor:
    """Return one row, number or truth value for each image as an output."""
    values = np.asarray(rows)
    if values.dtype != np.bool_:
        values = values.astype(np.float32)
    datatype: Literal["FP32", "BOOL"] = "BOOL" if values.dtype == np.bool_ else "FP32"
    return OutputTensor(name=name, datatype=datatype, shape=list(values.shape), data=values.ravel().tolist())
