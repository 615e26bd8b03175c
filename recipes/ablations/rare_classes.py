"""Heads of one frozen student, taught on rare classes raised in several ways, three seeds each.

    python recipes/ablations/rare_classes.py RUN [--views N] [--generated PREPARED]

About 10 s a head on two cores, once the embeddings are there. Then: dermdistill compare RUN-* --split val
--baseline RUN-none --specificity 0.9 --out FOLDER. Results: docs/rare-classes.md.
"""

import argparse
from pathlib import Path

from dermdistill.cli.terminal import silence_tensorflow

COUNT = 1000  # every class with fewer training images is raised to it
SEEDS = (0, 1, 2)


def main() -> None:
    """Make the runs that are not there yet."""
    silence_tensorflow()
    import keras  # noqa: PLC0415 - after what silences TensorFlow

    from dermdistill.rebalance.rebalance import Settings, rebalance  # noqa: PLC0415
    from dermdistill.runs import read_run  # noqa: PLC0415

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("run", type=Path, help="folder of a trained run")
    parser.add_argument("--generated", type=Path, help="prepared folder of generated pictures")
    parser.add_argument("--views", type=int, default=0, help="augmented views of a repeated image")
    asked = parser.parse_args()
    run = read_run(asked.run)
    made = asked.generated
    experiments = {
        "none": Settings("none"),
        "oversample": Settings("oversample", COUNT, views=asked.views),
        "class_balanced": Settings("class_balanced"),
        "logit_adjustment": Settings("logit_adjustment"),
        "smote": Settings("smote", COUNT),
        "borderline_smote": Settings("borderline_smote", COUNT),
        "adasyn": Settings("adasyn", COUNT),
    }
    if made:
        experiments = {
            "generated": Settings("none", COUNT, generated=made),
            "smote_generated": Settings("smote", COUNT, generated=made),
        }
    for seed in SEEDS:
        for name, settings in experiments.items():
            keras.utils.clear_session()
            out = run.run_dir.with_name(f"{run.run_dir.name}-{name}_{seed}")
            chosen = Settings(**{**vars(settings), "seed": seed})
            rebalance(run, out, chosen, lambda what, done, of: print(what, done, of, end="\r"))
            print(out, flush=True)


if __name__ == "__main__":
    main()
