"""The files of a run's folder by name, and what was asked for read again."""

import json
from pathlib import Path
from typing import Any

from dermdistill.errors import ModelError

CONFIG, HISTORY, CHECKPOINT, BEST = "config.json", "history.jsonl", "checkpoint.npz", "best.weights.h5"
# The ids of the images that a run, its start and its teachers trained on, one a line: no training that holds
# one of them out may learn from it.
SEEN = "training_images.txt"


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


def images_seen(run_dir: Path) -> frozenset[str]:
    """Ids of the images that a run learned from; none if it does not name them."""
    path = run_dir / SEEN
    return frozenset(path.read_text(encoding="utf-8").splitlines()) if path.is_file() else frozenset()
