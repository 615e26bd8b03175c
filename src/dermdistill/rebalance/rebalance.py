"""A run in, a run out: the same frozen network with a head that was taught again."""

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from dermdistill.data.prepared import source_name
from dermdistill.data.study import Study, open_study_of
from dermdistill.data.views.settings import ViewSettings
from dermdistill.distill.recipe import DataSection
from dermdistill.distill.sources import choose_sources
from dermdistill.distill.training_set import choose_parts
from dermdistill.errors import RecipeError
from dermdistill.files import only_writer
from dermdistill.metrics.predictions import labels_in
from dermdistill.rebalance.embeddings import Embeddings, OnProgress
from dermdistill.rebalance.generated import Generated, choose_generated
from dermdistill.rebalance.head import HeadSettings, teach_head
from dermdistill.rebalance.methods import WITH_COUNT, Embedded, Wish, get_method, with_generated
from dermdistill.rebalance.run import config_of, is_written, score, write_run
from dermdistill.runs import Run, check_run, read_run


@dataclass(frozen=True)
class Settings:
    """How a head is taught again.

    Attributes:
        method: a name of `methods.METHODS`.
        count: embeddings that each class is to have at least, for the methods that take it.
        seed: of what is drawn or made.
        tau: strength of logit adjustment.
        views: of `oversample`: repeated images are shown as one of this many augmented views, 0 as they are.
        generated: a prepared folder of generated pictures, to fill up rare classes with.
        generated_share: share of what rare classes lack to the count that these fill, the method the rest.
    """

    method: str
    count: int | None = None
    seed: int = 0
    tau: float = 1.0
    views: int = 0
    generated: Path | None = None
    generated_share: float | None = None

    @property
    def share_of_generated(self) -> float:
        """By default all, or half where a method makes the rest."""
        given = self.generated_share
        return given if given is not None else 1.0 if self.method == "none" else 0.5


def check_settings(settings: Settings) -> None:
    """Refuse what does not go together, before any work.

    Raises:
        RecipeError: the method is unknown, or needs a setting or takes it not.
    """
    get_method(settings.method)
    takes = settings.method in WITH_COUNT
    if settings.generated is None:
        if settings.generated_share is not None:
            raise RecipeError("--generated-share is of generated pictures: give --generated, too.")
    elif not takes and settings.method != "none":
        raise RecipeError(f"{settings.method} takes no generated pictures; take none, oversample or smote.")
    takes = takes or settings.generated is not None
    if takes and settings.count is None:
        raise RecipeError("Rare classes are raised to a number of embeddings: give --count.")
    if not takes and settings.count is not None:
        raise RecipeError(f"{settings.method} adds no embeddings: leave --count out, or take oversample.")
    if settings.views and settings.method != "oversample":
        raise RecipeError(f"{settings.method} repeats no images: leave --views out, or take oversample.")
    if settings.tau != 1 and settings.method != "logit_adjustment":
        raise RecipeError(f"{settings.method} adjusts no logits: leave --tau out, or take logit_adjustment.")


def rebalance(
    run: Run, run_dir: Path, settings: Settings, on_progress: OnProgress = lambda *_: None
) -> tuple[Run, bool]:
    """Teach the head of a run's frozen network again, and write a run with it.

    Embeddings are computed once for each network, and kept in the folder of `run`.

    Args:
        run: a trained run.
        run_dir: the folder of the new run.
        settings: how.
        on_progress: told about the embeddings.

    Returns:
        The new run, and whether it was there already.

    Raises:
        DermDistillError: the settings do not fit, the run's data are gone, a class has too few images for the
            method, or the folder holds another run.
    """
    check_settings(settings)
    if run_dir.resolve() == run.run_dir.resolve():
        raise RecipeError(f"{run_dir} is the run itself; give another folder.")
    study = open_study_of(run)
    rows = rows_learned_from(run, study)
    config = config_of(run, study, run_dir.name, seed=settings.seed, rebalance=_told(settings))
    with only_writer(run_dir):
        if check_run(run_dir, config) and is_written(run_dir):
            return read_run(run_dir), True
        started = time.monotonic()
        embeddings = Embeddings(run, study.image_size, on_progress)
        data = _embedded(run, study, rows, embeddings, settings)
        method = get_method(settings.method)
        made = _made(study, rows, embeddings, data, settings)
        there = None if made is None else np.bincount(made.labels, minlength=len(data.codes))
        balanced = method(data, Wish(settings.count, settings.seed, settings.tau, there))
        if made is not None:
            balanced = with_generated(balanced, made.values, made.labels, data)
        prior = data.counts / len(data.labels)
        kernel, bias, loss = teach_head(balanced, prior, seed=settings.seed, settings=HeadSettings())
        new = write_run(
            run_dir,
            run,
            config,
            (kernel, bias),
            image_size=study.image_size,
            seen={*rows["image_id"], *(made.seen if made else ())},
            lineage=made.lineage if made else (),
        )
        score(new, study, embeddings, (kernel, bias), loss=loss, seconds=time.monotonic() - started)
    return new, False


def rows_learned_from(run: Run, study: Study) -> pd.DataFrame:
    """The rows that a run's recipe trains on."""
    data = DataSection.model_validate(run.config["recipe"]["data"])
    sources = choose_sources(study, data)
    rows, _ = choose_parts(study.splits.assign(part_of=sources.of_image), data)
    return rows.reset_index(drop=True)


def _made(
    study: Study, rows: pd.DataFrame, embeddings: Embeddings, data: Embedded, settings: Settings
) -> Generated | None:
    if settings.generated is None or settings.count is None:
        return None
    judged_by = study.rows("val", "test")["image_id"]
    return choose_generated(
        settings.generated,
        study,
        embeddings,
        data,
        held_out=frozenset(judged_by) - frozenset(rows["image_id"]),
        count=settings.count,
        share=settings.share_of_generated,
        seed=settings.seed,
    )


def _embedded(
    run: Run, study: Study, rows: pd.DataFrame, embeddings: Embeddings, settings: Settings
) -> Embedded:
    codes = study.classes.codes
    # Those of val and test are made in the same pass: the new run is scored by them.
    everything = pd.concat([rows, study.rows("val", "test")]).drop_duplicates("image_id")
    embeddings.of_rows(study, everything)
    labels = labels_in(codes, rows["diagnosis"])
    data = Embedded(embeddings.of_rows(study, rows), labels, codes)
    if not settings.views or settings.count is None:
        return data
    rare = rows[(data.counts[labels] < settings.count)]
    if rare.empty:
        return data
    of_run = run.config["recipe"].get("views")
    how = ViewSettings.model_validate(of_run) if of_run else ViewSettings()
    parts = [
        embeddings.of_rows(study, rare, view=view, settings=how) for view in range(1, settings.views + 1)
    ]
    view_labels = np.tile(labels_in(codes, rare["diagnosis"]), settings.views)
    return Embedded(data.values, labels, codes, np.concatenate(parts), view_labels)


def _told(settings: Settings) -> dict[str, Any]:
    """What the run, and a bundle of it, say of the method; settings that it does not take are left out."""
    told: dict[str, Any] = {"method": settings.method}
    if settings.count is not None:
        told["count"] = settings.count
    if settings.method == "logit_adjustment":
        told["tau"] = settings.tau
    if settings.method == "oversample":
        told["views"] = settings.views
    if settings.generated is not None:  # by its name: a bundle must not tell about the lab's machine
        told |= {"generated": source_name(settings.generated), "generated_share": settings.share_of_generated}
    return told
