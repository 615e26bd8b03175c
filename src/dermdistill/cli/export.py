"""`dermdistill export`: a trained student to a bundle."""

import os
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast

import typer

from dermdistill.cli.options import Plugin, Resamples
from dermdistill.cli.others.bundle_files import Wanted, export_finished, is_bundle
from dermdistill.plugins import load_plugins

if TYPE_CHECKING:
    from rich.console import Console

    from dermdistill.export.export import Exported
    from dermdistill.export.formats.variants import VariantName


class Format(StrEnum):
    """Precision of the model file."""

    FLOAT32 = "float32"
    FLOAT16 = "float16"
    INT8 = "int8"


class Variant(StrEnum):
    """A further file of the same student."""

    FLOAT32 = "float32"
    FLOAT16 = "float16"
    ONNX = "onnx"
    ONE_VIEW = "one_view"
    MEDIAPIPE = "mediapipe"
    CAREFUL = "careful"


class LooksAt(StrEnum):
    """Views of an image that the model file answers the mean of."""

    ONCE = "1"
    FOUR_TURNS = "4"


class Decision(StrEnum):
    """How a bundle chooses one class."""

    ARGMAX_P_OVER_PRIOR = "argmax_p_over_prior"
    ARGMAX_P = "argmax_p"


def command(
    context: typer.Context,
    run: Annotated[
        Path | None,
        typer.Argument(
            help="A trained run's folder; or a finished bundle's, for --variant mediapipe, --hub, --bom or "
            "--mlflow.",
            exists=True,
            file_okay=False,
            show_default="the shipped bundle",
        ),
    ] = None,
    *,
    out: Annotated[
        Path | None,
        typer.Option(
            help="Folder of the bundle; by default bundle/ in the run, or the finished bundle itself."
        ),
    ] = None,
    name: Annotated[
        str | None, typer.Option(help="The bundle's name; by default that of its architecture.")
    ] = None,
    version: Annotated[
        str | None, typer.Option(help="The bundle's version; by default dermdistill's.")
    ] = None,
    format_: Annotated[Format, typer.Option("--format", help="Precision of the model file.")] = Format.INT8,
    variant: Annotated[
        list[Variant] | None,
        typer.Option(
            help="Put this file into the bundle, too; may be given again. ONNX needs the extra. careful has "
            "four views where the model file has one. one_view has one where that has four, and the page "
            "answers the live camera with it. mediapipe, with its extra, gives calibrated probabilities to "
            "MediaPipe and ML Kit."
        ),
    ] = None,
    decision: Annotated[
        Decision, typer.Option(help="The rule that is best for balanced accuracy, or for accuracy.")
    ] = Decision.ARGMAX_P_OVER_PRIOR,
    views: Annotated[
        LooksAt,
        typer.Option(
            help="How often the file looks at an image: once, or at its four quarter turns, whose mean it "
            "answers: the same answer however the camera was held, in four times the time.",
        ),
    ] = LooksAt.ONCE,
    by_picture: Annotated[
        bool,
        typer.Option(
            help="Let dermoscopic and clinical pictures have temperature, thresholds and conformal sets of "
            "their own, where there are lesions enough to fit them and they are better on val.",
        ),
    ] = True,
    calibrated_by: Annotated[
        Path | None,
        typer.Option(
            help="For a run that has learned from the val split (data.with_val): the bundle of the same "
            "recipe without it. Temperature, thresholds and conformal sets are fitted with that.",
            exists=True,
            file_okay=False,
        ),
    ] = None,
    dataset: Annotated[
        str | None,
        typer.Option(
            help="Name of data that was learned from and of which nothing tells licence and origin. What is "
            "known of the data sets of the run, its start and its teachers stays."
        ),
    ] = None,
    licence: Annotated[
        str | None,
        typer.Option(
            help="With --dataset: its licence; the weights have all licences of what was learned from."
        ),
    ] = None,
    source: Annotated[
        str | None, typer.Option(help="With --dataset: who made it, and where it is described.")
    ] = None,
    resamples: Resamples = 1000,
    hub: Annotated[
        Path | None,
        typer.Option(
            help="Also write a model repository for Hugging Face to this folder: the bundle, a card, a "
            "Gradio app. Nothing is uploaded."
        ),
    ] = None,
    bom: Annotated[
        Path | None, typer.Option(help="Also write a CycloneDX ML-BOM of the bundle to this JSON file.")
    ] = None,
    mlflow: Annotated[
        Path | None,
        typer.Option(help="Also write the bundle as an MLflow model to this folder, docs/scale.md."),
    ] = None,
    plugins: Plugin = None,
) -> None:
    """Convert a Keras student to LiteRT, prove that it answers alike, calibrate it and write a bundle.

    Temperature, thresholds and conformal sets are fitted on val; every figure in the bundle is measured on
    test with the file that ships. Nothing is written if the file differs too much from the student.
    """
    from rich.console import Console

    from dermdistill.cli.terminal import bars, silence_litert, warn

    silence_litert()
    os.environ["KERAS_BACKEND"] = "tensorflow"  # Keras converts on it alone, wherever the student learned
    console = Console()
    wanted = Wanted(mediapipe=Variant.MEDIAPIPE in (variant or ()), hub=hub, bom=bom, mlflow=mlflow)
    if run is None or is_bundle(run):
        export_finished(context, run, wanted, out, console)
        return
    wanted.check()

    from dermdistill import __version__
    from dermdistill.data.study import open_study_of
    from dermdistill.evaluate.report.slices import read_metadata
    from dermdistill.export.export import export_run, write_scores
    from dermdistill.export.provenance import datasets_of, said_dataset
    from dermdistill.export.settings import Settings
    from dermdistill.export.weights import weights_path, write_weights
    from dermdistill.models import load_run_model
    from dermdistill.runs import read_run

    load_plugins(plugins)
    kinds = [kind for kind in variant or () if kind != Variant.MEDIAPIPE]
    trained = read_run(run)
    said = said_dataset(dataset, licence, source)
    datasets_of(trained, said)  # told before the minutes that an export takes
    bundle_dir = out or run / "bundle"
    settings = Settings(
        name=name or trained.config["recipe"]["model"]["name"],
        version=version or __version__,
        quantization=format_.value,
        variants=tuple(dict.fromkeys(cast("VariantName", kind.value) for kind in kinds)),
        decision=decision.value,
        dataset=said,
        resamples=resamples,
        quarter_turns=views is LooksAt.FOUR_TURNS,
        by_picture=by_picture,
        calibrated_by=calibrated_by,
    )
    study = open_study_of(trained)
    if study.notice:
        warn(study.notice, console)
    model = load_run_model(run, image_size=study.image_size)
    with bars("images/s") as show:
        done: dict[str, int] = {}

        def on_progress(stage: str, total: int, more: int) -> None:
            done[stage] = done.get(stage, 0) + more
            show(stage, done[stage], total)

        exported = export_run(trained, study, model, bundle_dir, settings, on_progress=on_progress)
    indexes = (folder / "index.csv" for folder in trained.data_dirs)
    report_dir = write_scores(exported, bundle_dir, read_metadata(*indexes))
    write_weights(weights_path(bundle_dir), trained, model)
    _show(exported, console)
    console.print(
        f"Bundle: {bundle_dir}\nReport on its file: {report_dir}\nFloat weights: {weights_path(bundle_dir)}",
        highlight=False,
        soft_wrap=True,
    )
    wanted.write(bundle_dir, None, console)


def _show(exported: "Exported", console: "Console") -> None:
    from rich.table import Table

    from dermdistill.cli.terminal import warn

    spec = exported.spec
    table = Table("figure", "value", title=f"{spec.name} {spec.version}, {spec.quantization}")
    table.add_row("file", f"{spec.files[spec.model_file].bytes / 1e6:.2f} MB")
    table.add_row("largest difference of a probability", f"{spec.parity.max_abs_probability_difference:.2g}")
    table.add_row("top-1 agreement with Keras", f"{spec.parity.top1_agreement:.4f}")
    if spec.float_parity is not None:
        unrounded = spec.float_parity.max_abs_probability_difference
        table.add_row("the same, before rounding to int8", f"{unrounded:.2g}")
    table.add_row("balanced accuracy lost on val", f"{spec.parity.balanced_accuracy_drop:.4f}")
    table.add_row("temperature", f"{spec.temperature:.3f}")
    if (turns := spec.turn_agreement) is not None:
        table.add_row("same class in all quarter turns", f"{turns.diagnosis:.3f}")
        table.add_row("same alarm in all quarter turns", f"{turns.alarm:.3f}")
    for kind, own in (spec.pictures.kinds if spec.pictures else {}).items():
        table.add_row(f"{kind} pictures recognised", _share(own.recognised))
        table.add_row(f"thresholds of {kind} pictures' own", "yes" if own.operating_points else "no")
    for source, left in ((spec.out_of_distribution and spec.out_of_distribution.left_out) or {}).items():
        table.add_row(f"refused of {source} by a detector without it", f"{left.refused:.3f}")
        table.add_row("photographs refused by that", f"{left.photographs_refused:.3f}")
    if spec.metrics is not None:
        for name in ("accuracy", "balanced_accuracy", "macro_f1", "macro_auc", "melanoma_auc", "ece"):
            if (figure := spec.metrics.values.get(name)) is not None:
                table.add_row(
                    f"{name.replace('_', ' ')} on {spec.metrics.split}",
                    f"{figure.value:.3f} [{figure.low}, {figure.high}]",
                )
    console.print(table)
    for warning in exported.report.warnings:
        warn(f"the model {warning}", console)


def _share(value: float | None) -> str:
    return "not measured" if value is None else f"{value:.3f}"
