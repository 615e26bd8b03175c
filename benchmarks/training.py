"""How fast the training loop is beside the bare step on one repeated batch. Goal: at least .9 of it.

    python benchmarks/training.py [--model mobilenet_v2] [--image-size 128] [--steps 20] [--rounds 3]

Both run the same compiled step. Bare gives it one batch again and again; the loop also draws the order, makes
the augmented views in threads, and stacks them. They take turns, so that what else the machine does weighs on
both. On a GPU set KERAS_BACKEND=jax.
"""

import argparse
import statistics
import time
from collections.abc import Iterator

import keras
import numpy as np
from rich.console import Console
from rich.table import Table

from dermdistill.data.batches import Batch, BatchSource
from dermdistill.data.view_settings import ViewSettings
from dermdistill.distill.ema import WeightAverage
from dermdistill.distill.objective import Objective
from dermdistill.distill.optimizer import make_optimizer
from dermdistill.distill.recipe import OptimizerSection, Phase
from dermdistill.distill.step import Step, make_step
from dermdistill.models import build_model


def make_source(images: int, batch_size: int) -> BatchSource:
    """Make a training set of noise: a picture's content costs nothing more or less."""
    rng = np.random.default_rng(0)
    return BatchSource(
        images=rng.integers(0, 256, (images, 224, 224, 3), np.uint8),
        image_ids=[f"image_{number}" for number in range(images)],
        labels=np.arange(images) % 7,
        num_classes=7,
        seed=0,
        view_settings=ViewSettings(),
        batch_size=batch_size,
        sampling_power=0.5,
    )


def compile_step(name: str, image_size: int, steps_per_epoch: int) -> Step:
    """Build a network with random weights and its training step."""
    model = build_model(name, image_size=None)
    phase = Phase(image_size=image_size, epochs=1, learning_rate=1e-4)
    optimizer = make_optimizer(model.trainable_variables, OptimizerSection(), phase, steps_per_epoch)
    return make_step(model, [], optimizer, Objective(), WeightAverage(model, 0.99))


def images_per_second(step: Step, batches: Iterator[Batch], steps: int, batch_size: int) -> float:
    """Run `steps` steps and return their rate."""
    started = time.perf_counter()
    for _ in range(steps):
        batch = next(batches)
        step(batch.images, batch.targets, None)
    return steps * batch_size / (time.perf_counter() - started)


def main() -> None:
    """Take turns and print both rates and their ratio."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--model", default="mobilenet_v2")
    parser.add_argument("--image-size", type=int, default=128)
    parser.add_argument("--batch-size", type=int, default=32)
    parser.add_argument("--steps", type=int, default=20)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    source = make_source(options.batch_size * (options.steps + 8), options.batch_size)
    step = compile_step(options.model, options.image_size, source.steps_per_epoch)
    repeated = next(source.epoch(0, options.image_size))
    step(repeated.images, repeated.targets, None)
    pairs = []
    for round_number in range(options.rounds):
        bare = images_per_second(step, iter([repeated] * options.steps), options.steps, options.batch_size)
        batches = source.epoch(round_number, options.image_size)
        loop = images_per_second(step, batches, options.steps, options.batch_size)
        batches.close()
        pairs.append((bare, loop))
    table = Table("round", "bare step, images/s", "loop, images/s", "ratio")
    for number, (bare, loop) in enumerate(pairs, start=1):
        table.add_row(str(number), f"{bare:.1f}", f"{loop:.1f}", f"{loop / bare:.3f}")
    console = Console()
    console.print(f"{options.model} at {options.image_size} px on {keras.backend.backend()}")
    console.print(table)
    console.print(f"median ratio {statistics.median(loop / bare for bare, loop in pairs):.3f}")


if __name__ == "__main__":
    main()
