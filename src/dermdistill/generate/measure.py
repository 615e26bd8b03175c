"""What generated pictures are worth before anybody trains on them: near, copied, known to a classifier."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dermdistill.generate.kid import kernel_distance, nearest

_LIKE_A_COPY = 0.05


@dataclass(frozen=True)
class Seen:
    """Embeddings of some pictures by one network.

    Attributes:
        values: `[n, features]`.
        labels: int `[n]`.
        groups: `[n]`, the lesion or patient of each.
    """

    values: NDArray[np.float32]
    labels: NDArray[np.intp]
    groups: NDArray[np.str_]

    def of(self, label: int | None) -> "Seen":
        """Those of one class; all for None."""
        if label is None:
            return self
        chosen = self.labels == label
        return Seen(self.values[chosen], self.labels[chosen], self.groups[chosen])


@dataclass(frozen=True)
class Memorised:
    """How near pictures are to their nearest training picture.

    Attributes:
        limit: cosine distance below which 5 % of the real pictures lie from their nearest real picture of
            another lesion.
        share: share of the generated ones that are nearer than that to a training picture; .05 is as real
            pictures of different lesions are.
        distances: `[n]`, of each generated picture.
        at: `[n]`, position of its nearest training picture.
    """

    limit: float
    share: float
    distances: NDArray[np.float64]
    at: NDArray[np.intp]


def memorised(made: Seen, real: Seen) -> Memorised:
    """Compare nearest neighbours of generated pictures with those between real ones of different lesions."""
    between, _ = nearest(real.values, real.values, (real.groups, real.groups))
    limit = float(np.quantile(between[np.isfinite(between)], _LIKE_A_COPY))
    distances, at = nearest(made.values, real.values)
    return Memorised(limit, float(np.mean(distances < limit)), distances, at)


def measured(
    made: dict[str, Seen],
    real: dict[str, Seen],
    held_out: dict[str, Seen],
    decided: NDArray[np.intp],
    codes: tuple[str, ...],
) -> pd.DataFrame:
    """A row a class that there are generated pictures of, and one of all.

    Args:
        made: generated pictures by the name of the network that sees them.
        real: training pictures by the same names.
        held_out: real pictures that the generator has not seen, of the val split.
        decided: int `[n]`, what the run's classifier decides of each generated picture, prior-corrected.
        codes: of the classes.

    Returns:
        diagnosis, generated, real; for each network `kid_<name>` of generated against real pictures,
        `kid_<name>_val` of val pictures against the same, which is what real pictures get; `near_<name>`, the
        share of `Memorised`; and `sensitivity`, the share that the classifier takes for what they are to be.
    """
    first = next(iter(made))
    labels = made[first].labels
    rows = []
    for label in (*np.unique(labels).tolist(), None):
        row: dict[str, object] = {"diagnosis": "all" if label is None else codes[label]}
        row |= {"generated": len(made[first].of(label).labels), "real": len(real[first].of(label).labels)}
        for name, pictures in made.items():
            mine, theirs = pictures.of(label), real[name].of(label)
            row[f"kid_{name}"] = kernel_distance(mine.values, theirs.values)
            row[f"kid_{name}_val"] = kernel_distance(held_out[name].of(label).values, theirs.values)
            row[f"near_{name}"] = memorised(mine, theirs).share
        chosen = labels >= 0 if label is None else labels == label
        row["sensitivity"] = float(np.mean(decided[chosen] == labels[chosen]))
        rows.append(row)
    return pd.DataFrame(rows)
