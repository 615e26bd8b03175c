"""A run folder: what was asked for, what happened, the weights, and the images that it learned from.

`finished.json` says that a training came to its end. Its checkpoint is then removed; see `open_run` for what
may still be changed.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dermdistill.classes import ClassTable
from dermdistill.errors import DataError, ModelError, RecipeError
from dermdistill.files import write_atomically, written_whole

CONFIG, HISTORY, CHECKPOINT, BEST = "config.json", "history.jsonl", "checkpoint.npz", "best.weights.h5"
FINISHED = "finished.json"
# The ids of the images that a run, its start and its teachers were trained on, one a line. A training that
# holds one of them out must not learn from this run.
SEEN = "training_images.txt"


@dataclass(frozen=True)
class Run:
    """A run folder and the paths that its config.json names."""

    run_dir: Path
    config: dict[str, Any]
    data_dirs: tuple[Path, ...]
    splits_path: Path

    @property
    def weights_path(self) -> Path:
        """The weights that are evaluated and exported."""
        return self.run_dir / BEST

    @property
    def classes(self) -> ClassTable:
        """What its model tells apart, in the order of its outputs.

        Raises:
            DataError: config.json does not say.
        """
        return classes_of(self.run_dir, self.config)

    @property
    def image_size(self) -> int | None:
        """Pixels of the last phase of its training; None where config.json names no phases."""
        phases = self.config["recipe"].get("phases")
        return int(phases[-1]["image_size"]) if phases else None


def read_run(run_dir: Path) -> Run:
    """Read a run folder's config.json.

    Raises:
        ModelError: the folder holds no run, or its config.json is damaged.
        DataError: config.json names no data.
    """
    config = read_config(run_dir)
    try:
        data = config["recipe"]["data"]
        return Run(run_dir, config, data_dirs_of(data), Path(data["splits"]))
    except (KeyError, TypeError) as error:
        raise DataError(
            f"{run_dir / CONFIG} does not say which data the run used ({error!r}); train again."
        ) from error


def classes_of(run_dir: Path, config: dict[str, Any]) -> ClassTable:
    """The class table in a run's config.json.

    Raises:
        DataError: it is not there, or damaged.
    """
    try:
        return ClassTable.from_dict(config.get("classes"))
    except DataError as error:
        raise DataError(f"{run_dir / CONFIG} does not say which classes the run has; train again.") from error


def data_dirs_of(data: Mapping[str, Any]) -> tuple[Path, ...]:
    """The prepared folders that a recipe's data names: `dir`, or those of its `sources`, each once."""
    named = [data["dir"]] if data.get("dir") else [source["dir"] for source in data["sources"]]
    return tuple(map(Path, dict.fromkeys(named)))


def splits_of(folder: Path) -> Path | None:
    """The splits file that the run in `folder` was trained with; None without a run, or where it is gone."""
    if not (folder / CONFIG).exists():
        return None
    path = read_run(folder).splits_path
    return path if path.exists() else None


def read_config(run_dir: Path) -> dict[str, Any]:
    """What a run was asked for and made with.

    Raises:
        ModelError: the folder holds no run, or its config.json is damaged.
    """
    path = run_dir / CONFIG
    try:
        config = json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError) as error:
        raise ModelError(f"{run_dir} is not a trained run: {CONFIG} is missing; train it first.") from error
    except (OSError, ValueError) as error:
        raise ModelError(f"{path} cannot be read ({error}); restore it or train again.") from error
    if not isinstance(config, dict):
        raise ModelError(f"{path} cannot be read (it holds no settings); restore it or train again.")
    return config


def check_run(run_dir: Path, config: dict[str, Any]) -> bool:
    """Look whether a folder holds a run of this recipe and data; its last phase may now have more epochs.

    Args:
        run_dir: the folder, which need not exist.
        config: what decides the result, JSON: recipe, class shares, fingerprints of data and splits.

    Returns:
        Whether there is a run.

    Raises:
        RecipeError: the folder holds another run, or its config.json is damaged.
    """
    if not (run_dir / CONFIG).exists():
        return False
    earlier = _earlier_config(run_dir)
    changed = [key for key, value in config.items() if earlier.get(key) != value]
    if changed and not (changed == ["recipe"] and _is_longer(config["recipe"], earlier.get("recipe"))):
        raise RecipeError(
            f"{run_dir} holds a run with another {' and '.join(changed)}; give this one another name "
            "(--set name=...) or remove that folder. Only the epochs of its last phase may be raised."
        )
    return True


def open_run(
    run_dir: Path, config: dict[str, Any], *, made_with: dict[str, str], seen: Iterable[str] = ()
) -> None:
    """Create a run folder, or check that the run in it is of the same recipe and data.

    Where the last phase was given more epochs, config.json gets the new recipe. `lengthened` lists each
    earlier number of epochs, because the recipe alone would not give the same weights.

    Args:
        run_dir: the folder.
        config: what decides the result, see `check_run`.
        made_with: versions of the software; a run may go on with others.
        seen: ids of the images that the run, its start and its teachers learn from.

    Raises:
        RecipeError: the folder holds another run, or its config.json is damaged.
    """
    if not check_run(run_dir, config):
        write_images_seen(run_dir, seen)
        write_config(run_dir, {**config, "made_with": made_with})
        return
    earlier = _earlier_config(run_dir)
    if earlier["recipe"] != config["recipe"]:
        lengthened = [*earlier.get("lengthened", ()), earlier["recipe"]["phases"][-1]["epochs"]]
        write_config(run_dir, {**earlier, "recipe": config["recipe"], "lengthened": lengthened})


def _is_longer(recipe: dict[str, Any], earlier: Any) -> bool:
    """Whether a recipe differs from an earlier one only in that its last phase has more epochs."""
    try:
        before, now = earlier["phases"][-1]["epochs"], recipe["phases"][-1]["epochs"]
        last = {**earlier["phases"][-1], "epochs": now}
        return bool(now > before and {**earlier, "phases": [*earlier["phases"][:-1], last]} == recipe)
    except (IndexError, KeyError, TypeError):
        return False


def write_config(run_dir: Path, config: dict[str, Any]) -> None:
    """Write what a run was asked for and made with."""
    write_atomically(run_dir / CONFIG, (json.dumps(config, indent=2) + "\n").encode())


def write_images_seen(run_dir: Path, image_ids: Iterable[str]) -> None:
    """Name the images that a run has learned from."""
    write_atomically(run_dir / SEEN, "".join(f"{image_id}\n" for image_id in sorted(set(image_ids))).encode())


def images_seen(run_dir: Path) -> frozenset[str]:
    """Ids of the images that a run learned from; none if it does not name them."""
    path = run_dir / SEEN
    return frozenset(path.read_text(encoding="utf-8").splitlines()) if path.is_file() else frozenset()


def write_history(run_dir: Path, history: list[dict[str, Any]]) -> None:
    """Write one JSON object a line for each finished epoch."""
    write_atomically(run_dir / HISTORY, "".join(json.dumps(line) + "\n" for line in history).encode())


def read_history(run_dir: Path) -> list[dict[str, Any]]:
    """What `write_history` wrote.

    Raises:
        ModelError: the file is missing or damaged.
    """
    path = run_dir / HISTORY
    try:
        return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    except (OSError, ValueError) as error:
        raise ModelError(f"{path} cannot be read ({error}); restore it or train again.") from error


def write_finished(run_dir: Path, *, epochs: int, best: Sequence[float] | None) -> None:
    """Say that a training came to its end.

    Args:
        run_dir: the folder.
        epochs: how many the last phase was to have; patience may have ended it earlier.
        best: what later epochs must reach to be better, the highest figure first.
    """
    facts = {"epochs": epochs, "best": None if best is None else list(best)}
    write_atomically(run_dir / FINISHED, (json.dumps(facts) + "\n").encode())


def read_finished(run_dir: Path) -> dict[str, Any] | None:
    """What `write_finished` wrote; None where no training has come to its end."""
    try:
        facts = json.loads((run_dir / FINISHED).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return facts if isinstance(facts, dict) and {"epochs", "best"} <= set(facts) else None


def write_best_weights(run_dir: Path, model: Any) -> None:
    """Write the weights of a Keras model, whole or not at all."""
    with written_whole(run_dir / BEST) as temporary:
        model.save_weights(temporary)


def _earlier_config(run_dir: Path) -> dict[str, Any]:
    try:
        return read_config(run_dir)
    except ModelError as error:
        raise RecipeError(
            f"{run_dir / CONFIG} is damaged; give this run another name (--set name=...) or remove that "
            "folder."
        ) from error
