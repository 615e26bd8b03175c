"""Measure a prepared folder of generated pictures by a run's network and by that of ImageNet."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from numpy.typing import NDArray

from dermdistill.data.lineage.generated import KEY
from dermdistill.data.prepared import Prepared, load_prepared, read_report
from dermdistill.data.study import Study, open_study_of
from dermdistill.errors import DataError
from dermdistill.evaluate.figures.paper import Caption, write_figure
from dermdistill.evaluate.report.write import write_table
from dermdistill.files import write_atomically
from dermdistill.generate.measure import Seen, measured, memorised
from dermdistill.generate.sheet import draw_sheet
from dermdistill.metrics.predictions import labels_in
from dermdistill.models import build_model, load_run_model
from dermdistill.rebalance.embeddings import Embeddings, OnProgress, embedding_of
from dermdistill.runs import Run

_BATCH, _ON_SHEET = 32, 4
RUN, IMAGENET = "run", "imagenet"


def open_generated(directory: Path, codes: tuple[str, ...]) -> Prepared:
    """A prepared folder of generated pictures.

    Raises:
        DataError: it holds something else, or pictures of a class that is not among `codes`.
    """
    prepared = load_prepared(directory)
    if not (read_report(directory) or {}).get(KEY):
        raise DataError(
            f"{directory} holds pictures that were taken; give the prepared folder of generated ones."
        )
    if unknown := sorted(set(prepared.index["diagnosis"]) - set(codes)):
        raise DataError(f"{directory} has pictures of {unknown[0]}, and the run knows {', '.join(codes)}.")
    return prepared


def assess(
    run: Run,
    directory: Path,
    out: Path,
    *,
    imagenet: str | None = None,
    per_class: int = 200,
    on_progress: OnProgress = lambda *_: None,
) -> pd.DataFrame:
    """Write measure.csv and .json, a figure, each picture's nearest neighbour, and a sheet of pairs to `out`.

    The sheet `nearest.png` shows real pictures: it falls under their licence.

    Args:
        run: the network and classifier, and by its split the real pictures.
        directory: generated pictures as `dermdistill data prepare` wrote them.
        out: the folder.
        imagenet: starting weights of the run's architecture, see `load_initial_weights`; None is without.
        per_class: at most that many real pictures of a class from train, and from val.
        on_progress: told about each network.

    Returns:
        See `measured`.

    Raises:
        DermDistillError: run, pictures or weights do not fit.
    """
    study = open_study_of(run)
    codes = study.classes.codes
    prepared = open_generated(directory, codes)
    made_study = replace(study, prepared=prepared, splits=prepared.index.assign(split="train"))
    kinds = {
        "made": (made_study, made_study.splits.groupby("diagnosis").head(per_class)),
        "real": (study, _some(study.rows("train"), prepared, per_class)),
        "held_out": (study, _some(study.rows("val"), prepared, per_class)),
    }
    embeddings = Embeddings(run, study.image_size, on_progress)
    by: dict[str, Callable[[Study, pd.DataFrame], NDArray[np.float32]]] = {RUN: embeddings.of_rows}
    if imagenet is not None:
        name = run.config["recipe"]["model"]["name"]
        network = embedding_of(
            build_model(name, num_classes=len(codes), image_size=study.image_size, init=imagenet), imagenet
        )
        by[IMAGENET] = lambda of, rows: _embedded(network, of.at(study.image_size), rows, on_progress)
    seen = {
        kind: {
            name: Seen(
                of_rows(of, rows),
                labels_in(codes, rows["diagnosis"]),
                rows["group_id" if "group_id" in rows else "lesion_id"].to_numpy(str),
            )
            for name, of_rows in by.items()
        }
        for kind, (of, rows) in kinds.items()
    }
    decided = _decided(run, study, seen["made"][RUN].values)
    table = measured(seen["made"], seen["real"], seen["held_out"], decided, codes)
    write_table(table, out / "measure.csv")
    write_atomically(out / "measure.json", table.to_json(orient="records", indent=1).encode())
    caption = Caption(run.run_dir.resolve().name, f"{directory.resolve().name}, generated pictures")
    write_figure(table, draw_measure, out, "measure", caption)
    _write_nearest(kinds, seen, decided, codes, out)
    return table


def draw_measure(frame: pd.DataFrame, axes: Axes) -> None:
    """Kernel distance of generated pictures of each class beside that of real val pictures."""
    names = [name.removeprefix("kid_") for name in map(str, frame) if name.startswith("kid_")]
    names = [name for name in names if not name.endswith("_val")]
    width = 0.8 / (2 * len(names))
    for number, name in enumerate(names):
        for real, column in enumerate((f"kid_{name}", f"kid_{name}_val")):
            places = np.arange(len(frame)) + (2 * number + real) * width
            label = f"{'val' if real else 'generated'}, by {name}"
            axes.bar(places, frame[column], width, label=label, alpha=0.5 if real else 1)
    axes.set(xticks=np.arange(len(frame)) + 0.3, xticklabels=frame["diagnosis"])
    axes.set(ylabel="kernel distance to train", title="Generated pictures, and real ones of val")
    axes.set_yscale("symlog", linthresh=1e-3)
    axes.legend()


def _some(rows: pd.DataFrame, prepared: Prepared, per_class: int) -> pd.DataFrame:
    """At most so many rows of each class that there are generated pictures of, drawn evenly."""
    wanted = rows[rows["diagnosis"].isin(set(prepared.index["diagnosis"]))]
    drawn = wanted.sample(frac=1, random_state=0).groupby("diagnosis").head(per_class)
    return drawn.sort_index().reset_index(drop=True)


def _embedded(network: Any, study: Study, rows: pd.DataFrame, on_progress: OnProgress) -> NDArray[np.float32]:
    parts = []
    for start in range(0, len(rows), _BATCH):
        images = study.images(rows.iloc[start : start + _BATCH])
        filled = np.concatenate([images, np.repeat(images[-1:], _BATCH - len(images), axis=0)])
        parts.append(np.asarray(network.predict_on_batch(filled), np.float32)[: len(images)])
        on_progress(f"Embedding by {IMAGENET}", min(start + _BATCH, len(rows)), len(rows))
    return np.concatenate(parts)


def _decided(run: Run, study: Study, values: NDArray[np.float32]) -> NDArray[np.intp]:
    """What the run's head decides of embeddings, prior-corrected, int `[n]`."""
    model = load_run_model(run.run_dir, image_size=study.image_size)
    kernel, bias = (np.asarray(model.get_layer(name).get_weights()[0]) for name in ("class_maps", "logits"))
    prior = np.array([study.priors[code] for code in study.classes.codes])
    logits = values @ kernel[0, 0] + bias - np.log(np.maximum(prior, 1e-12))
    return np.asarray(np.where(prior > 0, logits, -np.inf).argmax(axis=1), np.intp)


def _write_nearest(
    kinds: dict[str, tuple[Study, pd.DataFrame]],
    seen: dict[str, dict[str, Seen]],
    decided: NDArray[np.intp],
    codes: tuple[str, ...],
    out: Path,
) -> None:
    """Each generated picture's nearest training picture by the run; the nearest pairs as a sheet."""
    (made_study, made), (study, real) = kinds["made"], kinds["real"]
    found = memorised(seen["made"][RUN], seen["real"][RUN])
    table = pd.DataFrame(
        {
            "image_id": made["image_id"].to_numpy(),
            "diagnosis": made["diagnosis"].to_numpy(),
            "decided": [codes[label] for label in decided],
            "nearest": real["image_id"].to_numpy()[found.at],
            "distance": found.distances,
            "nearer_than_real_pairs": found.distances < found.limit,
        }
    )
    write_table(table, out / "nearest.csv")
    chosen = table.sort_values("distance").groupby("diagnosis").head(_ON_SHEET).index.to_numpy()
    pairs = np.stack(
        [
            made_study.images(made.iloc[chosen]),
            study.at(made_study.image_size).images(real.iloc[found.at[chosen]]),
        ],
        axis=1,
    )
    small = pairs.reshape(-1, *pairs.shape[2:])[:, ::2, ::2]
    labels = np.repeat(labels_in(codes, table["diagnosis"].iloc[chosen]), 2)
    draw_sheet(out / "nearest.png", small, labels, codes)
    facts = {"limit": found.limit, "share": found.share, "of": len(table)}
    write_atomically(out / "memorised.json", (json.dumps(facts, indent=1) + "\n").encode())
