"""The run that a newly taught head makes: the frozen network with it, and its answers on val and test."""

import json
from collections.abc import Collection
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import softmax

from dermdistill.data.lineage.learned_from import Lineage, union
from dermdistill.data.lineage.trace import lineage_of_run, write_lineage
from dermdistill.data.study import Study
from dermdistill.distill.loop import software
from dermdistill.distill.validate import validation_metrics
from dermdistill.errors import ModelError
from dermdistill.evaluate.scoring import predictions_path, provenance, rows_to_score
from dermdistill.files import write_atomically
from dermdistill.metrics.predictions import GROUP, KEYS, labels_in, prob_columns, write_predictions
from dermdistill.models import load_run_model
from dermdistill.rebalance.embeddings import Embeddings
from dermdistill.runs import (
    CONFIG,
    Run,
    images_seen,
    open_run,
    read_run,
    write_best_weights,
    write_finished,
    write_history,
)

Head = tuple[NDArray[np.float32], NDArray[np.float32]]
"""Kernel `[features, classes]` and bias `[classes]`."""


def config_of(run: Run, study: Study, name: str, *, seed: int, rebalance: dict[str, Any]) -> dict[str, Any]:
    """What config.json of the new run says: the recipe of `run`, which it starts from, and `rebalance`."""
    recipe = run.config["recipe"]
    model = recipe["model"] | {"init": str(run.run_dir)}
    config = {
        "recipe": recipe | {"name": name, "seed": seed, "model": model, "rebalance": rebalance},
        "classes": run.classes.to_dict(),
        "class_shares": {code: round(share, 9) for code, share in study.priors.items()},
        "fingerprints": run.config.get("fingerprints", study.fingerprints),
    }
    return config


def write_run(
    run_dir: Path,
    run: Run,
    config: dict[str, Any],
    head: Head,
    *,
    image_size: int,
    seen: Collection[str],
    lineage: Lineage = (),
) -> Run:
    """Write weights, lineage and config of the new run.

    Args:
        run_dir: its folder.
        run: the run that it starts from.
        config: see `config_of`.
        head: what was taught.
        image_size: pixels that the network looks at.
        seen: ids of the images that the head learned from.
        lineage: data sets that the head learned from and the run did not.

    Raises:
        ModelError: the network of `run` has another head than embeddings of that size.
    """
    model = load_run_model(run.run_dir, image_size=image_size)
    kernel, bias = head
    layer = model.get_layer("class_maps")
    if tuple(layer.kernel.shape[-2:]) != kernel.shape:
        raise ModelError(f"{run.run_dir} has a head of another shape than its embeddings; train it again.")
    layer.kernel.assign(kernel[None, None])
    model.get_layer("logits").bias.assign(bias)
    made_with = software()
    if "reopened_from" in (earlier := run.config.get("made_with", {})):
        # Its data may be others than it was trained on, which `open_study_of` allows a reopened run.
        made_with |= {"reopened_from": earlier["reopened_from"]}
    write_best_weights(run_dir, model)
    write_lineage(run_dir, union(lineage_of_run(run.run_dir), lineage))
    open_run(run_dir, config, made_with=made_with, seen={*images_seen(run.run_dir), *seen})
    return read_run(run_dir)


def score(
    new: Run, study: Study, embeddings: Embeddings, head: Head, *, loss: float, seconds: float
) -> pd.DataFrame:
    """Write predictions and history of the new run, from the embeddings of its frozen network.

    A logit is the mean of a class map plus a bias, and a class map is linear in the features. So the logits
    are those of the whole network.
    """
    kernel, bias = head
    rows = rows_to_score(new, study)
    codes = study.classes.codes
    logits = embeddings.of_rows(study, rows).astype(np.float64) @ kernel + bias
    keys = rows[[name for name in (*KEYS, GROUP) if name in rows]].reset_index(drop=True)
    frame = pd.concat([keys, pd.DataFrame(softmax(logits, axis=1), columns=prob_columns(codes))], axis=1)
    path = predictions_path(new, tta=False)
    path.with_suffix(".json").unlink(missing_ok=True)
    write_predictions(frame, path)
    made_by = provenance(new, study.fingerprints, path, tta=False, image_size=None)
    write_atomically(path.with_suffix(".json"), (json.dumps(made_by, indent=1) + "\n").encode())
    line: dict[str, Any] = {"epoch": 0, "phase": 0, "image_size": embeddings.image_size, "loss": loss}
    val = (rows["split"] == "val").to_numpy()
    if val.any():
        labels = labels_in(codes, rows.loc[val, "diagnosis"]).astype(np.int64)
        shares = np.array([study.priors[code] for code in codes])
        line |= validation_metrics(logits[val].astype(np.float32), labels, shares)
    write_history(new.run_dir, [line | {"best": True, "seconds": round(seconds, 2)}])
    write_finished(new.run_dir, epochs=new.config["recipe"]["phases"][-1]["epochs"], best=None)
    return frame


def is_written(run_dir: Path) -> bool:
    """Whether a folder holds a run with all that `score` writes."""
    return (run_dir / CONFIG).is_file() and (run_dir / "finished.json").is_file()
