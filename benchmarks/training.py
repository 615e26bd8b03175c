"""How fast the training loop is beside the bare step on one repeated batch. Goals: .9 of it, .7 on a GPU.

    python benchmarks/training.py [--model mobilenet_v2] [--image-size 128] [--steps 20] [--rounds 3]
    KERAS_BACKEND=jax python benchmarks/training.py --views device --precision bfloat16 --batch-size 128

Both run the same compiled step. Bare gives it one batch again and again; the loop also draws the order, makes
the augmented views in threads, and stacks them. They take turns, so that what else the machine does weighs on
both. With `--views device` the step makes the views from the data set on the device. The bare step gets
images that are there already, so the cost of the views counts against the loop.
"""

import argparse
import statistics
import time
from collections.abc import Iterator
from dataclasses import replace

import keras
import numpy as np
from rich.console import Console
from rich.table import Table

from dermdistill.classes import load_classes
from dermdistill.data.batches import Batch, BatchSource
from dermdistill.data.views.settings import ViewSettings
from dermdistill.distill.ema import WeightAverage
from dermdistill.distill.objective import Objective
from dermdistill.distill.optimizer import make_optimizer
from dermdistill.distill.recipe import OptimizerSection
from dermdistill.distill.step.contract import Step, StepInput, make_step
from dermdistill.distill.step.device_views import DeviceViews
from dermdistill.models import build_model


def make_source(images: int, batch_size: int, *, on_device: bool) -> BatchSource:
    """Make a training set of noise: a picture's content costs nothing more or less."""
    rng = np.random.default_rng(0)
    return BatchSource(
        images=rng.integers(0, 256, (images, 224, 224, 3), np.uint8),
        image_ids=[f"image_{number}" for number in range(images)],
        labels=np.arange(images) % 7,
        codes=load_classes("ham10000").codes,
        seed=0,
        view_settings=ViewSettings(),
        batch_size=batch_size,
        sampling_power=0.5,
        on_device=on_device,
    )


def compile_steps(options: argparse.Namespace, source: BatchSource) -> tuple[Step, Step]:
    """The step on given pixels and the loop's own, of one network with random weights, hence one state."""
    model = build_model(options.model, codes=tuple("abcdefg"), image_size=None, precision=options.precision)
    optimizer = make_optimizer(model.trainable_variables, OptimizerSection())
    average = WeightAverage(model, 0.99)
    bare = make_step(model, [], optimizer, Objective(), average)
    if not source.on_device:
        return bare, bare
    views = DeviceViews(keras.ops.convert_to_tensor(source.images), source.view_settings, options.image_size)
    return bare, make_step(model, [], optimizer, Objective(), average, views=views)


def images_per_second(step: Step, batches: Iterator[Batch], steps: int, batch_size: int) -> float:
    """Run `steps` steps, losses read one step late as the loop does, and return their rate."""
    started, losses = time.perf_counter(), {"loss": 0.0}
    for _ in range(steps):
        batch = next(batches)
        before, losses = losses, step(StepInput(batch.images, batch.targets), 1e-4)
        float(before["loss"])
    float(losses["loss"])
    rate = steps * batch_size / (time.perf_counter() - started)
    step.sync()
    return rate


def main() -> None:
    """Take turns and print both rates and their ratio."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--model", default="mobilenet_v2")
    parser.add_argument("--image-size", type=int, default=128)
    parser.add_argument("--batch-size", type=int, default=32)
    parser.add_argument("--steps", type=int, default=20)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--views", choices=["host", "device"], default="host")
    parser.add_argument("--precision", choices=["float32", "bfloat16"], default="float32")
    options = parser.parse_args()
    count = options.batch_size * (options.steps + 8)
    source = make_source(count, options.batch_size, on_device=options.views == "device")
    bare, looped = compile_steps(options, source)
    ready = next(replace(source, on_device=False).epoch(0, options.image_size))
    pixels = keras.ops.convert_to_tensor(ready.images)
    repeated = replace(ready, images=pixels, targets=keras.ops.convert_to_tensor(ready.targets))
    images_per_second(bare, iter([repeated]), 1, options.batch_size)
    images_per_second(looped, source.epoch(0, options.image_size), 1, options.batch_size)
    pairs = []
    for round_number in range(options.rounds):
        rate = images_per_second(bare, iter([repeated] * options.steps), options.steps, options.batch_size)
        batches = source.epoch(round_number, options.image_size)
        loop = images_per_second(looped, batches, options.steps, options.batch_size)
        batches.close()
        pairs.append((rate, loop))
    table = Table("round", "bare step, images/s", "loop, images/s", "ratio")
    for number, (rate, loop) in enumerate(pairs, start=1):
        table.add_row(str(number), f"{rate:.1f}", f"{loop:.1f}", f"{loop / rate:.3f}")
    console = Console()
    console.print(
        f"{options.model} at {options.image_size} px on {keras.backend.backend()}, {options.precision}, "
        f"views on the {options.views}"
    )
    console.print(table)
    console.print(f"median ratio {statistics.median(loop / rate for rate, loop in pairs):.3f}")


if __name__ == "__main__":
    main()
