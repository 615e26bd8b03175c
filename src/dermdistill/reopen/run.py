"""The run folder of a reopened bundle: it says of the network what the bundle says."""

import json
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from dermdistill.bundle import BundleSpec, Training
from dermdistill.data.joined import joint_fingerprint
from dermdistill.data.lineage.learned_from import LearnedFrom, Lineage
from dermdistill.data.lineage.trace import write_lineage
from dermdistill.data.study import Study
from dermdistill.distill.recipe import DataSection, ModelSection, SourceSection
from dermdistill.errors import ModelError
from dermdistill.runs import write_best_weights, write_config, write_images_seen


def check_is_free(run_dir: Path) -> None:
    """Say that a folder is there already before work is spent on it.

    Raises:
        ModelError: it is.
    """
    if run_dir.exists():
        raise ModelError(f"{run_dir} is there already; give another folder, or remove it.")


def write_reopened_run(
    run_dir: Path,
    model: Any,
    spec: BundleSpec,
    study: Study,
    *,
    data_dirs: Sequence[Path],
    splits_path: Path,
) -> None:
    """Write a reopened network as a run folder, whole or not at all: to train from, teach, evaluate, explain.

    Raises:
        ModelError: the folder is there already.
    """
    check_is_free(run_dir)
    training = spec.training
    start = ModelSection(name=training.architecture, init=training.init)
    same_split = study.fingerprints["splits"] == training.splits_sha256
    with_val = training.calibrated_by is not None
    data = DataSection(
        dir=data_dirs[0] if len(data_dirs) == 1 else None,
        sources=tuple(SourceSection(dir=folder) for folder in data_dirs if len(data_dirs) > 1),
        splits=splits_path,
        with_val=same_split and with_val,
    )
    recipe = _recipe_of(training) | {
        "model": start.model_dump(mode="json"),
        "data": data.model_dump(mode="json"),
    }
    learned = [data.fingerprint for data in training.datasets if data.fingerprint]
    config = {
        "recipe": recipe,
        "classes": spec.table.to_dict(),
        # By what it was trained: a training on another split of these images must not learn from it.
        "fingerprints": {
            "data": joint_fingerprint(learned) if learned else None,
            "splits": training.splits_sha256,
        },
        "made_with": training.software | {"reopened_from": f"{spec.name} {spec.version}"},
    }
    run_dir.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=run_dir.parent, prefix=f".{run_dir.name}.") as temporary:
        new = Path(temporary) / "new"
        new.mkdir()
        write_best_weights(new, model)
        if same_split:
            learned_from = study.rows("train", "val") if with_val else study.rows("train")
            write_images_seen(new, learned_from["image_id"])
        write_lineage(new, lineage_of_bundle(training))
        write_config(new, config)
        new.rename(run_dir)


def lineage_of_bundle(training: Training) -> Lineage:
    """The data sets that a bundle says its weights have learned from."""
    return tuple(
        LearnedFrom(data.name, tuple(data.licence.split("; ")), data.source, data.fingerprint)
        for data in training.datasets
    )


def _recipe_of(training: Training) -> dict[str, Any]:
    try:
        recipe = dict(json.loads(training.recipe))
    except ValueError:  # another tool's bundle may keep it in words
        recipe = {"name": training.architecture}
    if isinstance(recipe.get("distill"), dict):
        recipe["distill"] = recipe["distill"] | {"teachers": training.teachers}
    return recipe
