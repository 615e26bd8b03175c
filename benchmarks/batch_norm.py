"""How much faster a training step is with batch normalisation as one operation than with Keras's own layer.

    python benchmarks/batch_norm.py [--model mobilenet_v2] [--image-size 128] [--precision float32]

The peer is the same network with Keras's layer. Both take the whole step on one batch in memory, with
gradients, optimizer and average of weights. They take turns, so that other load on the machine affects both.
"""

import argparse
import statistics
import time
from unittest.mock import patch

import numpy as np
from rich.console import Console
from rich.table import Table

from dermdistill.distill.ema import WeightAverage
from dermdistill.distill.objective import Objective
from dermdistill.distill.optimizer import make_optimizer
from dermdistill.distill.recipe import OptimizerSection
from dermdistill.distill.step.contract import Step, StepInput, make_step
from dermdistill.models import build_model


def compile_step(options: argparse.Namespace) -> Step:
    """Build a network with random weights and compile its step."""
    model = build_model(options.model, num_classes=7, image_size=None, precision=options.precision)
    optimizer = make_optimizer(model.trainable_variables, OptimizerSection())
    return make_step(model, [], optimizer, Objective(), WeightAverage(model, 0.99))


def images_per_second(step: Step, options: argparse.Namespace) -> float:
    """Repeat the step and return its rate."""
    rng = np.random.default_rng(0)
    size = options.image_size
    images = rng.integers(0, 256, (options.batch_size, size, size, 3), np.uint8)
    targets = np.eye(7, dtype=np.float32)[rng.integers(0, 7, options.batch_size)]
    float(step(StepInput(images, targets), 1e-4)["loss"])
    started = time.perf_counter()
    for _ in range(options.steps):
        losses = step(StepInput(images, targets), 1e-4)
    float(losses["loss"])
    return float(options.steps * options.batch_size / (time.perf_counter() - started))


def main() -> None:
    """Take turns and print both rates and their ratio."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--model", default="mobilenet_v2")
    parser.add_argument("--image-size", type=int, default=128)
    parser.add_argument("--batch-size", type=int, default=32)
    parser.add_argument("--precision", choices=("float32", "bfloat16"), default="float32")
    parser.add_argument("--steps", type=int, default=12)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    fused = compile_step(options)
    with patch("dermdistill.models.build.fuse_batch_norm", lambda backbone: backbone):
        plain = compile_step(options)
    rounds = [[images_per_second(step, options) for step in (fused, plain)] for _ in range(options.rounds)]
    ratios = [one / other for one, other in rounds]
    table = Table(title=f"{options.model}, {options.image_size} px, {options.precision}")
    for name in ("one operation, images/s", "Keras's layer, images/s", "ratio", "rounds"):
        table.add_column(name, justify="right")
    rates = [statistics.median(column) for column in zip(*rounds, strict=True)]
    table.add_row(
        *(f"{rate:.1f}" for rate in rates),
        f"{statistics.median(ratios):.2f}",
        ", ".join(f"{ratio:.2f}" for ratio in ratios),
    )
    Console().print(table)


if __name__ == "__main__":
    main()
