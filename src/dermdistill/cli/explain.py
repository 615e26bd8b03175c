"""`dermdistill explain`: where in an image a model finds its evidence, drawn, or scored on lesion masks."""

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dermdistill.cli.options import BundleDir, Notice, Plugin
from dermdistill.plugins import load_plugins

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from dermdistill.evaluate.explain.explanation import Explain
    from dermdistill.evaluate.explain.masks import HeatReport
    from dermdistill.evaluate.explain.overlays import Draw


class Method(StrEnum):
    """How the heat is found."""

    CLASS_MAP = "class-map"
    GRAD_CAM = "grad-cam"


def command(
    images: Annotated[
        list[Path], typer.Argument(metavar="IMAGES...", help="Images, or folders searched for images.")
    ],
    *,
    out: Annotated[Path, typer.Option(help="Folder for the drawings or the scores.", file_okay=False)],
    bundle: BundleDir = None,
    run: Annotated[
        Path | None, typer.Option(help="Folder of a trained run, to explain its Keras model instead.")
    ] = None,
    code: Annotated[
        str | None,
        typer.Option("--class", help="Class to explain, such as mel.", show_default="the model's answer"),
    ] = None,
    method: Annotated[
        Method, typer.Option(help="The head's own class map, or Grad-CAM, which needs --run.")
    ] = Method.CLASS_MAP,
    masks: Annotated[
        Path | None,
        typer.Option(
            help="Folder of lesion masks <image_id>_segmentation.png: score the heat instead of drawing it.",
            exists=True,
            file_okay=False,
        ),
    ] = None,
    splits: Annotated[
        Path | None,
        typer.Option(help="With --masks: the splits.csv that names the lesions.", show_default="the run's"),
    ] = None,
    split: Annotated[str, typer.Option(help="With --masks and splits: the split to score.")] = "test",
    resamples: Annotated[
        int, typer.Option(min=10, help="With --masks: bootstrap resamples over lesions.")
    ] = 1000,
    panels: Annotated[
        bool,
        typer.Option(
            "--panels",
            help="Draw picture, map and both in panels with a scale, as PNG and PDF (needs train).",
        ),
    ] = False,
    notice: Notice = True,
    plugins: Plugin = None,
) -> None:
    """Show where a model finds its evidence: heat drawn over each image, and the table explain.csv.

    With --masks the heat is scored instead: how much of it lies on the lesion, and whether its peak does. A
    blob in the middle and chance are shown beside it. A file that cannot be used gets a row with its error;
    the exit code is then 1.
    """
    from dermdistill.cli.terminal import tracked
    from dermdistill.evaluate.explain.explanation import explain_files
    from dermdistill.inference.batch.files import find_images

    load_plugins(plugins)
    _check_choices(out, bundle, run, method)
    files = find_images(images)
    if masks is None:
        from dermdistill.evaluate.explain.overlays import write_overlay, write_overlays

        _check_holds_none(out, files)
        explain, size = _model(bundle, run, method, code)
        explained = tracked(explain_files(explain, files, size=size), len(files), what="explain")
        draw = _panels(_model_name(bundle, run), notice=notice) if panels else write_overlay
        rows = write_overlays(explained, out, draw)
        failed = sum(bool(row["error"]) for row in rows)
        typer.echo(f"{len(rows)} images explained in {out}, {failed} of them with an error.", err=True)
        raise typer.Exit(1 if failed else 0)

    from dermdistill.evaluate.explain.masks import images_to_score, score_heat, write_heat_report

    lesions = _lesions(splits, split, run)
    files = images_to_score(files, lesions)
    explain, size = _model(bundle, run, method, code)
    explained = tracked(explain_files(explain, files, size=size), len(files), what="explain")
    report = score_heat(explained, masks, lesions, resamples=resamples)
    source = {
        "model": _model_name(bundle, run),
        "method": method.value,
        "class": code or "the model's answer",
        "split": None if lesions is None else split,
        "intervals": f"{resamples} resamples over {'images' if lesions is None else 'lesions'}",
    }
    write_heat_report(report, out, source)
    _show(report, source)
    typer.echo(f"Scores: {out}", err=True)
    raise typer.Exit(1 if report.images["error"].notna().any() else 0)


def _panels(model: str, *, notice: bool) -> "Draw":
    from functools import partial

    from dermdistill.evaluate.figures.panels import write_panels

    return partial(write_panels, model=model, notice=notice)


def _check_choices(out: Path, bundle: Path | None, run: Path | None, method: Method) -> None:
    """Refuse options that do not go together before any work is done."""
    from dermdistill.errors import DataError

    if bundle is not None and run is not None:
        raise DataError("--bundle and --run name two models; give one of them.")
    if method is Method.GRAD_CAM and run is None:
        raise DataError("Grad-CAM needs gradients, which a bundle has not; name a run with --run.")
    try:
        if not out.parent.is_dir():
            raise DataError(f"The folder {out.parent} does not exist; make it first.")
    except PermissionError as error:  # before Python 3.14, where a folder on the way may not be entered
        raise DataError(f"{out} cannot be written to ({error.strerror}); give another folder.") from error


def _check_holds_none(out: Path, files: list[Path]) -> None:
    """Refuse a folder of pictures as the place for drawings, which could take the name of one."""
    from dermdistill.errors import DataError

    folder = out.resolve()
    if held := next((file for file in files if file.parent.resolve() == folder), None):
        raise DataError(
            f"{out} holds images to explain, first {held.name}, which drawings could replace; give another "
            "folder."
        )


def _model(bundle: Path | None, run: Path | None, method: Method, code: str | None) -> "tuple[Explain, int]":
    """What explains an image, and the side of its input in pixels."""
    from dermdistill.bundle import default_bundle_path, load_bundle_spec
    from dermdistill.evaluate.explain.explanation import class_number, explain_with_engine
    from dermdistill.runs import read_run

    spec_dir = bundle or default_bundle_path()
    codes = load_bundle_spec(spec_dir).codes if run is None else read_run(run).classes.codes
    if code is not None:
        class_number(code, codes)  # a wrong name is said before a model is loaded
    if run is None:
        from dermdistill.cli.terminal import hushed
        from dermdistill.inference.engine import load_bundle

        with hushed():
            engine = load_bundle(bundle)
        return explain_with_engine(engine, code), engine.spec.input.size
    from dermdistill.evaluate.explain.keras_model import explain_with_model
    from dermdistill.models import load_run_model
    from dermdistill.runs import read_run

    model = load_run_model(run, image_size=read_run(run).image_size or 224)
    return explain_with_model(model, codes, code, by_gradient=method is Method.GRAD_CAM), model.input.shape[1]


def _model_name(bundle: Path | None, run: Path | None) -> str:
    from dermdistill.bundle import default_bundle_path, load_bundle_spec

    if run is not None:
        return f"run {run.resolve().name}"
    spec = load_bundle_spec(bundle or default_bundle_path())
    return f"bundle {spec.name} {spec.version}, {spec.quantization}"


def _lesions(splits: Path | None, split: str, run: Path | None) -> "pd.DataFrame | None":
    """Images, lesions and diagnoses of the split to score, if any splits file is known."""
    from dermdistill.data.splits import read_splits
    from dermdistill.errors import DataError
    from dermdistill.runs import read_run

    if splits is None and run is not None:
        splits = read_run(run).splits_path
    if splits is None:
        return None
    table = read_splits(splits)
    chosen = table[table["split"] == split]
    if chosen.empty:
        there = ", ".join(sorted(table["split"].unique()))
        raise DataError(f"{splits} has no split '{split}'; it has {there}.")
    return chosen


def _show(report: "HeatReport", source: "Mapping[str, object]") -> None:
    """Print how heat, blob and chance do on all images."""
    from rich.table import Table

    from dermdistill.cli.terminal import wide_console
    from dermdistill.metrics.bootstrap import Estimate

    every = report.figures[report.figures["group"] == "all"].set_index("figure")
    found = {
        str(name): str(Estimate(row["value"], row["low"], row["high"])) for name, row in every.iterrows()
    }
    counts = f"{every['images'].iloc[0]} images of {every['lesions'].iloc[0]} lesions"
    table = Table(
        "",
        "share of the heat on the lesion",
        "peak on the lesion",
        title=f"{source['model']}, {source['method']}: {counts}",
        caption=f"[95 % interval: {source['intervals']}]. The blob is as wide as the heat. "
        f"{report.images_without_heat} images without heat are left out.",
    )
    table.add_row("heat", found["heat_inside"], found["heat_peak_inside"])
    table.add_row("blob in the middle", found["blob_inside"], found["blob_peak_inside"])
    table.add_row("chance: the lesion's area", found["lesion_area"], found["lesion_area"])
    for rival in ("blob", "chance"):
        gains = (found[f"{measure}_gain_over_{rival}"] for measure in ("inside", "peak_inside"))
        table.add_row(f"heat's gain over {rival}", *gains)
    wide_console().print(table)
