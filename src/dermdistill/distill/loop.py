"""The training loop: phases of epochs of steps; it can be stopped at any moment and goes on where it was.

A finished run goes on, too, if its last phase is given more epochs. Like a phase, they start from the best
weights with a fresh optimizer. Their learning rates are those of the longer schedule
(docs/decisions/0015-more-epochs.md).
"""

import platform
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from dermdistill import __version__
from dermdistill.data.lineage.trace import lineage_of_recipe, write_lineage
from dermdistill.distill.checkpoint import (
    Position,
    finished_position,
    restore_group,
    save_checkpoint,
    stored_position,
)
from dermdistill.distill.collapse import check_teachers
from dermdistill.distill.ema import WeightAverage
from dermdistill.distill.held_out import check_what_is_learned_from
from dermdistill.distill.optimizer import learning_rates, make_optimizer
from dermdistill.distill.recipe import Phase, Recipe
from dermdistill.distill.step.make import use_all_devices
from dermdistill.distill.teaching import Teaching, TeachingStep
from dermdistill.distill.training_set import TrainingSet, load_training_set
from dermdistill.errors import ModelError
from dermdistill.files import only_writer
from dermdistill.models.freeze import freeze_until, set_batch_norm_momentum
from dermdistill.models.start import model_at_its_start
from dermdistill.runs import (
    BEST,
    CHECKPOINT,
    CONFIG,
    check_run,
    open_run,
    read_finished,
    read_history,
    write_best_weights,
    write_finished,
    write_history,
)

Report = Callable[[str, dict[str, Any]], None]
"""Called with the kind of event and its facts.

`compile`: a step of `image_size` pixels is compiled next, which may take minutes. `step`: where the
training stands after a step. `epoch`: its line of the history. `warning`: a `text` to be shown.
"""


def train(
    recipe: Recipe, run_dir: Path, report: Report, *, keep_checkpoint: bool = False
) -> list[dict[str, Any]]:
    """Train what the recipe says, or go on with it; returns the history, one entry an epoch.

    Args:
        recipe: the experiment.
        run_dir: the folder of the run.
        report: told what happens.
        keep_checkpoint: leave the last checkpoint of a finished training: four times the size of the weights.

    Raises:
        DermDistillError: data, weights, teachers or an earlier run in the folder do not fit the recipe,
            another process trains there, or the training diverges.
    """
    if recipe.compute.devices == "all":
        use_all_devices()
    with only_writer(run_dir):
        data = load_training_set(recipe)
        config = {
            "recipe": recipe.model_dump(mode="json"),
            "classes": data.classes.to_dict(),
            "class_shares": dict(
                zip(data.classes.codes, np.round(data.class_shares, 9).tolist(), strict=True)
            ),
            "fingerprints": data.fingerprints,
        }
        finished = read_finished(run_dir) if check_run(run_dir, config) else None
        if finished and finished["epochs"] == recipe.phases[-1].epochs:
            history = read_history(run_dir)
        else:
            history = _train(recipe, run_dir, data, config, report)
        if not keep_checkpoint:
            (run_dir / CHECKPOINT).unlink(missing_ok=True)
        return history


def _train(
    recipe: Recipe, run_dir: Path, data: TrainingSet, config: dict[str, Any], report: Report
) -> list[dict[str, Any]]:
    seen = check_what_is_learned_from(recipe, data)
    if data.notice:
        report("warning", {"text": data.notice})
    keras.utils.set_random_seed(recipe.seed)
    training = Training(recipe, run_dir, data)
    for phase in recipe.phases:  # a layer that is not there is told before anything is learned or written
        freeze_until(training.model, phase.freeze_until)
    training.warn_of_teachers(report)
    if recipe.compute.devices == "all":
        from dermdistill.distill.step.devices import check_alike  # noqa: PLC0415 - of JAX alone

        check_alike((training.position.phase, training.position.epoch, training.position.step))
    if not (run_dir / CONFIG).exists():  # before it: without it the folder is no run
        write_lineage(run_dir, lineage_of_recipe(config["recipe"]))
    open_run(run_dir, config, made_with=software(), seen={*data.batches.image_ids, *seen})
    position = training.position
    while position.phase < len(recipe.phases):
        training.run_phase(recipe.phases[position.phase], report)
    return position.history


def software() -> dict[str, str]:
    """Versions that a training's result may depend on."""
    return {
        "dermdistill": __version__,
        "keras": keras.__version__,
        "backend": keras.backend.backend(),
        "python": platform.python_version(),
    }


class Training:
    """One training in progress: model, average, teachers, and where it stands."""

    def __init__(self, recipe: Recipe, run_dir: Path, data: TrainingSet) -> None:
        self.recipe, self.run_dir, self.data = recipe, run_dir, data
        self.checkpoint_path = run_dir / CHECKPOINT
        self.model = model_at_its_start(
            recipe.model.name,
            class_shares=dict(zip(data.classes.codes, data.class_shares, strict=True)),
            init=recipe.model.init,
            dropout=recipe.model.dropout,
            precision=recipe.compute.precision,
        )
        set_batch_norm_momentum(self.model, recipe.model.batch_norm_momentum)
        self.average = WeightAverage(self.model, recipe.optimizer.ema, recipe.optimizer.start_share)
        self.teaching = Teaching(recipe, data)
        self.learner = self.teaching.learner(self.model)
        self.warnings: list[str] = []
        self.position = self._resume()

    def _resume(self) -> Position:
        """Where the training stands; its weights are brought there."""
        position = stored_position(self.checkpoint_path)
        if position is not None:
            restore_group(self.checkpoint_path, "model", self.learner.variables)
            restore_group(self.checkpoint_path, "average", self.average.variables)
        finished = read_finished(self.run_dir)
        if finished is None or (position is not None and position.phase < len(self.recipe.phases)):
            return position or Position()
        if position is None:
            self.model.load_weights(self.run_dir / BEST)
            self.average.restart()
        return finished_position(len(self.recipe.phases), read_history(self.run_dir), finished["best"])

    def warn_of_teachers(self, report: Report) -> None:
        """Look at the teachers before they are believed, see `check_teachers`."""
        last = self.recipe.phases[-1].image_size
        self.warnings = check_teachers(self.teaching, self.data, self.recipe, image_size=last)
        for text in self.warnings:
            report("warning", {"text": text})

    def run_phase(self, phase: Phase, report: Report) -> None:
        """Train one phase to its end, or from the checkpoint on."""
        freeze_until(self.model, phase.freeze_until)
        steps = self.data.batches.steps_per_epoch
        rates = learning_rates(phase, steps).reshape(phase.epochs, steps)
        optimizer = make_optimizer(self.learner.trainable_variables, self.recipe.optimizer)
        position = self.position
        if (position.phase_epoch or position.step) and self.checkpoint_path.exists():
            restore_group(self.checkpoint_path, "optimizer", optimizer.variables)
        step = self.teaching.make_step(self.learner, optimizer, self.average, phase.image_size)
        report("compile", {"image_size": phase.image_size})
        while position.phase_epoch < phase.epochs and position.stale_epochs < self.recipe.stop.patience:
            self._run_epoch(phase, optimizer, step, rates[position.phase_epoch], report)
        best, position.best = position.best, None
        position.phase, position.phase_epoch, position.stale_epochs = position.phase + 1, 0, 0
        self._save(optimizer)
        if position.phase == len(self.recipe.phases):
            write_finished(self.run_dir, epochs=phase.epochs, best=best)

    def _run_epoch(
        self, phase: Phase, optimizer: Any, step: TeachingStep, rates: NDArray[np.float32], report: Report
    ) -> None:
        position, batches = self.position, self.data.batches
        started = time.monotonic() - position.seconds
        losses: dict[str, Any] = {}
        for batch in self.teaching.epoch(position.epoch, phase.image_size, position.step):
            # Losses are read one step late, so that the device never waits for the host.
            rate = float(rates[position.step])
            arrived, losses = losses, step(batch, rate)
            self._add(arrived)
            position.step += 1
            position.seconds = time.monotonic() - started
            report("step", self._progress())
            if position.step % self.recipe.checkpoint_steps == 0 and position.step < batches.steps_per_epoch:
                self._add(losses)
                losses = {}
                step.sync()
                self._save(optimizer)
        self._add(losses)
        step.sync()
        self._refuse_divergence()
        line = self._finish_epoch(phase, optimizer)
        report("epoch", line)

    def _add(self, losses: dict[str, Any]) -> None:
        sums = self.position.sums
        for name, value in losses.items():
            sums[name] = sums.get(name, 0.0) + float(value)

    def _refuse_divergence(self) -> None:
        if not np.isfinite(list(self.position.sums.values())).all():
            raise ModelError(
                f"The training {self.run_dir} diverged in epoch {self.position.epoch}: its loss is not "
                "a number any more. Remove the folder, and train again with a lower learning_rate."
            )

    def _progress(self) -> dict[str, Any]:
        position, batches = self.position, self.data.batches
        return {
            "epoch": position.epoch,
            "step": position.step,
            "steps": batches.steps_per_epoch,
            "image": position.step * batches.batch_size,
            "images": batches.steps_per_epoch * batches.batch_size,
            "images_per_second": position.step * batches.batch_size / position.seconds,
        }

    def _finish_epoch(self, phase: Phase, optimizer: Any) -> dict[str, Any]:
        position, steps = self.position, self.data.batches.steps_per_epoch
        with self.average.applied():
            metrics, score = self.teaching.validate(self.model, phase.image_size)
            # The later of two equal epochs: its average has seen more. Patience counts a higher metric only.
            improved = score is None or position.best is None or score >= position.best
            risen = score is None or position.best is None or score[0] > position.best[0]
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
            **({"warnings": self.warnings} if self.warnings and not position.epoch else {}),
            "seconds": round(position.seconds, 2),
            "images_per_second": round(steps * self.data.batches.batch_size / position.seconds, 2),
        }
        position.best = score if improved else position.best
        position.stale_epochs = 0 if risen else position.stale_epochs + 1
        position.history.append(line)
        position.phase_epoch, position.epoch = position.phase_epoch + 1, position.epoch + 1
        position.step, position.seconds, position.sums = 0, 0.0, {}
        self._save(optimizer)
        write_history(self.run_dir, position.history)
        return line

    def _save(self, optimizer: Any) -> None:
        groups = {
            "model": self.learner.variables,
            "average": self.average.variables,
            "optimizer": optimizer.variables,
        }
        save_checkpoint(self.checkpoint_path, groups, asdict(self.position))
