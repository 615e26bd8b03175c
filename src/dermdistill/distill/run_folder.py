"""A run's folder: what was asked for (`config.json`), what happened (`history.jsonl`), the best weights."""

import json
import platform
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import keras
import numpy as np
from pydantic import ValidationError

from dermdistill import __version__
from dermdistill.distill.recipe import Recipe
from dermdistill.distill.training_set import TrainingSet
from dermdistill.errors import ModelError, RecipeError
from dermdistill.run_files import BEST, CONFIG, HISTORY, SEEN, read_config
from dermdistill.taxonomy import CLASSES


def open_run(run_dir: Path, recipe: Recipe, data: TrainingSet, seen: Iterable[str] = ()) -> None:
    """Create the folder, or check that the run in it is of the same recipe and data.

    Args:
        run_dir: the folder.
        recipe: what is asked for.
        data: the training set.
        seen: ids of the images that start and teachers have seen already.

    Raises:
        RecipeError: the folder holds another run, or its config.json is damaged.
    """
    config = {
        "recipe": recipe.model_dump(mode="json"),
        "class_shares": dict(zip(CLASSES, np.round(data.class_shares, 9).tolist(), strict=True)),
        "fingerprints": data.fingerprints,
    }
    path = run_dir / CONFIG
    if path.exists():
        earlier = _earlier_config(run_dir)
        earlier["recipe"] = _with_new_settings(earlier.get("recipe"))
        changed = [key for key, value in config.items() if earlier.get(key) != value]
        if changed:
            raise RecipeError(
                f"{run_dir} holds a run with another {' and '.join(changed)}; give this one another name "
                "(--set name=...) or remove that folder."
            )
        return
    run_dir.mkdir(parents=True, exist_ok=True)
    write_images_seen(run_dir, {*data.batches.image_ids, *seen})
    made_with = {
        "dermdistill": __version__,
        "keras": keras.__version__,
        "backend": keras.backend.backend(),
        "python": platform.python_version(),
    }
    _write(path, json.dumps({**config, "made_with": made_with}, indent=2) + "\n")


def write_images_seen(run_dir: Path, image_ids: Iterable[str]) -> None:
    """Name the images that a run has seen."""
    _write(run_dir / SEEN, "".join(f"{image_id}\n" for image_id in sorted(image_ids)))


def _earlier_config(run_dir: Path) -> dict[str, Any]:
    try:
        return read_config(run_dir)
    except ModelError as error:
        raise RecipeError(
            f"{run_dir / CONFIG} is damaged; give this run another name (--set name=...) or remove that "
            "folder."
        ) from error


def _with_new_settings(earlier: Any) -> Any:
    """A recipe written by an earlier version, with the defaults of the settings it did not know."""
    try:
        return Recipe.model_validate(earlier).model_dump(mode="json")
    except ValidationError:
        return earlier


def write_history(run_dir: Path, history: list[dict[str, Any]]) -> None:
    """Write one JSON object a line for each finished epoch."""
    _write(run_dir / HISTORY, "".join(json.dumps(line) + "\n" for line in history))


def write_best_weights(run_dir: Path, model: Any) -> None:
    """Write the model's weights, whole or not at all."""
    unfinished = run_dir / ("unfinished." + BEST)  # Keras insists on the suffix
    model.save_weights(unfinished)
    unfinished.replace(run_dir / BEST)


def _write(path: Path, text: str) -> None:
    unfinished = path.with_name(path.name + ".part")
    unfinished.write_text(text)
    unfinished.replace(path)
