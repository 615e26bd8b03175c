"""What a head can be taught on again so that rare classes count: resampling, synthesis, or the loss.

A method gives embeddings, how often each is drawn, and by how much the loss shifts the logits. The shift is
log(share drawn / share in the data), as in `distill.objective`. So whatever is drawn, the logits follow the
classes' shares in the data. Prior correction, thresholds and calibration then mean the same for each method.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from imblearn.over_sampling import ADASYN, SMOTE, BorderlineSMOTE
from numpy.typing import NDArray

from dermdistill.errors import DataError, RecipeError, unknown_name

NEIGHBOURS = 5


@dataclass(frozen=True)
class Embedded:
    """Embeddings with what is known of them.

    Attributes:
        values: float32 `[n, features]`.
        labels: int `[n]`, positions in `codes`.
        codes: of the classes.
        views: float32 `[m, features]`, embeddings of augmented views of some of the images, for `oversample`.
        view_labels: int `[m]`.
    """

    values: NDArray[np.float32]
    labels: NDArray[np.intp]
    codes: tuple[str, ...]
    views: NDArray[np.float32] | None = None
    view_labels: NDArray[np.intp] | None = None

    @property
    def counts(self) -> NDArray[np.intp]:
        """Embeddings of each class, int `[classes]`."""
        return np.bincount(self.labels, minlength=len(self.codes))


@dataclass(frozen=True)
class Balanced:
    """What a head learns from.

    Attributes:
        values: float32 `[m, features]`.
        labels: int `[m]`.
        drawn: float `[m]`, sums to 1: how often each is drawn.
        shift: float `[classes]`, added to the logits in the loss only.
    """

    values: NDArray[np.float32]
    labels: NDArray[np.intp]
    drawn: NDArray[np.float64]
    shift: NDArray[np.float64]


@dataclass(frozen=True)
class Wish:
    """What is asked of a method.

    Attributes:
        count: embeddings that each class is to have at least; None for methods that take none.
        seed: of what is chosen or made.
        tau: strength of logit adjustment.
        there: int `[classes]`, how much of what each class lacks comes from elsewhere; None is nothing.
    """

    count: int | None = None
    seed: int = 0
    tau: float = 1.0
    there: NDArray[np.intp] | None = None


Method = Callable[[Embedded, Wish], Balanced]


def none(data: Embedded, wish: Wish) -> Balanced:
    """Every image as often as the others: the control of all methods."""
    del wish
    return _evenly(data.values, data.labels, data)


def oversample(data: Embedded, wish: Wish) -> Balanced:
    """Images of rare classes repeated up to the count, or augmented views of them, where there are any."""
    rng = np.random.default_rng(wish.seed)
    values, labels = [data.values], [data.labels]
    for label, missing in enumerate(_missing(data, wish)):
        if missing:
            pool = data.values[data.labels == label]
            if data.views is not None and data.view_labels is not None:
                pool = np.concatenate([data.views[data.view_labels == label], pool])
            values.append(pool[_in_turn(rng, len(pool), missing)])
            labels.append(np.full(missing, label, np.intp))
    return _evenly(np.concatenate(values), np.concatenate(labels), data)


def class_balanced(data: Embedded, wish: Wish) -> Balanced:
    """All classes drawn equally often (classifier re-training of arXiv:1910.09217)."""
    del wish
    counts = data.counts
    drawn = 1 / (counts[data.labels] * np.count_nonzero(counts))
    return Balanced(data.values, data.labels, drawn, _shift(data.labels, drawn, data))


def logit_adjustment(data: Embedded, wish: Wish) -> Balanced:
    """The loss of `logits + tau log prior` (arXiv:2007.07314, eq. 10); the run gets `logits + log prior`.

    Prior-corrected, its decisions are then those of the paper. At tau 1 nothing is left to shift:
    cross-entropy decided prior-corrected is logit adjustment.
    """
    balanced = none(data, wish)
    log_prior = np.log(np.maximum(data.counts / len(data.labels), 1e-12))
    return Balanced(balanced.values, balanced.labels, balanced.drawn, (wish.tau - 1) * log_prior)


def smote(data: Embedded, wish: Wish) -> Balanced:
    """Points between an embedding and its neighbours of the same class (SMOTE, arXiv:1106.1813)."""
    return _synthetic(SMOTE, "smote", data, wish, k_neighbors=NEIGHBOURS)


def borderline_smote(data: Embedded, wish: Wish) -> Balanced:
    """SMOTE of embeddings with many neighbours of other classes (Han et al. 2005)."""
    return _synthetic(BorderlineSMOTE, "borderline_smote", data, wish, k_neighbors=NEIGHBOURS)


def adasyn(data: Embedded, wish: Wish) -> Balanced:
    """More synthetic points where more neighbours are of other classes (ADASYN, He et al. 2008)."""
    return _synthetic(ADASYN, "adasyn", data, wish, n_neighbors=NEIGHBOURS)


METHODS: dict[str, Method] = {
    method.__name__: method
    for method in (none, oversample, class_balanced, logit_adjustment, smote, borderline_smote, adasyn)
}
WITH_COUNT = frozenset({"oversample", "smote", "borderline_smote", "adasyn"})


def get_method(name: str) -> Method:
    """A method by its name.

    Raises:
        RecipeError: there is none of that name.
    """
    if name not in METHODS:
        raise RecipeError(unknown_name("method", name, METHODS))
    return METHODS[name]


def _synthetic(
    sampler: Callable[..., object], name: str, data: Embedded, wish: Wish, **neighbours: int
) -> Balanced:
    """Raise rare classes to the count with an over-sampler of imbalanced-learn.

    Raises:
        DataError: a class that is to be raised has too few images, or the sampler finds none to start from.
    """
    missing = _missing(data, wish)
    for label in np.flatnonzero(missing):
        if data.counts[label] <= NEIGHBOURS:
            raise DataError(
                f"{name} needs {NEIGHBOURS + 1} or more training images of a class and {data.codes[label]} "
                f"has {data.counts[label]}; lower --count to leave it as it is, or take oversample."
            )
    wanted = {int(label): int(data.counts[label] + missing[label]) for label in np.flatnonzero(missing)}
    if not wanted:
        return none(data, wish)
    made = sampler(sampling_strategy=wanted, random_state=wish.seed, **neighbours)
    try:
        values, labels = made.fit_resample(data.values, data.labels)  # type: ignore[attr-defined]
    except (RuntimeError, ValueError) as error:
        said = str(error).splitlines()[0].rstrip(".")
        raise DataError(
            f"{name} can make no embeddings of {', '.join(data.codes[label] for label in wanted)} ({said}); "
            "take smote or oversample."
        ) from error
    return _evenly(np.asarray(values, np.float32), np.asarray(labels, np.intp), data)


def _missing(data: Embedded, wish: Wish) -> NDArray[np.intp]:
    """How many embeddings each class lacks to the count, int `[classes]`; classes without any lack none."""
    if wish.count is None:
        raise RecipeError("Give --count: how many embeddings each class is to have at least.")
    counts = data.counts
    wanted = wish.count - (0 if wish.there is None else wish.there)
    return np.where(counts > 0, np.maximum(wanted - counts, 0), 0)


def with_generated(
    balanced: Balanced, values: NDArray[np.float32], labels: NDArray[np.intp], data: Embedded
) -> Balanced:
    """Add embeddings of generated pictures, `[n, features]`, to what every image counts alike in."""
    return _evenly(np.concatenate([balanced.values, values]), np.concatenate([balanced.labels, labels]), data)


def _in_turn(rng: np.random.Generator, size: int, count: int) -> NDArray[np.intp]:
    """`count` of `size` positions, each as often as the others or once more."""
    rounds = [rng.permutation(size) for _ in range(-(-count // size))]
    return np.concatenate(rounds)[:count]


def _evenly(values: NDArray[np.float32], labels: NDArray[np.intp], data: Embedded) -> Balanced:
    drawn = np.full(len(labels), 1 / len(labels))
    return Balanced(values, labels, drawn, _shift(labels, drawn, data))


def _shift(labels: NDArray[np.intp], drawn: NDArray[np.float64], data: Embedded) -> NDArray[np.float64]:
    share = np.bincount(labels, weights=drawn, minlength=len(data.codes))
    prior = data.counts / len(data.labels)
    return np.asarray(np.log(np.maximum(share, 1e-12)) - np.log(np.maximum(prior, 1e-12)))
