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
from dermdistill.classes import ClassTable
from dermdistill.data.study import Study
from dermdistill.errors import BundleError
from dermdistill.evaluate.report.analyse import Report, analyse
from dermdistill.evaluate.report.write import write_report
from dermdistill.evaluate.scoring import SCORED_SPLITS
from dermdistill.export.answers import (
    OnProgress,
    Scored,
    keras_logits_of,
    refuse_collapsed,
    score_with_engine,
)
from dermdistill.export.bundle_json import draft_bundle, with_measures, with_self_test_answer
from dermdistill.export.by_picture import Material, pictures_part
from dermdistill.export.calibration_run import load_calibration_run
from dermdistill.export.detector.embedding import with_layered_embedding
from dermdistill.export.detector.fit import embed_training_images, fit_detector, threshold_of_file
from dermdistill.export.detector.recogniser import fit_recogniser
from dermdistill.export.formats import litert
from dermdistill.export.formats.quarter_turns import as_it_answers
from dermdistill.export.formats.variants import (
    OTHER_VIEWS,
    VariantName,
    check_variants,
    convert_variant,
    prove_variant,
)
from dermdistill.export.missed_melanomas import with_missed_melanomas
from dermdistill.export.parity import check_int8_size, check_parity, measure_parity
from dermdistill.export.provenance import datasets_of, training_of
from dermdistill.export.settings import Settings
from dermdistill.export.turn_agreement import measure_turns
from dermdistill.files import file_sha256
from dermdistill.inference import Engine, load_bundle
from dermdistill.metrics.decisions import priors_as_vector
from dermdistill.metrics.predictions import FIT_SPLIT, labels_in, write_classes, write_predictions
from dermdistill.runs import Run

REPORT_SPLIT = "test"


@dataclass(frozen=True)
class Exported:
    """The written bundle, its classes, the report on its file and the predictions that it rests on."""

    spec: BundleSpec
    classes: ClassTable
    report: Report
    predictions: pd.DataFrame


def export_run(
    run: Run, study: Study, model: Any, bundle_dir: Path, settings: Settings, *, on_progress: OnProgress
) -> Exported:
    """Export a trained Keras student to a bundle.

    Args:
        run: what is exported.
        study: its data and splits, see `open_study_of`.
        model: the student, keeping the model contract.
        bundle_dir: where the bundle goes; written whole at the end or not at all.
        settings: name, version, precision, decision rule.
        on_progress: told about each stage.

    Raises:
        BundleError: Keras does not run on TensorFlow, a class has no training image, the student has
        collapsed, a file cannot be made or differs too much from it, or its calibration run does not fit.
        DataError: there are no train images, or the licence or origin of what was learned from is not known.
    """
    litert.check_backend()
    datasets = datasets_of(run, settings.dataset)
    check_variants(settings.variants, settings.quantization, quarter_turns=settings.quarter_turns)
    calibration_run = load_calibration_run(
        run, study, settings.calibrated_by, quarter_turns=settings.quarter_turns
    )
    rows, priors, codes = study.rows(*SCORED_SPLITS), study.priors, study.classes.codes
    if unseen := [code for code, prior in priors.items() if not prior]:
        raise BundleError(
            f"{run.splits_path} has no training image of {', '.join(unseen)}, a class of {run.run_dir}. A "
            "bundle needs the share of each class; export with the split that it was trained with."
        )
    keras_logits = keras_logits_of(
        as_it_answers(model, quarter_turns=settings.quarter_turns),
        study,
        rows[rows["split"] == FIT_SPLIT],
        on_progress,
    )
    refuse_collapsed(keras_logits)
    images = calibration_images(study)
    model = with_layered_embedding(model, images)
    on_progress(f"Converting to {settings.quantization}", 1, 0)
    model_bytes = litert.convert(model, settings.quantization, images, quarter_turns=settings.quarter_turns)
    on_progress(f"Converting to {settings.quantization}", 1, 1)
    draft = draft_bundle(
        training_of(run, study, datasets, calibration_run), model, model_bytes, settings, study
    )
    if settings.quantization == "int8":
        check_int8_size(len(model_bytes), model.count_params(), name=draft.model_file)
    with tempfile.TemporaryDirectory() as folder:
        write_bundle(Path(folder) / "draft", draft, model_bytes)
        engine = load_bundle(Path(folder) / "draft")
        scored = _scored(engine, study, rows, "Scoring the file", on_progress)
        val, test = scored.of_split(FIT_SPLIT), scored.of_split(REPORT_SPLIT)
        if calibration_run is not None:
            answered = _scored(calibration_run, study, val.rows, "Scoring the calibration run", on_progress)
            scored = scored.with_answers_of(answered, FIT_SPLIT)
        predictions = scored.predictions()
        report = analyse(
            predictions,
            study.classes,
            split=REPORT_SPLIT,
            class_priors=priors,
            class_priors_from="the train split",
            resamples=settings.resamples,
        )
        measure = functools.partial(
            measure_parity,
            labels=labels_in(codes, val.rows["diagnosis"]),
            split=FIT_SPLIT,
            rule=settings.decision,
            priors=priors_as_vector(priors, codes),
            temperature=report.calibrated.temperature if report.calibrated else 1.0,
        )
        parity = measure(keras_logits, val.logits)
        check_parity(parity, settings.quantization, name=draft.model_file)
        made = _make_variants(
            model,
            settings,
            calibration_images=images,
            keras_logits=keras_logits,
            study=study,
            rows=val.rows,
            measure=measure,
            on_progress=on_progress,
        )
        training = embed_training_images(
            engine,
            study,
            advance=lambda done: on_progress("Fitting the detector", len(study.rows("train")), done),
        )
        detector, detector_said, detector_files = fit_detector(engine, study, training, val=val, test=test)
    for name in set(OTHER_VIEWS) & set(made):
        variant, data = made[name]
        threshold = threshold_of_file(detector, data, draft, study, val.rows)
        made[name] = variant.model_copy(update={"distance_threshold": threshold}), data
    spec = with_measures(draft, report, parity, settings).model_copy(
        update={
            "out_of_distribution": detector_said,
            "variants": [made[name][0] for name in settings.variants],
            "float_parity": made["float32"][0].parity if settings.quantization == "int8" else None,
        }
    )
    files = detector_files | {
        variant.file: data for variant, data in (made[name] for name in settings.variants)
    }
    spec = with_missed_melanomas(spec, predictions, REPORT_SPLIT)
    recogniser = fit_recogniser(training.embeddings, training.rows)
    if recogniser is not None:
        material = Material(
            spec=spec,
            detector=detector,
            scored=scored,
            predictions=predictions,
            pictures=study.described(scored.rows)["picture"].to_numpy(),
            train=study.described(study.rows("train")),
            split=REPORT_SPLIT,
            resamples=settings.resamples,
            own_numbers=settings.by_picture,
        )
        pictures, picture_files = pictures_part(recogniser, material)
        spec = spec.model_copy(update={"pictures": pictures})
        files |= picture_files
    turns = measure_turns(spec, model_bytes, files, study, study.rows(REPORT_SPLIT))
    spec = with_self_test_answer(spec.model_copy(update={"turn_agreement": turns}), model_bytes, files)
    written = write_bundle(bundle_dir, spec, model_bytes, files)
    return Exported(written, study.classes, report, predictions)


def _scored(engine: Engine, study: Study, rows: pd.DataFrame, stage: str, on_progress: OnProgress) -> Scored:
    on_progress(stage, len(rows), 0)
    return score_with_engine(engine, study, rows, advance=functools.partial(on_progress, stage, len(rows)))


def _make_variants(
    model: Any,
    settings: Settings,
    *,
    calibration_images: NDArray[np.uint8],
    keras_logits: NDArray[np.float32],
    study: Study,
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
        if name in OTHER_VIEWS:
            looking = as_it_answers(model, quarter_turns=not settings.quarter_turns)
            exact = keras_logits_of(looking, study, rows, on_progress, stage=f"Running Keras for {name}")
        on_progress(f"Adding {name}", len(rows), 0)
        turns = settings.quarter_turns
        data = convert_variant(name, model, calibration_images, settings.quantization, quarter_turns=turns)
        variant = prove_variant(
            name,
            data,
            settings.quantization,
            iter(study.images(rows)),
            functools.partial(measure, exact),
            size=int(model.input_shape[1]),
            quarter_turns=turns,
            advance=functools.partial(on_progress, f"Adding {name}", len(rows)),
        )
        made[name] = variant, data
    return made


def calibration_images(study: Study) -> NDArray[np.uint8]:
    """Training images `[n, size, size, 3]` that stand for all: as many of each class as there are."""
    positions = study.positions(litert.choose_calibration(study.splits))
    return study.pixels(np.sort(positions))


def write_scores(exported: Exported, bundle_dir: Path, metadata: pd.DataFrame | None = None) -> Path:
    """Write the file's predictions and report beside the bundle; returns the report's folder.

    With `metadata` of `evaluate.slices.read_metadata` the report has figures by age, sex and site.
    """
    csv_path = bundle_dir.with_name(f"{bundle_dir.name}_predictions.csv")
    report_dir = bundle_dir.with_name(f"{bundle_dir.name}_report")
    write_predictions(exported.predictions, csv_path)
    write_classes(csv_path, exported.classes)
    entry = exported.spec.files[exported.spec.model_file]
    source = {
        "file": csv_path.name,
        "sha256": file_sha256(csv_path),
        "model_sha256": entry.sha256,
        "image_size": exported.spec.input.size,
    }
    write_report(
        exported.report,
        exported.predictions,
        exported.classes,
        report_dir,
        source=source,
        metadata=metadata,
        title=f"{exported.spec.name} {exported.spec.version}, {exported.spec.quantization}",
    )
    return report_dir
