"""The training of a generator: epochs of steps; it can be stopped at any moment and goes on where it was."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from dermdistill.classes import ClassTable
from dermdistill.data.lineage.trace import lineage_of_data, write_lineage
from dermdistill.data.study import open_study
from dermdistill.distill.checkpoint import read_position, restore_group, save_checkpoint
from dermdistill.distill.ema import WeightAverage
from dermdistill.distill.loop import software
from dermdistill.distill.sources import choose_sources
from dermdistill.distill.training_set import choose_parts
from dermdistill.errors import ModelError
from dermdistill.files import only_writer, written_whole
from dermdistill.generate.draws import Draws
from dermdistill.generate.networks import build_discriminator, build_generator
from dermdistill.generate.recipe import GeneratorRecipe
from dermdistill.generate.sheet import draw_sheet
from dermdistill.generate.step.contract import Parts
from dermdistill.generate.step.make import make_step
from dermdistill.metrics.predictions import labels_in
from dermdistill.runs import CHECKPOINT, CONFIG, check_run, open_run, write_history

GENERATOR = "generator.weights.h5"
_ON_SHEET = 8

Report = Callable[[str, dict[str, Any]], None]
"""Called with the kind of event and its facts: `step` (`epoch`, `step`, `steps`), `epoch` (its history)."""


def train_generator(recipe: GeneratorRecipe, run_dir: Path, report: Report) -> list[dict[str, Any]]:
    """Train what the recipe says on the train split, or go on with it; returns the history by epoch.

    More epochs may be asked for at any time, since the learning rate is constant.

    Raises:
        DermDistillError: data or an earlier run in the folder do not fit the recipe, another process trains
            there, or the training diverges.
    """
    with only_writer(run_dir):
        draws, classes, fingerprints, seen = _load(recipe)
        asked = recipe.model_dump(mode="json", exclude={"epochs", "checkpoint_steps"})
        config = {"recipe": asked, "classes": classes.to_dict(), "fingerprints": fingerprints}
        check_run(run_dir, config)
        training = _Training(recipe, run_dir, draws, classes)
        if not (run_dir / CONFIG).exists():  # before it: without it the folder is no run
            write_lineage(run_dir, lineage_of_data(recipe.data.dirs))
        open_run(run_dir, config, made_with=software(), seen=seen)
        training.run(report)
        return training.history


def _load(recipe: GeneratorRecipe) -> tuple[Draws, ClassTable, dict[str, str], list[str]]:
    study = open_study(recipe.data.dirs, recipe.data.splits)
    sources = choose_sources(study, recipe.data)
    rows, _ = choose_parts(study.splits.assign(part_of=sources.of_image), recipe.data)
    codes = study.classes.codes
    draws = Draws(
        images=study.at(recipe.image_size).images(rows),
        labels=labels_in(codes, rows["diagnosis"]),
        num_classes=len(codes),
        batch_size=recipe.batch_size,
        noise=recipe.network.noise,
        sampling_power=recipe.sampling_power,
        seed=recipe.seed,
    )
    return draws, study.classes, study.fingerprints, rows["image_id"].tolist()


class _Training:
    """One training in progress: both networks, their optimizers, the average, and where it stands."""

    def __init__(self, recipe: GeneratorRecipe, run_dir: Path, draws: Draws, classes: ClassTable) -> None:
        self.recipe, self.run_dir, self.draws, self.classes = recipe, run_dir, draws, classes
        keras.utils.set_random_seed(recipe.seed)
        shape = {"num_classes": len(classes), "image_size": recipe.image_size}
        generator = build_generator(recipe.network, **shape)
        discriminator = build_discriminator(recipe.network, **shape)
        making, judging = (
            keras.optimizers.Adam(recipe.learning_rate, beta_1=0.0, beta_2=0.99) for _ in range(2)
        )
        making.build(generator.trainable_variables)
        judging.build(discriminator.trainable_variables)
        self.parts = Parts(generator, discriminator, making, judging, WeightAverage(generator, recipe.ema))
        self.groups = {
            "generator": generator.variables,
            "discriminator": discriminator.variables,
            "generator_optimizer": making.variables,
            "discriminator_optimizer": judging.variables,
            "average": self.parts.average.variables,
        }
        self.number, self.seconds = 0, 0.0
        self.sums: dict[str, float] = {}
        self.history: list[dict[str, Any]] = []
        position = read_position(run_dir / CHECKPOINT)
        if position is not None:
            for name, variables in self.groups.items():
                restore_group(run_dir / CHECKPOINT, name, variables)
            self.number, self.seconds = position["number"], position["seconds"]
            self.sums, self.history = position["sums"], position["history"]

    def run(self, report: Report) -> None:
        """Take the steps that are left."""
        recipe = self.recipe
        step = make_step(self.parts)
        while self.number < recipe.epochs * recipe.steps:
            began = time.monotonic()
            losses = {name: float(value) for name, value in step(self.draws.step(self.number)).items()}
            if not np.isfinite(list(losses.values())).all():
                raise ModelError(
                    f"The training of {self.run_dir} diverged at step {self.number}: a loss is not a number; "
                    "lower its learning_rate."
                )
            self.seconds += time.monotonic() - began
            self.sums = {name: self.sums.get(name, 0.0) + value for name, value in losses.items()}
            self.number += 1
            epoch, at = divmod(self.number - 1, recipe.steps)
            report("step", {"epoch": epoch + 1, "step": at + 1, "steps": recipe.steps})
            if at + 1 == recipe.steps:
                step.sync()
                report("epoch", self._end_epoch(epoch + 1))
            elif self.number % recipe.checkpoint_steps == 0:
                step.sync()
                self._save()

    def _end_epoch(self, epoch: int) -> dict[str, Any]:
        line: dict[str, Any] = {"epoch": epoch}
        line |= {f"{name}_loss": round(total / self.recipe.steps, 5) for name, total in self.sums.items()}
        line |= {"seconds": round(self.seconds, 1)}
        line["images_per_second"] = round(
            epoch * self.recipe.steps * self.recipe.batch_size / max(self.seconds, 1e-9), 1
        )
        with self.parts.average.applied():
            with written_whole(self.run_dir / GENERATOR) as temporary:
                self.parts.generator.save_weights(temporary)
            labels = np.repeat(np.arange(len(self.classes)), _ON_SHEET)
            pictures = make_pictures(self.parts.generator, labels, list(range(_ON_SHEET)) * len(self.classes))
        draw_sheet(self.run_dir / f"samples_{epoch:04d}.png", pictures, labels, self.classes.codes)
        self.history.append(line)
        self.sums = {}
        self._save()
        write_history(self.run_dir, self.history)
        return line

    def _save(self) -> None:
        position = {
            "number": self.number,
            "seconds": self.seconds,
            "sums": self.sums,
            "history": self.history,
        }
        save_checkpoint(self.run_dir / CHECKPOINT, self.groups, position)


def make_pictures(
    generator: Any, labels: NDArray[np.intp], numbers: list[int], seed: int = 0, batch_size: int = 64
) -> NDArray[np.uint8]:
    """RGB uint8 pictures `[n, size, size, 3]`, each a function of weights, `seed`, its label and number."""
    noise = np.stack(
        [
            np.random.default_rng([seed, int(label), number]).normal(size=generator.input_shape[0][1])
            for label, number in zip(labels, numbers, strict=True)
        ]
    ).astype(np.float32)
    parts = [
        keras.ops.convert_to_numpy(
            generator(
                [noise[start : start + batch_size], labels[start : start + batch_size].astype(np.int32)],
                training=False,
            )
        )
        for start in range(0, len(labels), batch_size)
    ]
    return np.clip(np.rint((np.concatenate(parts) + 1) * 127.5), 0, 255).astype(np.uint8)
