"""A run in, a bundle out: convert, compare with Keras, fit on validation, measure on test, write whole."""

import functools
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dermdistill.bundle import (
    BundleSpec,
    Dataset,
    Metrics,
    OutputSpec,
    Parity,
    Quantization,
    Training,
    Variant,
    make_self_test,
    write_bundle,
)
from dermdistill.data.cache import Prepared, load_prepared
from dermdistill.data.splits import read_splits
from dermdistill.evaluate.decisions import DecisionRule, priors_as_vector
from dermdistill.evaluate.predictions import labels_of, write_predictions
from dermdistill.evaluate.report import FIT_SPLIT, Report, analyse
from dermdistill.evaluate.report_files import write_report
from dermdistill.evaluate.runs import Run, check_as_trained, file_sha256, training_priors
from dermdistill.evaluate.scoring import SCORED_SPLITS, rows_of
from dermdistill.export import litert
from dermdistill.export.file_scoring import score_with_engine
from dermdistill.export.gate_fitting import fit_gate, quick_threshold
from dermdistill.export.keras_answers import OnProgress, keras_logits_of, refuse_collapsed
from dermdistill.export.layered_embedding import with_layered_embedding
from dermdistill.export.parity import check_int8_size, check_parity, measure_parity
from dermdistill.export.provenance import HAM10000, training_of
from dermdistill.export.quarter_turns import as_it_answers
from dermdistill.export.twin import load_twin
from dermdistill.export.variants import (
    SELF_TEST_TOLERANCE,
    VariantName,
    check_variants,
    convert_variant,
    prove_variant,
)
from dermdistill.export.verdicts import conformal_part, metrics_part, operating_point
from dermdistill.inference import load_bundle

REPORT_SPLIT = "test"


@dataclass(frozen=True)
class Settings:
    """What the person exporting decides."""

    name: str
    version: str
    quantization: Quantization
    variants: tuple[VariantName, ...] = ()
    decision: DecisionRule = "argmax_p_over_prior"
    dataset: Dataset = HAM10000
    weights_licence: str = "CC-BY-NC-4.0"
    resamples: int = 1000
    quarter_turns: bool = False
    calibrated_by: Path | None = None


@dataclass(frozen=True)
class Exported:
    """The written bundle, the report on its file and the uncalibrated predictions the report rests on."""

    spec: BundleSpec
    report: Report
    predictions: pd.DataFrame


def export_run(
    run: Run, model: Any, bundle_dir: Path, settings: Settings, *, on_progress: OnProgress
) -> Exported:
    """Export a trained Keras student to a bundle.

    Args:
        run: where its data and splits are.
        model: the student, keeping the model contract.
        bundle_dir: where the bundle goes; written whole at the end or not at all.
        settings: name, version, precision, decision rule.
        on_progress: told about each stage.

    Raises:
        BundleError: the student has collapsed, a file differs too much from it or cannot be made, or its twin
            does not fit (`load_twin`).
        DataError: data or splits are missing, do not fit together, or are not those of the run's training.
    """
    check_variants(settings.variants, settings.quantization, quarter_turns=settings.quarter_turns)
    prepared, splits = load_prepared(run.data_dir), read_splits(run.splits_path)
    check_as_trained(run, prepared.fingerprint)
    twin = load_twin(run, settings.calibrated_by, quarter_turns=settings.quarter_turns)
    rows = splits[splits["split"].isin(SCORED_SPLITS)].reset_index(drop=True)
    priors = training_priors(run.splits_path)
    keras_logits = keras_logits_of(
        as_it_answers(model, quarter_turns=settings.quarter_turns),
        prepared,
        rows[rows["split"] == FIT_SPLIT],
        on_progress,
    )
    refuse_collapsed(keras_logits)
    images = calibration_images(prepared, splits)
    model = with_layered_embedding(model, images)
    on_progress(f"Converting to {settings.quantization}", 1, 0)
    model_bytes = litert.convert(model, settings.quantization, images, quarter_turns=settings.quarter_turns)
    on_progress(f"Converting to {settings.quantization}", 1, 1)
    draft = _draft(training_of(run, settings.dataset, twin), model, model_bytes, settings, priors)
    if settings.quantization == "int8":
        check_int8_size(len(model_bytes), model.count_params(), name=draft.model_file)
    with tempfile.TemporaryDirectory() as folder:
        write_bundle(Path(folder) / "draft", draft, model_bytes)
        engine = load_bundle(Path(folder) / "draft")
        on_progress("Scoring the file", len(rows), 0)
        scored = score_with_engine(
            engine, prepared, rows, advance=lambda done: on_progress("Scoring the file", len(rows), done)
        )
        val, test = scored.of_split(FIT_SPLIT), scored.of_split(REPORT_SPLIT)
        if twin is not None:
            on_progress("Scoring the twin", len(val.rows), 0)
            answered = score_with_engine(
                twin,
                prepared,
                val.rows,
                advance=lambda done: on_progress("Scoring the twin", len(val.rows), done),
            )
            scored = scored.with_answers_of(answered, FIT_SPLIT)
        predictions = scored.predictions()
        report = analyse(
            predictions,
            split=REPORT_SPLIT,
            class_priors=priors,
            class_priors_from="the train part of the splits",
            resamples=settings.resamples,
        )

        def measure(logits: NDArray[np.float32], exact: NDArray[np.float32]) -> Parity:
            return measure_parity(
                exact,
                logits,
                labels_of(val.rows),
                split=FIT_SPLIT,
                rule=settings.decision,
                priors=priors_as_vector(priors),
                temperature=report.calibrated.temperature if report.calibrated else 1.0,
            )

        parity = measure(val.logits, keras_logits)
        check_parity(parity, settings.quantization, name=draft.model_file)
        # The rounding is judged above; the conversion itself by what it gives without rounding.
        unrounded: tuple[VariantName, ...] = ("float32",) if settings.quantization == "int8" else ()
        made = {}
        for variant in dict.fromkeys((*unrounded, *settings.variants)):
            exact = keras_logits
            if variant == "one_view":
                exact = keras_logits_of(model, prepared, val.rows, on_progress, stage="Running Keras once")
            made[variant] = _variant(
                variant,
                model,
                settings,
                calibration_images=images,
                prepared=prepared,
                rows=val.rows,
                measure=functools.partial(measure, exact=exact),
                on_progress=on_progress,
            )
        train_rows = splits[splits["split"] == "train"].reset_index(drop=True)
        gate, gate_said, gate_files = fit_gate(
            engine,
            prepared,
            train_rows,
            val=val,
            test=test,
            advance=lambda done: on_progress("Fitting the gate", len(train_rows), done),
        )
    if "one_view" in made:
        quick, data = made["one_view"]
        threshold = quick_threshold(gate, data, draft, prepared, val.rows)
        made["one_view"] = quick.model_copy(update={"distance_threshold": threshold}), data
    spec = _finished(draft, report, parity, settings).model_copy(
        update={
            "out_of_distribution": gate_said,
            "variants": [made[name][0] for name in settings.variants],
            "float_parity": made["float32"][0].parity if unrounded else None,
        }
    )
    files = {variant.file: data for variant, data in (made[name] for name in settings.variants)}
    return Exported(write_bundle(bundle_dir, spec, model_bytes, gate_files | files), report, predictions)


def calibration_images(prepared: Prepared, splits: pd.DataFrame) -> NDArray[np.uint8]:
    """Training images `[n, size, size, 3]` that stand for all: as many of each class as there are.

    Raises:
        DataError: one is not in the prepared data.
    """
    chosen = rows_of(prepared, litert.choose_calibration(splits))
    return np.asarray(prepared.images[np.sort(chosen)])


def _variant(
    name: VariantName,
    student: Any,
    settings: Settings,
    *,
    calibration_images: NDArray[np.uint8],
    prepared: Prepared,
    rows: pd.DataFrame,
    measure: Callable[[NDArray[np.float32]], Parity],
    on_progress: OnProgress,
) -> tuple[Variant, bytes]:
    """A further file of the student: what bundle.json says of it, and its bytes."""
    stage = f"Adding {name}"
    on_progress(stage, len(rows), 0)
    turns = settings.quarter_turns
    data = convert_variant(name, student, calibration_images, settings.quantization, quarter_turns=turns)
    variant = prove_variant(
        name,
        data,
        settings.quantization,
        (prepared.images[position] for position in rows_of(prepared, rows)),
        measure,
        size=int(student.input_shape[1]),
        quarter_turns=turns,
        advance=functools.partial(on_progress, stage, len(rows)),
    )
    return variant, data


def _draft(
    training: Training, model: Any, model_bytes: bytes, settings: Settings, priors: dict[str, float]
) -> BundleSpec:
    """A bundle that can run but claims nothing yet but its self-test: what the file itself answers."""
    size = int(model.input_shape[1])
    outputs = model.predict_on_batch(np.zeros((1, size, size, 3), np.uint8))
    self_test = make_self_test(
        lambda images: litert.file_logits(model_bytes, images),
        size=size,
        tolerance=SELF_TEST_TOLERANCE[settings.quantization],
    )
    nothing_measured = Parity(
        split="none",
        n_images=0,
        max_abs_logit_difference=0,
        max_abs_probability_difference=0,
        top1_agreement=0,
    )
    return BundleSpec.model_validate(
        {
            "name": settings.name,
            "version": settings.version,
            "created": datetime.now(UTC).replace(microsecond=0),
            "licences": {"weights": settings.weights_licence, "code": "Apache-2.0"},
            "quantization": settings.quantization,
            "input": {"size": size, "quarter_turns": settings.quarter_turns},
            "outputs": {name: OutputSpec(shape=list(value.shape[1:])) for name, value in outputs.items()},
            "class_priors": priors,
            "decision": settings.decision,
            "parity": nothing_measured,
            "self_test": self_test,
            "training": training,
        }
    )


def _finished(draft: BundleSpec, report: Report, parity: Parity, settings: Settings) -> BundleSpec:
    metrics: Metrics = metrics_part(report, settings.decision)
    update: dict[str, object] = {"parity": parity, "metrics": metrics}
    if report.calibrated is not None:
        update |= {
            "temperature": report.calibrated.temperature,
            "operating_points": [
                operating_point(point, report.split) for point in report.calibrated.operating_points
            ],
            "conformal": conformal_part(report.calibrated.conformal),
        }
    return draft.model_copy(update=update)


def write_scores(exported: Exported, bundle_dir: Path, metadata: pd.DataFrame | None = None) -> Path:
    """Write the file's predictions and report beside the bundle; returns the report's folder.

    With `metadata` of `evaluate.slices.read_metadata` the report has figures by age, sex and site.
    """
    csv_path = bundle_dir.with_name(f"{bundle_dir.name}_predictions.csv")
    report_dir = bundle_dir.with_name(f"{bundle_dir.name}_report")
    write_predictions(exported.predictions, csv_path)
    entry = exported.spec.files[exported.spec.model_file]
    source = {"file": csv_path.name, "sha256": file_sha256(csv_path), "model_sha256": entry.sha256}
    write_report(exported.report, exported.predictions, report_dir, source=source, metadata=metadata)
    return report_dir
