"""The float weights that a bundle was made from, kept beside it, so that nobody reopens a rounded file."""

from pathlib import Path
from typing import Any

from dermdistill.data.lineage.trace import lineage_of_run
from dermdistill.models.portable import write_portable
from dermdistill.runs import Run, images_seen


def weights_path(bundle_dir: Path) -> Path:
    """Where an export puts the weights of the bundle in `bundle_dir`."""
    return bundle_dir.with_name(f"{bundle_dir.name}_weights.float16.npz")


def write_weights(path: Path, run: Run, model: Any) -> None:
    """Write a run's network, kernels as float16, with what it has learned from; `--init` starts there."""
    about = f"The weights of the run {run.config['recipe']['name']}, kernels rounded to float16."
    if reopened := run.config.get("made_with", {}).get("reopened_from"):
        about += f" They were read from the file of {reopened}, as rounded as they are there."
    write_portable(
        path, model, about=about, seen=images_seen(run.run_dir), learned_from=lineage_of_run(run.run_dir)
    )
