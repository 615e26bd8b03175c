"""Make a start for `--init` of EfficientNet-B0 from the ImageNet weights of EfficientNet-Lite0.

    python recipes/teachers/efficientnet_b0_start.py \
        efficientnet_lite0_imagenet.npz efficientnet_b0_start.weights.h5

For where B0's own ImageNet weights cannot be had. Lite0 is B0 without squeeze-and-excitation and with ReLU6
for swish, so every kernel of B0 finds its weights there, in the same order. The excitations start open, .98
for every channel of every picture. Swish is not ReLU6: the training has to make up for it.
"""

from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer

from dermdistill.errors import ModelError
from dermdistill.models.build import TORCH_MEAN, TORCH_STD
from dermdistill.models.registry import get_model_spec
from dermdistill.models.weights import load_npz_weights

OPEN = 4.0  # whose sigmoid is .98


def fill_from_lite0(b0: Any, lite0: Any) -> None:
    """Give every kernel of an EfficientNet-B0 the weights of an EfficientNet-Lite0.

    Raises:
        ValueError: the two do not have the same kernels.
    """
    kernels = []
    for layer in b0.layers:
        if layer.name.endswith("se_expand"):
            kernel, bias = layer.get_weights()
            layer.set_weights([np.zeros_like(kernel), np.full_like(bias, OPEN)])
        elif layer.weights and not layer.name.endswith("se_reduce"):
            kernels.append(layer)
    for layer, source in zip(kernels, [layer for layer in lite0.layers if layer.weights], strict=True):
        layer.set_weights(source.get_weights())
    take_torch_scaling(*kernels[:2])


def take_torch_scaling(convolution: Any, norm: Any) -> None:
    """Change the first two layers of a network for -1 to 1, so that they answer alike to `torch` scaling.

    Alike but where the padding reaches, whose zeros are now of the mean colour instead of grey.
    """
    (kernel,) = convolution.get_weights()
    mean, deviation = np.array(TORCH_MEAN), np.array(TORCH_STD)
    convolution.set_weights([kernel * (2 * deviation)[:, None]])
    gamma, beta, moving_mean, moving_variance = norm.get_weights()
    shift = (kernel * (2 * mean - 1)[:, None]).sum(axis=(0, 1, 2))
    norm.set_weights([gamma, beta, moving_mean - shift, moving_variance])


def main(
    lite0_weights: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="Lite0's .npz file.")],
    start: Annotated[Path, typer.Argument(help="The .weights.h5 file to write.")],
) -> None:
    """Make a start for --init of EfficientNet-B0 from the weights of EfficientNet-Lite0."""
    if not start.name.endswith(".weights.h5"):
        raise typer.BadParameter(f"{start} must end in .weights.h5, by which --init knows what it holds.")
    backbones = {}
    for name in ("efficientnet_lite0", "efficientnet_b0"):
        _, build = get_model_spec(name)
        backbones[name] = build()
    try:
        load_npz_weights(backbones["efficientnet_lite0"], lite0_weights)
    except ModelError as error:
        raise typer.BadParameter(str(error)) from error
    fill_from_lite0(backbones["efficientnet_b0"], backbones["efficientnet_lite0"])
    partial = start.with_name(start.name.replace(".weights.h5", ".part.weights.h5"))
    backbones["efficientnet_b0"].save_weights(partial)
    partial.replace(start)


if __name__ == "__main__":
    typer.run(main)
