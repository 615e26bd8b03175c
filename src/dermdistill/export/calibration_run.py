"""Who calibrates a student that has learned from the val part: its twin, the same recipe without that part.

Nothing can be fitted on pictures that a network knows by heart. The twin has not seen them, and thresholds
that hold for it are, if anything, too careful for a student that saw more lesions
(decision 14 in docs/decisions).
"""

from pathlib import Path

from dermdistill.data.study import Study
from dermdistill.errors import BundleError
from dermdistill.inference import Engine, load_bundle
from dermdistill.runs import Run


def load_twin(run: Run, study: Study, twin_dir: Path | None, *, quarter_turns: bool) -> Engine | None:
    """The twin's engine; None where a student needs none, since it has not learned from val.

    Args:
        run: the run that is exported.
        study: its data and splits.
        twin_dir: the twin's bundle.
        quarter_turns: whether the file that is made averages over quarter turns.

    Raises:
        BundleError: a twin is missing or not wanted, is no bundle, or is none of this student: of another
            network or split, looking at pictures in another way, or itself trained on the val part.
    """
    recipe = run.config["recipe"]
    if not recipe["data"].get("with_val"):
        if twin_dir is not None:
            raise BundleError(
                f"{run.run_dir} has not learned from the val part, which calibrates it: leave "
                "--calibrated-by out."
            )
        return None
    if twin_dir is None:
        raise BundleError(
            f"{run.run_dir} has learned from the val part, so that nothing can be fitted there: give "
            "--calibrated-by, the bundle of the same recipe without data.with_val."
        )
    twin = load_bundle(twin_dir)
    said = twin.spec.training
    wrong = [
        reason
        for reason, holds in (
            (f"is of the network {said.architecture}", said.architecture != recipe["model"]["name"]),
            ("is of another split", said.splits_sha256 != study.fingerprints["splits"]),
            ("looks at pictures in another way", twin.spec.input.quarter_turns != quarter_turns),
            ("has learned from the val part itself", said.calibrated_by is not None),
        )
        if holds
    ]
    if wrong:
        raise BundleError(
            f"The bundle {twin_dir} cannot calibrate {run.run_dir}: it {' and '.join(wrong)}; give that of "
            "the same recipe without data.with_val."
        )
    return twin
