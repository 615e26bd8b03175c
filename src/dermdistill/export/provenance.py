"""What bundle.json says about where the weights come from, read from the run that made them."""

import json
from collections.abc import Iterable
from importlib.metadata import version
from pathlib import Path

from dermdistill.bundle import Dataset, Training
from dermdistill.data.lineage.learned_from import LearnedFrom
from dermdistill.data.lineage.trace import lineage_of_run
from dermdistill.data.prepare.words import read_licence
from dermdistill.data.study import Study
from dermdistill.errors import DataError
from dermdistill.inference import Engine
from dermdistill.runs import CONFIG, Run, read_config


def said_dataset(name: str | None, licence: str | None, source: str | None) -> Dataset | None:
    """What a person says of the data; None where they say nothing.

    Raises:
        DataError: they say a part of it.
    """
    if not (name or licence or source):
        return None
    if not (name and licence and source):
        raise DataError("Give --dataset, --licence and --source, all three: a bundle states them together.")
    return Dataset(name=name, licence=_joined([licence]), source=source)


def datasets_of(run: Run, said: Dataset | None) -> list[Dataset]:
    """Every data set that a run, its start and its teachers have learned from.

    What their preparation knew stays; `said` fills in what nothing tells, else it is one more.

    Raises:
        DataError: the licence or the origin of one is not known, and nobody says what it is.
    """
    lineage = lineage_of_run(run.run_dir)
    untold = [data for data in lineage if not data.is_told]
    if untold and said is None:
        names = ", ".join(data.name or "what a start or teacher of it learned from" for data in untold)
        raise DataError(
            f"The licence or origin of {names} is not known, and {run.run_dir} has learned from it: say it "
            "with --dataset, --licence and --source; the bundle states them."
        )
    datasets = [_as_told(data) if data.is_told or said is None else _filled(data, said) for data in lineage]
    return datasets if said is None or untold else [*datasets, said]


def licence_of(datasets: Iterable[Dataset]) -> str:
    """Every licence of some data sets, each once: whoever uses the weights keeps to all of them."""
    return _joined(licence for data in datasets for licence in data.licence.split("; "))


def _as_told(data: LearnedFrom) -> Dataset:
    return Dataset(
        name=data.name,
        licence=_joined(data.licences),
        source=data.citation,
        fingerprint=data.fingerprint,
    )


def _filled(data: LearnedFrom, said: Dataset) -> Dataset:
    """The name stays: by it figures on the same source are known to flatter."""
    return Dataset(
        name=data.name or said.name,
        licence=_joined([*data.licences, said.licence]),
        source="; ".join(
            filter(None, (data.citation, f"{said.name}, {said.source}" if data.name else said.source))
        ),
        fingerprint=data.fingerprint,
    )


def _joined(licences: Iterable[str]) -> str:
    """Each once, those of Creative Commons by their SPDX names, such as CC-BY-NC-4.0."""
    plain = {read_licence(licence) for licence in licences if licence}
    return "; ".join(sorted(name.replace(" ", "-") if name.startswith("CC") else name for name in plain))


def training_of(
    run: Run, study: Study, datasets: list[Dataset], calibration_run: Engine | None = None
) -> Training:
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
        datasets=datasets,
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
