"""The script that makes a start of a published checkpoint, but for PyTorch's reading of the file."""

import runpy
from pathlib import Path

import pytest

from dermdistill.models import build_model
from dermdistill.models.freeze import backbone_of

SCRIPT = runpy.run_path(str(Path("recipes/teachers") / "efficientnet_lite_start.py"))
NORM = ("weight", "bias", "running_mean", "running_var")


def published_names(blocks):
    """What a checkpoint of that many blocks holds."""
    norms, convolutions = ["_bn0", "_bn1"], ["_conv_stem", "_conv_head", "_fc"]
    for block in range(blocks):
        expand = ["_expand_conv"] if block else []
        convolutions += [f"_blocks.{block}.{part}" for part in [*expand, "_depthwise_conv", "_project_conv"]]
        norms += [f"_blocks.{block}._bn{number}" for number in range(0 if block else 1, 3)]
    parts = [f"{norm}.{part}" for norm in norms for part in NORM]
    return [*parts, *[f"{convolution}.weight" for convolution in convolutions], "_fc.bias"]


@pytest.mark.parametrize(("number", "blocks"), [(0, 16), (1, 21), (2, 21)])
def test_every_layer_of_the_backbone_gets_its_arrays(number, blocks):
    backbone = backbone_of(build_model(f"efficientnet_lite{number}", num_classes=7))
    wanted = {layer.name for layer in backbone.layers if layer.weights}
    new = SCRIPT["renamed"](published_names(blocks), SCRIPT["REPEATS"][blocks])
    assert {name.rpartition(".")[0].replace(".", "_") for name in new.values()} == wanted
    assert len(set(new.values())) == len(new)


def test_blocks_are_counted_by_stage():
    new = SCRIPT["renamed"](published_names(21), SCRIPT["REPEATS"][21])
    assert new["_conv_stem.weight"] == "conv_stem.weight"
    assert new["_bn1.running_var"] == "bn2.running_var"
    assert new["_blocks.0._bn1.bias"] == "blocks.0.0.bn1.bias"
    assert new["_blocks.0._project_conv.weight"] == "blocks.0.0.conv_pw.weight"
    # Eight blocks precede it: 1, 3, 3 and the first of the fourth stage.
    assert new["_blocks.8._bn0.running_mean"] == "blocks.3.1.bn1.running_mean"
    assert new["_blocks.20._project_conv.weight"] == "blocks.6.0.conv_pwl.weight"
    assert not [name for name in new if "_fc" in name]
