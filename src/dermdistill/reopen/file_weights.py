"""The kernels and biases in a LiteRT file, by the Keras layer that each was converted from.

A converted file has batch normalisation folded into them: `conv(x) * kernel + bias` is what the network's
convolution and the normalisation after it gave together.
"""

import re
from collections.abc import Collection
from typing import Any

import numpy as np
from ai_edge_litert import schema_py_generated as schema
from numpy.typing import NDArray

_KERNELS = {schema.BuiltinOperator.CONV_2D, schema.BuiltinOperator.DEPTHWISE_CONV_2D}
_TYPES = {
    schema.TensorType.FLOAT32: "f4",
    schema.TensorType.FLOAT16: "f2",
    schema.TensorType.INT8: "i1",
    schema.TensorType.INT32: "i4",
}


class FileWeights:
    """One LiteRT file, opened to be read and not to be run."""

    def __init__(self, model_bytes: bytes) -> None:
        self._model = schema.ModelT.InitFromPackedBuf(model_bytes, 0)
        (self._graph,) = self._model.subgraphs

    def kernels(self, names: Collection[str]) -> dict[str, tuple[NDArray[np.float32], NDArray[np.float32]]]:
        """Kernel as Keras has it (`[h, w, in, out]`, depthwise `[h, w, channels, 1]`) and bias, by layer.

        Args:
            names: layers to look for; those that the file does not hold are left out.
        """
        found: dict[str, tuple[NDArray[np.float32], NDArray[np.float32]]] = {}
        for operator in self._graph.operators:
            if self._kind(operator) in _KERNELS:
                name = self._layer_of(operator.inputs[1], [name for name in names if name not in found])
                kernel, bias = (self._constant(tensor) for tensor in operator.inputs[1:])
                if name is not None and kernel is not None and bias is not None:
                    found[name] = kernel.transpose(1, 2, 3, 0), bias
        return found

    def added(self, layer: str) -> NDArray[np.float32] | None:
        """The constant that a layer of additions adds, None if there is no such layer in the file."""
        for operator in self._graph.operators:
            if self._kind(operator) == schema.BuiltinOperator.ADD:
                constant = self._constant(operator.inputs[1])
                if constant is not None and self._layer_of(operator.inputs[1], [layer]):
                    return constant
        return None

    def _kind(self, operator: Any) -> int:
        code = self._model.operatorCodes[operator.opcodeIndex]
        return int(max(code.builtinCode, code.deprecatedBuiltinCode))  # files of before 2020 have the second

    def _layer_of(self, tensor: int, names: Collection[str]) -> str | None:
        """The layer that a tensor's path names. The export numbers layers: `conv` may be `conv_1` there.

        Of several the shortest name: in the order of the computation, `conv` was before `conv_1`.
        """
        parts = re.split("[/;]", str(self._graph.tensors[tensor].name, "utf-8"))
        named = [name for name in names for part in parts if re.fullmatch(re.escape(name) + r"(_\d+)?", part)]
        return min(named, key=len, default=None)

    def _constant(self, tensor: int) -> NDArray[np.float32] | None:
        """The numbers that a constant stands for; None for what is computed from the image."""
        facts = self._graph.tensors[tensor]
        data = self._model.buffers[facts.buffer].data
        if data is None or not len(data):
            # A file of float16 keeps a constant narrow, and an operator makes it wider.
            wider = (op for op in self._graph.operators if tensor in op.outputs)
            source = next((op for op in wider if self._kind(op) == schema.BuiltinOperator.DEQUANTIZE), None)
            return None if source is None else self._constant(source.inputs[0])
        values = np.frombuffer(data, _TYPES[facts.type]).reshape(facts.shape).astype(np.float32)
        steps = facts.quantization.scale if facts.quantization is not None else None
        if steps is None:
            return values
        if len(steps) == 1:
            return np.asarray((values - facts.quantization.zeroPoint[0]) * steps[0], np.float32)
        shape = [1] * values.ndim
        shape[facts.quantization.quantizedDimension] = -1
        return np.asarray(values * steps.reshape(shape), np.float32)  # by channel, int8 has no zero point
