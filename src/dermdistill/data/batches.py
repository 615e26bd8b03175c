"""Training batches: which images in which order, with which view; threads make them ahead of the step."""

from collections.abc import Generator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dermdistill.data.sampling import SourceMix, cell_shares
from dermdistill.data.views.degrade import degraded
from dermdistill.data.views.draw import Views, draw_views
from dermdistill.data.views.mixing import NO_MIXING, MixSettings, Mixture, draw_mixture
from dermdistill.data.views.plan import ViewPlan, plan_views
from dermdistill.data.views.render import render_view
from dermdistill.data.views.settings import ViewSettings
from dermdistill.imaging import resize_square
from dermdistill.parallel import made_ahead

# Room for repeats of one image within an epoch: repeat r of epoch e shows view e * MAX_REPEATS + r.
MAX_REPEATS = 64


@dataclass(frozen=True)
class Batch:
    """What one training step sees.

    Attributes:
        images: uint8 RGB `[batch, size, size, 3]`, 0-255; or, where the device makes them, what it must know.
        clean: what the teachers see, where that is not `images`: those images before some were degraded, or
            other pictures of the same lesions; a plan where `images` is one. Else None.
        targets: float32 `[batch, num_classes]`, rows sum to 1.
        rows: int `[batch]`, positions in the training set.
        views: int `[batch]`, view numbers.
        mixture: how images and targets are mixed; what else belongs to an image is mixed by it, too.
        taught: float32 `[batch, num_classes]`, 1 for the classes that the sources of an image teach, else 0;
            None where all do.
        looked_at: int `[batch]`, rows of the images that the teachers look at, in the same views; None where
            they are `rows`.
    """

    images: NDArray[np.uint8] | ViewPlan
    targets: NDArray[np.float32]
    rows: NDArray[np.int64]
    views: NDArray[np.int64]
    mixture: Mixture
    clean: NDArray[np.uint8] | ViewPlan | None = None
    taught: NDArray[np.float32] | None = None
    looked_at: NDArray[np.int64] | None = None


@dataclass(frozen=True)
class BatchSource:
    """The train split of a data set as batches; every batch is a pure function of `(epoch, step)`.

    Attributes:
        images: uint8 RGB `[n + m, size, size, 3]`; may be memory-mapped. The last m are for teachers alone.
        image_ids: n + m identities.
        labels: int `[n]`.
        codes: of the classes; a label is a position among them.
        seed: the recipe's seed.
        view_settings: how views are made.
        view_bank: number of distinct views an image has; 0 is a fresh one every time.
        view_seed: decides how views look; the recipe's seed if None.
        batch_size: images a batch; a last incomplete batch is left for the next epoch's order.
        sampling_power: 0 draws every image once an epoch, 1 draws all classes equally often.
        mixing: how the images of a batch are mixed.
        degraded_share: share of the images that the learner sees degraded, after mixing; its teachers see
            them as they are.
        on_device: leave the making of the pixels to the training step.
        mix: where the images come from, if from several sources.
        looked_at: int `[n]`, below n + m: the image that teachers look at when the learner sees this one, of
            the same lesion; None where they look at the same image.
        live_teachers: teachers answer in the step, so they must be shown pictures of their own.
    """

    images: NDArray[np.uint8]
    image_ids: list[str]
    labels: NDArray[np.int64]
    codes: tuple[str, ...]
    seed: int
    view_settings: ViewSettings
    view_bank: int = 0
    view_seed: int | None = None
    batch_size: int = 32
    sampling_power: float = 0.0
    mixing: MixSettings = NO_MIXING
    degraded_share: float = 0.0
    on_device: bool = False
    mix: SourceMix | None = None
    looked_at: NDArray[np.int64] | None = None
    live_teachers: bool = True

    @property
    def rows_looked_at(self) -> NDArray[np.int64]:
        """Rows of the images that teachers look at, each once, in order."""
        return np.arange(len(self.image_ids)) if self.looked_at is None else np.unique(self.looked_at)

    def view(self, row: int, number: int) -> NDArray[np.uint8]:
        """Make view `number` of the image in `row`, RGB uint8 `[size, size, 3]`."""
        return render_view(self.images[row], self._draw([row], [number]), 0)

    def _draw(self, rows: list[int], numbers: list[int]) -> Views:
        seed = self.seed if self.view_seed is None else self.view_seed
        ids = [self.image_ids[row] for row in rows]
        return draw_views(ids, numbers, seed, self.view_settings, self.images.shape[1])

    @property
    def num_classes(self) -> int:
        """Number of classes."""
        return len(self.codes)

    @property
    def steps_per_epoch(self) -> int:
        """Whole batches an epoch, at least one."""
        return max(1, len(self.labels) // self.batch_size)

    def class_shares(self) -> NDArray[np.float64]:
        """Expected share of each class in a batch, float `[num_classes]`; sampling changes it."""
        if self.mix:
            return np.asarray(self.cells(self.mix)[1].sum(axis=0))
        counts = np.bincount(self.labels, minlength=self.num_classes).astype(np.float64)
        drawn = np.where(counts > 0, counts ** (1 - self.sampling_power), 0)
        return np.asarray(drawn / drawn.sum())

    def cells(self, mix: SourceMix) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Images of each source and class, and their shares in what is drawn, float `[sources, classes]`."""
        counts = mix.counts(self.labels, self.num_classes)
        return counts, cell_shares(counts, self.sampling_power, mix.power, mix.shares)

    def _weights(self) -> NDArray[np.float64]:
        """How often each image is drawn, relative to the others, float `[n]`."""
        if self.mix:
            counts, shares = self.cells(self.mix)
            return np.asarray((shares / np.maximum(counts, 1))[self.mix.of_image, self.labels])
        class_counts = np.bincount(self.labels, minlength=self.num_classes)
        return np.asarray(class_counts[self.labels].astype(np.float64) ** -self.sampling_power)

    def order(self, epoch: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Rows and view numbers of one epoch, each int `[n]`."""
        rng = np.random.default_rng([self.seed, epoch])
        count = len(self.labels)
        weights = self._weights()
        shuffled = rng.permutation(count)
        # Systematic sampling: each image is drawn as often as expected, rounded down or up.
        edges = np.cumsum(weights[shuffled])
        marks = (rng.uniform() + np.arange(count)) * edges[-1] / count
        drawn = shuffled[np.minimum(np.searchsorted(edges, marks, side="right"), count - 1)]
        rows = rng.permutation(drawn)
        repeats = _count_repeats(rows)
        if self.view_bank:  # one further each epoch, so that the whole bank is seen, whatever its size
            return rows, (epoch + repeats) % self.view_bank
        return rows, epoch * MAX_REPEATS + repeats

    def epoch(
        self, epoch: int, image_size: int, *, start_step: int = 0, workers: int = 2
    ) -> Generator[Batch]:
        """Yield the batches of an epoch from `start_step` on, a few made ahead of need."""
        rows, views = self.order(epoch)
        steps = range(start_step, self.steps_per_epoch)
        yield from made_ahead(
            lambda step: self._make(epoch, step, rows, views, image_size),
            steps,
            workers=workers,
            ahead=2 * workers,
        )

    def _make(
        self, epoch: int, step: int, rows: NDArray[np.int64], views: NDArray[np.int64], image_size: int
    ) -> Batch:
        span = np.arange(step * self.batch_size, (step + 1) * self.batch_size) % len(rows)
        picked, numbers = rows[span], views[span]
        targets = np.eye(self.num_classes, dtype=np.float32)[self.labels[picked]]
        rng = np.random.default_rng([self.seed, epoch, step])
        mixture = draw_mixture(rng, self.mixing, len(picked), image_size)
        looked_at = None if self.looked_at is None else self.looked_at[picked]
        images = self._pictures(picked, numbers, mixture, image_size)
        clean = None
        if self.live_teachers and looked_at is not None:
            clean = self._pictures(looked_at, numbers, mixture, image_size)
        if self.degraded_share and isinstance(images, np.ndarray):
            clean = images if self.live_teachers and clean is None else clean
            # A fourth number makes this draw independent of how the batch is mixed.
            images = _degrade(images, self.degraded_share, np.random.default_rng([self.seed, epoch, step, 2]))
        return Batch(
            images=images,
            targets=mixture.of_values(targets),
            rows=picked,
            views=numbers,
            mixture=mixture,
            clean=clean,
            taught=self._taught(picked, mixture),
            looked_at=looked_at,
        )

    def _pictures(
        self, rows: NDArray[np.int64], numbers: NDArray[np.int64], mixture: Mixture, image_size: int
    ) -> NDArray[np.uint8] | ViewPlan:
        """Views of the images in `rows`, mixed, uint8 `[b, size, size, 3]`; or the device's plan of them."""
        drawn = self._draw(rows.tolist(), numbers.tolist())
        if self.on_device:
            return plan_views(rows, drawn, mixture)
        pictures = (render_view(self.images[row], drawn, at) for at, row in enumerate(rows))
        return mixture.of_images(np.stack([resize_square(picture, image_size) for picture in pictures]))

    def _taught(self, rows: NDArray[np.int64], mixture: Mixture) -> NDArray[np.float32] | None:
        """The classes that the sources of the images, also of those mixed in, have; see `Batch.taught`."""
        if self.mix is None or not self.mix.mask_absent_classes:
            return None
        has = (self.mix.counts(self.labels, self.num_classes) > 0).astype(np.float32)
        return (mixture.of_values(has[self.mix.of_image[rows]]) > 0).astype(np.float32)


def _count_repeats(rows: NDArray[np.int64]) -> NDArray[np.int64]:
    """For each position, how often its row came before; int `[n]`."""
    order = np.argsort(rows, kind="stable")
    ordered = rows[order]
    first = np.concatenate([[True], ordered[1:] != ordered[:-1]])
    starts = np.maximum.accumulate(np.where(first, np.arange(len(rows)), 0))
    repeats = np.empty(len(rows), np.int64)
    repeats[order] = np.arange(len(rows)) - starts
    return repeats


def _degrade(images: NDArray[np.uint8], share: float, rng: np.random.Generator) -> NDArray[np.uint8]:
    chosen = rng.uniform(size=len(images)) < share
    return np.stack(
        [degraded(image, rng) if picked else image for image, picked in zip(images, chosen, strict=True)]
    )
