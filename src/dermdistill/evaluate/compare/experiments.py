"""Trainings that differ in their seed only are one experiment; several experiments make an ablation table."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from dermdistill.errors import DataError
from dermdistill.evaluate.compare.compare import align, compare, mean_over_seeds
from dermdistill.metrics.bootstrap import RESAMPLES, SEED, Estimate, estimates, lesion_weights
from dermdistill.metrics.decisions import DECISION_RULES, priors_as_vector
from dermdistill.metrics.predictions import codes_of, groups_of, predictions_in, read_predictions
from dermdistill.metrics.scores import decision_figures

FIGURES = (
    "accuracy",
    "balanced_accuracy",
    "macro_f1",
    "macro_auc",
    "melanoma_auc",
    "specificity_at_95_melanoma_sensitivity",
    "ece",
)
COLUMNS = [
    "experiment",
    "seeds",
    "decision",
    "figure",
    "value",
    "low",
    "high",
    "seed_deviation",
    "gain",
    "gain_low",
    "gain_high",
    "sure",
]
# `_at_224` is a number of pixels, and no seed.
_SEED = re.compile(r"(?<![-_]at)[-_](?:seed)?\d+(?=$|-without-teachers$)")
_GAIN = "gain in balanced accuracy"  # a column of the summary, where there is a baseline


def experiment_of(folder: Path) -> str:
    """Name of the experiment that a folder of results belongs to: its own without `_0`, `-1`, `-seed2`."""
    return _SEED.sub("", folder.resolve().name)


def read_experiments(folders: Sequence[Path], split: str) -> dict[str, list[pd.DataFrame]]:
    """Predictions of one split from each folder's predictions file, by experiment, in the order given.

    Raises:
        DataError: a folder has no predictions, or is named twice, or as another.
    """
    seen: dict[str, Path] = {}
    experiments: dict[str, list[pd.DataFrame]] = {}
    for folder in folders:
        place = folder.resolve()
        if seen.get(place.name) == place:
            raise DataError(f"{folder} is named twice; a seed counts once.")
        if place.name in seen:
            raise DataError(
                f"{folder} and {seen[place.name]} have one name, which tells experiments and seeds apart; "
                "rename one of them."
            )
        seen[place.name] = place
        frame = read_predictions(predictions_in(folder), split=split)
        experiments.setdefault(experiment_of(folder), []).append(frame)
    return experiments


def ablation_frame(
    experiments: Mapping[str, Sequence[pd.DataFrame]],
    *,
    class_priors: dict[str, float],
    melanoma: str | None = None,
    baseline: str | None = None,
    resamples: int = RESAMPLES,
    seed: int = SEED,
) -> pd.DataFrame:
    """Each experiment's figures, and its gain over the baseline: `COLUMNS`, a row a figure and decision rule.

    `value` is the mean over seeds with its 95 % interval over lesions and seeds. `seed_deviation` is the
    standard deviation of the single seeds' values, NaN for one seed. `gain` is paired on the same lesions,
    see `compare`; NaN without a baseline. Figures that no rule changes have the decision `any`. `melanoma` is
    the code of the class that is melanoma; without one there are no figures about it.

    Raises:
        DataError: the baseline is none of the experiments, or they are not of the same images.
    """
    if baseline is not None and baseline not in experiments:
        raise DataError(
            f"there is no experiment {baseline!r} to compare with; give one of {', '.join(experiments)}."
        )
    reference = next(iter(experiments.values()))[0]
    codes = codes_of(reference)
    priors, decided = priors_as_vector(class_priors, codes), decision_figures(codes)
    weights = lesion_weights(groups_of(reference), resamples=resamples, seed=seed)
    rows = {}
    for name, given in experiments.items():
        runs = [align(reference, run) for run in given]
        for rule in DECISION_RULES:
            means = estimates(*mean_over_seeds(runs, rule, priors, weights, [seed, 1], melanoma=melanoma))
            singles = [
                mean_over_seeds([run], rule, priors, weights[:1], [seed], melanoma=melanoma)[0]
                for run in runs
            ]
            gains = (
                compare(
                    experiments[baseline],
                    runs,
                    rule=rule,
                    priors=priors,
                    melanoma=melanoma,
                    resamples=resamples,
                    seed=seed,
                )
                if baseline not in (None, name)
                else {}
            )
            for figure in filter(means.__contains__, FIGURES):
                decision = rule if figure in decided else "any"
                mean, gain = means[figure], gains.get(figure)
                deviation = (
                    np.std([single[figure] for single in singles], ddof=1) if len(runs) > 1 else np.nan
                )
                row = (name, len(runs), decision, figure, mean.value, mean.low, mean.high, deviation)
                if gain is None:
                    rows[name, decision, figure] = (*row, np.nan, np.nan, np.nan, "")
                    continue
                sure = "yes" if gain.low > 0 or gain.high < 0 else "no"
                rows[name, decision, figure] = (*row, gain.value, gain.low, gain.high, sure)
    return pd.DataFrame(list(rows.values()), columns=COLUMNS)


def summary_frame(table: pd.DataFrame) -> pd.DataFrame:
    """The table to show a person: a row an experiment, a column a figure; decisions are prior-corrected."""
    rows = []
    for name, part in table[table["decision"].isin(["any", "argmax_p_over_prior"])].groupby(
        "experiment", sort=False
    ):
        by_figure = part.set_index("figure")
        row = {"experiment": str(name), "seeds": str(by_figure["seeds"].iloc[0])}
        shown = [figure for figure in FIGURES if figure in by_figure.index]
        bounds = by_figure.loc[shown, ["value", "low", "high"]].to_numpy(np.float64)
        row |= {
            figure.replace("_", " "): str(Estimate(*of)) for figure, of in zip(shown, bounds, strict=True)
        }
        paired = by_figure.loc[["balanced_accuracy"], ["gain", "gain_low", "gain_high"]]
        gain, low, high = paired.to_numpy(np.float64)[0]
        row[_GAIN] = "" if np.isnan(gain) else f"{gain:+.3f} [{low:+.3f}, {high:+.3f}]"
        rows.append(row)
    summary = pd.DataFrame(rows)
    return summary if summary[_GAIN].any() else summary.drop(columns=_GAIN)


def summary_markdown(table: pd.DataFrame) -> str:
    """`summary_frame` for a document."""
    shown = summary_frame(table)
    lines = ["| " + " | ".join(shown.columns) + " |", "|---" * len(shown.columns) + "|"]
    lines += ["| " + " | ".join(row) + " |" for row in shown.to_numpy()]
    return "\n".join(lines) + "\n"
