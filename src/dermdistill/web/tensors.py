"""Tensors as JSON, as the Open Inference Protocol has them."""

from math import prod
from typing import Annotated, Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, Field

from dermdistill.bundle.fields import Part

OutputName = Literal["probabilities", "logits"]
INPUT = "image"


class TensorMetadata(Part):
    """A tensor that the model takes or gives; -1 in the shape is any number of images."""

    name: str
    datatype: Literal["UINT8", "FP32"]
    shape: list[int]


class InputTensor(BaseModel):
    """RGB pixels 0-255 of n images."""

    name: str
    datatype: str
    shape: list[Annotated[int, Field(ge=0)]]
    parameters: dict[str, Any] | None = None
    data: Annotated[list[Any], Field(description="Numbers in row-major order, flat or nested.")]


class RequestedOutput(BaseModel):
    """An output that is wanted."""

    name: OutputName
    parameters: dict[str, Any] | None = None


class InferRequest(BaseModel):
    """One input tensor of images; both outputs are given when none is named."""

    id: str | None = None
    parameters: dict[str, Any] | None = None
    inputs: Annotated[list[InputTensor], Field(min_length=1, max_length=1)]
    outputs: list[RequestedOutput] | None = None

    @property
    def wanted(self) -> list[OutputName]:
        """The outputs to give, in the order they were asked for."""
        return [output.name for output in self.outputs or []] or ["probabilities", "logits"]


class OutputTensor(Part):
    """Numbers in row-major order, flat."""

    name: OutputName
    datatype: Literal["FP32"] = "FP32"
    shape: list[int]
    data: list[float]


class InferAnswer(Part):
    """The outputs for n images; classes are in the order that `GET /api/v1/model` gives."""

    id: str | None = None
    model_name: str
    model_version: str
    outputs: list[OutputTensor]


class TensorError(Exception):
    """A tensor is not what the model takes; the message says what it must be."""


def images_of(tensor: InputTensor, *, size: int, most: int) -> NDArray[np.uint8]:
    """Return the images of a request as RGB uint8 `[n, size, size, 3]`.

    Raises:
        TensorError: the name, type, shape, or a value is not what the model takes.
    """
    if tensor.name != INPUT or tensor.datatype != "UINT8":
        raise TensorError(f"The input must be named {INPUT} and of datatype UINT8.")
    if tensor.shape[1:] != [size, size, 3] or not 1 <= tensor.shape[0] <= most:
        raise TensorError(f"The shape must be [n, {size}, {size}, 3] with n from 1 to {most}.")
    try:
        values = np.asarray(tensor.data)
    except (ValueError, OverflowError):
        raise TensorError("The rows of data differ in length.") from None
    if values.size != prod(tensor.shape) or values.shape not in ((values.size,), tuple(tensor.shape)):
        raise TensorError(f"The data must be {prod(tensor.shape)} numbers, flat or nested as the shape is.")
    if values.dtype.kind != "i" or values.min() < 0 or values.max() > 255:
        raise TensorError("The data must be whole numbers from 0 to 255.")
    return values.astype(np.uint8).reshape(tensor.shape)


def output_tensor(name: OutputName, rows: list[list[float]]) -> OutputTensor:
    """Return rows of numbers as an output."""
    values = np.asarray(rows, np.float32)
    return OutputTensor(name=name, shape=list(values.shape), data=values.ravel().tolist())
