"""`dermdistill evaluate --pool-folds`: runs that each left a fold out, as one predictions.csv."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from dermdistill.cli.evaluation.answering import counter

if TYPE_CHECKING:
    from dermdistill.data.study import Study
    from dermdistill.evaluate.scoring import Logits
    from dermdistill.runs import Run


def pooled(run_dirs: Sequence[Path], folder: Path, *, tta: bool, image_size: int | None) -> Path:
    """Score each run on the fold that it left out; returns the file that the answers are pooled in.

    Raises:
        DataError: the runs do not fit together.
    """
    from dermdistill.cli.terminal import bars
    from dermdistill.evaluate.pooled_folds import pool_folds
    from dermdistill.evaluate.run_model import logits_of_run
    from dermdistill.runs import read_run

    def logits_of(run: "Run", study: "Study") -> "Logits":
        return logits_of_run(run, image_size or run.image_size or study.prepared.images.shape[1])

    runs = [read_run(path) for path in run_dirs]
    with bars("images/s") as show:
        bars_of = {run.run_dir.name: counter(show, f"Scoring {run.run_dir.name}", None) for run in runs}
        pool_folds(runs, folder, logits_of, tta=tta, advance=lambda name, images: bars_of[name](images))
    return folder / "predictions.csv"
