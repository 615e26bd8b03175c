"""The lab from Python, for notebooks and scripts: each function does what the command of its name does.

docs/python.md shows them at work. Bad input raises a `DermDistillError` with one sentence on what to do.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from dermdistill import __version__
from dermdistill.bundle import BundleSpec
from dermdistill.classes import load_classes
from dermdistill.data.joined import load_sources
from dermdistill.data.prepare.prepare import prepare as _prepare
from dermdistill.data.sources import read_source
from dermdistill.data.splits import make_splits, write_splits
from dermdistill.data.study import open_study_of
from dermdistill.distill import loop
from dermdistill.distill.losses import register_distill_loss, register_task_loss
from dermdistill.distill.recipe import Recipe, load_recipe, make_recipe
from dermdistill.errors import DermDistillError, RecipeError
from dermdistill.evaluate.report.analyse import Report, analyse
from dermdistill.evaluate.report.slices import read_metadata
from dermdistill.evaluate.report.write import write_report
from dermdistill.evaluate.scoring import predictions_of, predictions_path, source_of
from dermdistill.export.export import export_run, write_scores
from dermdistill.export.provenance import said_dataset
from dermdistill.export.settings import Settings
from dermdistill.inference import load_bundle
from dermdistill.inference.batch.files import find_images, predict_files
from dermdistill.metrics.priors import find_priors
from dermdistill.models import ModelSpec, load_run_model, register_model
from dermdistill.runs import HISTORY, read_run

__all__ = [
    "DermDistillError",
    "ModelSpec",
    "distill",
    "evaluate",
    "export",
    "predict",
    "prepare",
    "register_distill_loss",
    "register_model",
    "register_task_loss",
    "split",
    "train",
]

AnyPath = str | Path


def prepare(
    source: AnyPath,
    out: AnyPath,
    *,
    metadata: AnyPath | None = None,
    columns: Mapping[str, str] | None = None,
    labels: Mapping[str, str] | None = None,
    classes: AnyPath = "ham10000",
    image_size: int = 224,
    strict: bool = False,
    overwrite: bool = False,
) -> dict[str, Any]:
    """Check a data set and decode its images into the folder `out`; returns the report, as in prepare.json.

    Args:
        source: folder with the images and their table.
        out: folder to write to.
        metadata: the table, where no known layout fits.
        columns: with `metadata`, our name of a column to the table's.
        labels: the table's name of a diagnosis to a class code.
        classes: the class table: the name of a preset, or a TOML file.
        image_size: side of the decoded images, in pixels.
        strict: refuse a data set that has any problem.
        overwrite: replace a data set of other files or settings.
    """
    table = load_classes(classes)
    found = read_source(
        Path(source),
        classes=table,
        metadata=None if metadata is None else Path(metadata),
        columns=columns,
        labels=labels,
    )
    outcome = _prepare(
        found,
        Path(out),
        classes=table,
        image_size=image_size,
        strict=strict,
        overwrite=overwrite,
        on_progress=lambda done, total: None,
    )
    return outcome.report


def split(
    data_dirs: AnyPath | Iterable[AnyPath],
    out: AnyPath,
    *,
    seed: int = 20180801,
    val: float = 0.15,
    test: float = 0.15,
    folds: int = 5,
) -> pd.DataFrame:
    """Split prepared data sets by patient or lesion, and write the split; returns it, a row an image.

    Args:
        data_dirs: folders written by `prepare`.
        out: the CSV file to write; a .json goes beside it.
        seed: which of the possible splits.
        val: share of the images for validation.
        test: share of the images for test.
        folds: folds of the train split; 0 for none.
    """
    data = load_sources(_paths(data_dirs))
    splits = make_splits(data.index, seed=seed, val=val, test=test, folds=folds)
    settings: dict[str, Any] = {"seed": seed, "val": val, "test": test, "folds": folds}
    settings |= {"data_fingerprint": data.fingerprint, "classes": data.classes.to_dict()}
    write_splits(splits, Path(out), settings)
    return splits


def train(
    recipe: AnyPath | Mapping[str, Any] | Recipe,
    *,
    runs_dir: AnyPath = "runs",
    overrides: Sequence[str] = (),
    on_event: loop.Report = lambda kind, facts: None,
    keep_checkpoint: bool = False,
) -> Path:
    """Train by a recipe without teachers, or go on with it; returns the folder of the run.

    Args:
        recipe: a TOML file, its content as nested dicts, or a `Recipe`; docs/recipes.md lists every key.
        runs_dir: folder of the runs.
        overrides: `KEY=VALUE` as of `--set`, for a TOML file.
        on_event: called with a kind and its facts. `step` says where the training stands after a step,
            `epoch` gives an epoch's line of the history; `compile` and `warning` come, too. An exception
            stops the training, and the next call goes on.
        keep_checkpoint: keep the checkpoint of a finished training.
    """
    checked = _recipe(recipe, overrides)
    if checked.distill is not None:
        raise RecipeError(f"The recipe {checked.name} has teachers; give it to distill.")
    return _train(checked, Path(runs_dir), on_event, keep_checkpoint=keep_checkpoint)


def distill(
    recipe: AnyPath | Mapping[str, Any] | Recipe,
    *,
    runs_dir: AnyPath = "runs",
    overrides: Sequence[str] = (),
    on_event: loop.Report = lambda kind, facts: None,
    keep_checkpoint: bool = False,
) -> Path:
    """Distil a student from the teachers of a recipe; arguments and result are those of `train`."""
    checked = _recipe(recipe, overrides)
    if checked.distill is None:
        raise RecipeError(f"The recipe {checked.name} has no teachers; give it to train, or name some.")
    return _train(checked, Path(runs_dir), on_event, keep_checkpoint=keep_checkpoint)


def evaluate(
    run: AnyPath,
    *,
    split: str = "test",
    tta: bool = False,
    image_size: int | None = None,
    resamples: int = 1000,
    on_progress: Callable[[int, int], None] = lambda done, total: None,
) -> Report:
    """Score a run where need be, write the report into its folder, and return it.

    Args:
        run: folder of a trained run.
        split: the split to report.
        tta: average over the eight turns and flips of each image.
        image_size: pixels at which it is scored; by default those of its last phase.
        resamples: bootstrap resamples over lesions.
        on_progress: told how many images have been scored, and of how many.
    """
    trained = read_run(Path(run))
    predictions = predictions_of(trained, tta=tta, image_size=image_size, on_progress=on_progress)
    path = predictions_path(trained, tta=tta, image_size=image_size)
    priors, origin = find_priors(predictions, open_study_of(trained).splits)
    report = analyse(
        predictions,
        trained.classes,
        split=split,
        class_priors=priors,
        class_priors_from=origin,
        resamples=resamples,
    )
    write_report(
        report,
        predictions,
        trained.classes,
        path.with_name(path.stem.replace("predictions", "report")),
        source=source_of(path),
        history_path=trained.run_dir / HISTORY,
        metadata=read_metadata(*(folder / "index.csv" for folder in trained.data_dirs)),
    )
    return report


def export(
    run: AnyPath,
    out: AnyPath | None = None,
    *,
    dataset: tuple[str, str, str] | None = None,
    on_progress: Callable[[str, int, int], None] = lambda stage, total, more: None,
    **settings: Any,
) -> BundleSpec:
    """Export a trained run to a bundle, with the report on its file beside it; returns what bundle.json says.

    Args:
        run: folder of a trained run.
        out: folder of the bundle; by default `bundle` in the run.
        dataset: name, licence and source of data of which nothing tells them; else of one more data set.
        on_progress: told the stage, how many images it has, and how many more are done.
        settings: fields of `dermdistill.export.settings.Settings`, such as `quantization="int8"`.
    """
    trained = read_run(Path(run))
    chosen = Settings(
        **{
            "name": trained.config["recipe"]["model"]["name"],
            "version": __version__,
            "quantization": "int8",
            "dataset": said_dataset(*(dataset or (None, None, None))),
        }
        | settings
    )
    study = open_study_of(trained)
    model = load_run_model(trained.run_dir, image_size=study.image_size)
    bundle_dir = Path(out) if out else trained.run_dir / "bundle"
    exported = export_run(trained, study, model, bundle_dir, chosen, on_progress=on_progress)
    write_scores(exported, bundle_dir, read_metadata(*(folder / "index.csv" for folder in trained.data_dirs)))
    return exported.spec


def predict(images: AnyPath | Iterable[AnyPath], *, bundle: AnyPath | None = None) -> pd.DataFrame:
    """Answer images with a bundle: a row a file, with the columns of `dermdistill predict --out`.

    Args:
        images: files, or folders searched for images.
        bundle: folder of an exported bundle; by default the shipped one.
    """
    engine = load_bundle(None if bundle is None else Path(bundle))
    rows = predict_files(engine, find_images(_paths(images)), quality=True)
    return pd.DataFrame([row.cells(engine.spec.codes) for row in rows])


def _paths(paths: AnyPath | Iterable[AnyPath]) -> list[Path]:
    return [Path(paths)] if isinstance(paths, str | Path) else [Path(path) for path in paths]


def _recipe(recipe: AnyPath | Mapping[str, Any] | Recipe, overrides: Sequence[str]) -> Recipe:
    if isinstance(recipe, Recipe):
        return recipe
    if isinstance(recipe, Mapping):
        return make_recipe(dict(recipe))
    return load_recipe(Path(recipe), tuple(overrides))


def _train(recipe: Recipe, runs_dir: Path, on_event: loop.Report, *, keep_checkpoint: bool) -> Path:
    loop.train(recipe, runs_dir / recipe.name, on_event, keep_checkpoint=keep_checkpoint)
    return runs_dir / recipe.name
