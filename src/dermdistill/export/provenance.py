"""What bundle.json says about where the weights come from, read from the run that made them."""

import json
from importlib.metadata import version
from pathlib import Path

from dermdistill.bundle import Dataset, Training
from dermdistill.data.prepared import read_report
from dermdistill.data.study import Study
from dermdistill.errors import DataError
from dermdistill.inference import Engine
from dermdistill.runs import CONFIG, Run, read_config

HAM10000 = Dataset(
    name="HAM10000",
    licence="CC-BY-NC-4.0",
    source="Tschandl, Rosendahl, Kittler 2018, doi:10.7910/DVN/DBW86T",
)


def dataset_of(run: Run, name: str | None, licence: str | None, source: str | None) -> Dataset:
    """The data sets that a bundle names: what the person says of them, or what their preparation knew.

    Raises:
        DataError: the licence or the origin of one is not known, and nobody says what it is.
    """
    if name or licence or source:
        if not (name and licence and source):
            raise DataError(
                "Give --dataset, --licence and --source, all three: a bundle states them together."
            )
        return Dataset(name=name, licence=licence, source=source)
    reports = [read_report(directory) or {} for directory in run.data_dirs]
    for directory, report in zip(run.data_dirs, reports, strict=True):
        if report.get("source") and not (report["citation"] and all(report["licences"])):
            raise DataError(
                f"The licence or origin of {directory} is not known: say it with --dataset, --licence "
                "and --source; the bundle states them."
            )
    if all(report.get("source", "ham10000") == "ham10000" for report in reports):
        return HAM10000
    licences = sorted({licence for report in reports for licence in report["licences"]})
    return Dataset(
        name=", ".join(report["source"] for report in reports),
        licence="; ".join(licences),
        source="; ".join(dict.fromkeys(report["citation"] for report in reports)),
    )


def training_of(run: Run, study: Study, dataset: Dataset, calibration_run: Engine | None = None) -> Training:
    """What a bundle says of its training, with the calibration run, if there was one.

    Paths become names: a bundle must not tell about the lab's machine.
    """
    recipe = run.config["recipe"]
    teachers = (recipe.get("distill") or {}).get("teachers") or ()
    cached = (recipe.get("distill") or {}).get("teacher_logits") or ()
    # A reopened run was trained on what its bundle says, not on what it was reopened beside.
    trained = run.config.get("fingerprints") or study.fingerprints
    calibrated_by = None
    if calibration_run is not None:
        calibrated_by = f"{calibration_run.spec.name} {calibration_run.spec.version}"
    software = dict(run.config.get("made_with", {})) | {"exported_with_dermdistill": version("dermdistill")}
    return Training(
        architecture=recipe["model"]["name"],
        init=start_of(str(recipe["model"].get("init", "none"))),
        recipe=json.dumps({"name": recipe["name"]} | _without_paths(recipe), sort_keys=True),
        datasets=[dataset.model_copy(update={"fingerprint": trained.get("data")})],
        seeds=[int(recipe.get("seed", 0))],
        splits_sha256=trained.get("splits"),
        calibrated_by=calibrated_by,
        teachers=[Path(str(path)).name for path in (*teachers, *cached)],
        software={name: str(value) for name, value in software.items()},
    )


def start_of(init: str) -> str:
    """Where weights started, by name; a run that started from an earlier run names that one's start too."""
    path = Path(init)
    if not (path / CONFIG).is_file():
        return path.name
    earlier = read_config(path)["recipe"]["model"]["init"]
    return f"{path.name}, which started from {start_of(str(earlier))}"


def _without_paths(recipe: dict[str, object]) -> dict[str, object]:
    kept = {name: value for name, value in recipe.items() if name not in ("data", "distill", "model", "name")}
    distill = recipe.get("distill")
    if isinstance(distill, dict):
        kept["distill"] = {
            name: value for name, value in distill.items() if name not in ("teachers", "teacher_logits")
        }
    return kept
