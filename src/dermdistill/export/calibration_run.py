"""The calibration run of a student that has learned from the val split: the same recipe without that split.

Nothing can be fitted on images that a network has learned from. The calibration run has not seen them.
Thresholds that hold for it are, if anything, too careful for a student that saw more lesions (decision 14 in
docs/decisions).
"""

from pathlib import Path

from dermdistill.data.study import Study
from dermdistill.errors import BundleError
from dermdistill.inference import Engine, load_bundle
from dermdistill.runs import Run


def load_calibration_run(
    run: Run, study: Study, bundle_dir: Path | None, *, quarter_turns: bool
) -> Engine | None:
    """The calibration run's engine; None where a student needs none, since it has not learned from val.

    Args:
        run: the run that is exported.
        study: its data and splits.
        bundle_dir: the calibration run's bundle.
        quarter_turns: whether the file that is made averages over quarter turns.

    Raises:
        BundleError: the calibration run is missing, unwanted or not a bundle, has learned from val itself, or
        does not fit this student. It fits when network, split, classes and quarter turns are the same.
    """
    recipe = run.config["recipe"]
    if not recipe["data"].get("with_val"):
        if bundle_dir is not None:
            raise BundleError(
                f"{run.run_dir} has not learned from the val split, which calibrates it: leave "
                "--calibrated-by out."
            )
        return None
    if bundle_dir is None:
        raise BundleError(
            f"{run.run_dir} has learned from the val split, so that nothing can be fitted there: give "
            "--calibrated-by, the bundle of the same recipe without data.with_val."
        )
    engine = load_bundle(bundle_dir)
    said = engine.spec.training
    wrong = [
        reason
        for reason, holds in (
            (f"is of the network {said.architecture}", said.architecture != recipe["model"]["name"]),
            ("is of other classes", engine.spec.codes != study.classes.codes),
            ("is of another split", said.splits_sha256 != study.fingerprints["splits"]),
            ("averages over other views", engine.spec.input.quarter_turns != quarter_turns),
            ("looks at images of another size", engine.spec.input.size != study.image_size),
            ("has learned from the val split itself", said.calibrated_by is not None),
        )
        if holds
    ]
    if wrong:
        raise BundleError(
            f"The bundle {bundle_dir} cannot calibrate {run.run_dir}: it {' and '.join(wrong)}; give that of "
            "the same recipe without data.with_val."
        )
    return engine
