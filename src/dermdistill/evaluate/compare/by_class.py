"""Sensitivity to each class at a fixed specificity, of several experiments: what rare classes gain."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from dermdistill.evaluate.compare.compare import align
from dermdistill.metrics.bootstrap import RESAMPLES, SEED, Estimate, estimates, lesion_weights
from dermdistill.metrics.predictions import codes_of, groups_of, labels_of, probs_of
from dermdistill.metrics.scores import sensitivity_at_specificity


def by_class_frame(
    experiments: Mapping[str, Sequence[pd.DataFrame]],
    specificity: float,
    *,
    resamples: int = RESAMPLES,
    seed: int = SEED,
) -> pd.DataFrame:
    """A row an experiment and class: experiment, seeds, diagnosis, groups, sensitivity, low, high.

    One class against the rest, ranked by its probability. The threshold is that of the same images: it tells
    how well a class is ranked, and not how well a threshold carries over. The mean over seeds, with its
    95 % interval over lesions or patients.

    Args:
        experiments: predictions of one split, by experiment, one a seed.
        specificity: 0 to 1.
        resamples: of the bootstrap.
        seed: of the bootstrap.
    """
    reference = next(iter(experiments.values()))[0]
    codes, groups = codes_of(reference), groups_of(reference)
    weights = lesion_weights(groups, resamples=resamples, seed=seed)
    weights = np.concatenate([np.ones((1, len(reference))), weights])
    rows = []
    for name, given in experiments.items():
        runs = [align(reference, run) for run in given]
        for label, code in enumerate(codes):
            positive = labels_of(reference) == label
            values = np.mean(
                [
                    sensitivity_at_specificity(positive, probs_of(run)[:, label], specificity, weights)
                    for run in runs
                ],
                axis=0,
            )
            found = estimates({code: float(values[0])}, {code: values[1:]})[code]
            rows.append(
                (name, len(runs), code, groups[positive].nunique(), found.value, found.low, found.high)
            )
    names = ["experiment", "seeds", "diagnosis", "groups", "sensitivity", "low", "high"]
    return pd.DataFrame(rows, columns=names)


def by_class_markdown(table: pd.DataFrame, specificity: float) -> str:
    """The table for a document: a row an experiment, a column a class."""
    shown = table.assign(cell=[str(Estimate(*of)) for of in table[["sensitivity", "low", "high"]].to_numpy()])
    wide = shown.pivot_table(
        index="experiment", columns="diagnosis", values="cell", aggfunc="first", sort=False
    )
    lines = [f"| sensitivity at specificity {specificity:g} | " + " | ".join(map(str, wide.columns)) + " |"]
    lines.append("|---" * (len(wide.columns) + 1) + "|")
    lines += [
        f"| {name} | " + " | ".join(row) + " |" for name, row in zip(wide.index, wide.to_numpy(), strict=True)
    ]
    return "\n".join(lines) + "\n"
