"""A run in, a bundle out: convert, compare with Keras, fit on validation, measure on test, write whole."""

import functools
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dermdistill.bundle import BundleSpec, Parity, Variant, write_bundle
from dermdistill.data.cache import Prepared, load_prepared
from dermdistill.data.splits import read_splits
from dermdistill.evaluate.decisions import priors_as_vector
from dermdistill.evaluate.predictions import labels_of, write_predictions
from dermdistill.evaluate.report import FIT_SPLIT, Report, analyse
from dermdistill.evaluate.report_files import write_report
from dermdistill.evaluate.runs import Run, check_as_trained, file_sha256, training_priors
from dermdistill.evaluate.scoring import SCORED_SPLITS, rows_of
from dermdistill.export import litert
from dermdistill.export.draft import draft_bundle, with_measures
from dermdistill.export.file_scoring import Scored, score_with_engine
from dermdistill.export.gate_fitting import fit_gate, quick_threshold
from dermdistill.export.keras_answers import OnProgress, keras_logits_of, refuse_collapsed
from dermdistill.export.layered_embedding import with_layered_embedding
from dermdistill.export.parity import check_int8_size, check_parity, measure_parity
from dermdistill.export.provenance import training_of
from dermdistill.export.quarter_turns import as_it_answers
from dermdistill.export.settings import Settings
from dermdistill.export.twin import load_twin
from dermdistill.export.variants import VariantName, check_variants, convert_variant, prove_variant
from dermdistill.inference import Engine, load_bundle

REPORT_SPLIT = "test"


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
    draft = draft_bundle(training_of(run, settings.dataset, twin), model, model_bytes, settings, priors)
    if settings.quantization == "int8":
        check_int8_size(len(model_bytes), model.count_params(), name=draft.model_file)
    with tempfile.TemporaryDirectory() as folder:
        write_bundle(Path(folder) / "draft", draft, model_bytes)
        engine = load_bundle(Path(folder) / "draft")
        scored = _scored(engine, prepared, rows, "Scoring the file", on_progress)
        val, test = scored.of_split(FIT_SPLIT), scored.of_split(REPORT_SPLIT)
        if twin is not None:
            answered = _scored(twin, prepared, val.rows, "Scoring the twin", on_progress)
            scored = scored.with_answers_of(answered, FIT_SPLIT)
        predictions = scored.predictions()
        report = analyse(
            predictions,
            split=REPORT_SPLIT,
            class_priors=priors,
            class_priors_from="the train part of the splits",
            resamples=settings.resamples,
        )
        measure = functools.partial(
            measure_parity,
            labels=labels_of(val.rows),
            split=FIT_SPLIT,
            rule=settings.decision,
            priors=priors_as_vector(priors),
            temperature=report.calibrated.temperature if report.calibrated else 1.0,
        )
        parity = measure(keras_logits, val.logits)
        check_parity(parity, settings.quantization, name=draft.model_file)
        made = _make_variants(
            model,
            settings,
            calibration_images=images,
            keras_logits=keras_logits,
            prepared=prepared,
            rows=val.rows,
            measure=measure,
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
    spec = with_measures(draft, report, parity, settings).model_copy(
        update={
            "out_of_distribution": gate_said,
            "variants": [made[name][0] for name in settings.variants],
            "float_parity": made["float32"][0].parity if settings.quantization == "int8" else None,
        }
    )
    files = {variant.file: data for variant, data in (made[name] for name in settings.variants)}
    return Exported(write_bundle(bundle_dir, spec, model_bytes, gate_files | files), report, predictions)


def _scored(
    engine: Engine, prepared: Prepared, rows: pd.DataFrame, stage: str, on_progress: OnProgress
) -> Scored:
    on_progress(stage, len(rows), 0)
    return score_with_engine(engine, prepared, rows, advance=functools.partial(on_progress, stage, len(rows)))


def _make_variants(
    model: Any,
    settings: Settings,
    *,
    calibration_images: NDArray[np.uint8],
    keras_logits: NDArray[np.float32],
    prepared: Prepared,
    rows: pd.DataFrame,
    measure: Callable[..., Parity],
    on_progress: OnProgress,
) -> dict[VariantName, tuple[Variant, bytes]]:
    """What bundle.json says of each further file, and its bytes; beside int8 always float32.

    The rounding of an int8 file is judged by its own parity, the conversion by what it gives unrounded.
    """
    unrounded: tuple[VariantName, ...] = ("float32",) if settings.quantization == "int8" else ()
    made = {}
    for name in dict.fromkeys((*unrounded, *settings.variants)):
        exact = keras_logits
        if name == "one_view":
            exact = keras_logits_of(model, prepared, rows, on_progress, stage="Running Keras once")
        on_progress(f"Adding {name}", len(rows), 0)
        turns = settings.quarter_turns
        data = convert_variant(name, model, calibration_images, settings.quantization, quarter_turns=turns)
        variant = prove_variant(
            name,
            data,
            settings.quantization,
            (prepared.images[position] for position in rows_of(prepared, rows)),
            functools.partial(measure, exact),
            size=int(model.input_shape[1]),
            quarter_turns=turns,
            advance=functools.partial(on_progress, f"Adding {name}", len(rows)),
        )
        made[name] = variant, data
    return made


def calibration_images(prepared: Prepared, splits: pd.DataFrame) -> NDArray[np.uint8]:
    """Training images `[n, size, size, 3]` that stand for all: as many of each class as there are.

    Raises:
        DataError: one is not in the prepared data.
    """
    chosen = rows_of(prepared, litert.choose_calibration(splits))
    return np.asarray(prepared.images[np.sort(chosen)])


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
