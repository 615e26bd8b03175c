"""The training loop: phases of epochs of steps; it can be stopped at any moment and goes on where it was."""

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import keras
import numpy as np

from dermdistill.distill.checkpoint import read_position, restore_group, save_checkpoint
from dermdistill.distill.ema import WeightAverage
from dermdistill.distill.optimizer import make_optimizer
from dermdistill.distill.recipe import Phase, Recipe
from dermdistill.distill.run_folder import CHECKPOINT, open_run, write_best_weights, write_history
from dermdistill.distill.teaching import Teaching, TeachingStep
from dermdistill.distill.training_set import TrainingSet, load_training_set
from dermdistill.distill.validate import predict_logits, validation_metrics
from dermdistill.models import build_model
from dermdistill.models.freeze import freeze_until, set_batch_norm_momentum

Report = Callable[[str, dict[str, Any]], None]
"""Called with `step` and where it stands after a step, with `epoch` and its history line after an epoch."""


@dataclass
class Position:
    """Where a training stands; all that a checkpoint must know beside the variables."""

    phase: int = 0
    phase_epoch: int = 0
    epoch: int = 0
    step: int = 0
    seconds: float = 0.0
    sums: dict[str, float] = field(default_factory=dict)
    best: float | None = None
    stale_epochs: int = 0
    history: list[dict[str, Any]] = field(default_factory=list)


def train(recipe: Recipe, run_dir: Path, report: Report) -> list[dict[str, Any]]:
    """Train what the recipe says, or go on with it; returns the history, one entry an epoch.

    Raises:
        DermDistillError: data, weights, teachers or an earlier run in the folder do not fit the recipe.
    """
    data = load_training_set(recipe)
    keras.utils.set_random_seed(recipe.seed)
    training = Training(recipe, run_dir, data)
    open_run(run_dir, recipe, data)
    while training.position.phase < len(recipe.phases):
        training.run_phase(recipe.phases[training.position.phase], report)
    return training.position.history


class Training:
    """One training in progress: model, average, teachers, and where it stands."""

    def __init__(self, recipe: Recipe, run_dir: Path, data: TrainingSet) -> None:
        self.recipe, self.run_dir, self.data = recipe, run_dir, data
        self.checkpoint_path = run_dir / CHECKPOINT
        self.model = build_model(
            recipe.model.name, image_size=None, init=recipe.model.init, dropout=recipe.model.dropout
        )
        set_batch_norm_momentum(self.model, recipe.model.batch_norm_momentum)
        if not Path(recipe.model.init).is_dir():
            # A fresh head starts from the class shares, so that no step is spent on learning them.
            self.model.get_layer("logits").bias.assign(np.log(np.maximum(data.class_shares, 1e-6)))
        self.average = WeightAverage(self.model, recipe.optimizer.ema)
        self.teaching = Teaching(recipe, data)
        stored = read_position(self.checkpoint_path)
        self.position = Position(**stored) if stored else Position()
        if stored:
            restore_group(self.checkpoint_path, "model", self.model.variables)
            restore_group(self.checkpoint_path, "average", self.average.variables)

    def run_phase(self, phase: Phase, report: Report) -> None:
        """Train one phase to its end, or from the checkpoint on."""
        freeze_until(self.model, phase.freeze_until)
        steps = self.data.batches.steps_per_epoch
        optimizer = make_optimizer(
            self.model.trainable_variables, self.recipe.optimizer, phase, steps_per_epoch=steps
        )
        position = self.position
        if position.phase_epoch or position.step:
            restore_group(self.checkpoint_path, "optimizer", optimizer.variables)
        step = self.teaching.make_step(self.model, optimizer, self.average)
        while position.phase_epoch < phase.epochs and position.stale_epochs < self.recipe.stop.patience:
            self._run_epoch(phase, optimizer, step, report)
        position.phase, position.phase_epoch = position.phase + 1, 0
        position.best, position.stale_epochs = None, 0
        self._save(optimizer)

    def _run_epoch(self, phase: Phase, optimizer: Any, step: TeachingStep, report: Report) -> None:
        position, batches = self.position, self.data.batches
        started = time.monotonic() - position.seconds
        for batch in batches.epoch(position.epoch, phase.image_size, start_step=position.step):
            for name, value in step(batch, position.epoch, position.step).items():
                position.sums[name] = position.sums.get(name, 0.0) + value
            position.step += 1
            position.seconds = time.monotonic() - started
            report("step", self._progress())
            if position.step % self.recipe.checkpoint_steps == 0 and position.step < batches.steps_per_epoch:
                self._save(optimizer)
        line = self._finish_epoch(phase, optimizer)
        report("epoch", line)

    def _progress(self) -> dict[str, Any]:
        position, batches = self.position, self.data.batches
        return {
            "epoch": position.epoch,
            "step": position.step,
            "steps": batches.steps_per_epoch,
            "images_per_second": position.step * batches.batch_size / position.seconds,
        }

    def _finish_epoch(self, phase: Phase, optimizer: Any) -> dict[str, Any]:
        position, steps = self.position, self.data.batches.steps_per_epoch
        with self.average.applied():
            logits = predict_logits(self.model, self.data.val_images, image_size=phase.image_size)
            metrics = validation_metrics(logits, self.data.val_labels, self.data.class_shares)
            score = metrics[f"val_{self.recipe.stop.metric}"]
            improved = position.best is None or score > position.best
            if improved:
                write_best_weights(self.run_dir, self.model)
        line = {
            "epoch": position.epoch,
            "phase": position.phase,
            "image_size": phase.image_size,
            "learning_rate": float(optimizer.learning_rate),
            **{name: total / steps for name, total in position.sums.items()},
            **metrics,
            "best": improved,
            "seconds": round(position.seconds, 2),
            "images_per_second": round(steps * self.data.batches.batch_size / position.seconds, 2),
        }
        position.best = score if improved else position.best
        position.stale_epochs = 0 if improved else position.stale_epochs + 1
        position.history.append(line)
        position.phase_epoch, position.epoch = position.phase_epoch + 1, position.epoch + 1
        position.step, position.seconds, position.sums = 0, 0.0, {}
        self._save(optimizer)
        write_history(self.run_dir, position.history)
        return line

    def _save(self, optimizer: Any) -> None:
        groups = {
            "model": self.model.variables,
            "average": self.average.variables,
            "optimizer": optimizer.variables,
        }
        save_checkpoint(self.checkpoint_path, groups, asdict(self.position))
