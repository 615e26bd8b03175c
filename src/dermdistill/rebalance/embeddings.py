"""Embeddings of a run's frozen network, computed once and kept in its folder."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import keras
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dermdistill.data.study import Study
from dermdistill.data.views.render import make_view
from dermdistill.data.views.settings import ViewSettings
from dermdistill.errors import ModelError
from dermdistill.files import file_sha256, written_whole
from dermdistill.models import load_run_model
from dermdistill.runs import Run

_BATCH = 32
_SAVE_EVERY = 32  # batches: what an interrupted command has to do again
_VIEW_SEED = 0  # views are the same for every seed of a head, so that they are computed once

OnProgress = Callable[[str, int, int], None]
"""Called with what is done, how many images are done, and of how many."""


class Embeddings:
    """The embeddings of one network, by data set and view.

    Args:
        run: the network.
        image_size: pixels that it looks at.
        on_progress: told about each batch that is computed.
    """

    def __init__(self, run: Run, image_size: int, on_progress: OnProgress = lambda *_: None) -> None:
        self.run, self.image_size, self.on_progress = run, image_size, on_progress
        self._weights = file_sha256(run.weights_path) if run.weights_path.is_file() else ""
        self._model: Any = None

    def of_rows(
        self, study: Study, rows: pd.DataFrame, *, view: int = 0, settings: ViewSettings | None = None
    ) -> NDArray[np.float32]:
        """Embeddings `[n, features]` of the images of `rows`; what is missing is computed and kept.

        Args:
            study: the data of the rows; another data set gets a file of its own.
            rows: with an `image_id` each.
            view: 0 is the image as it is; above 0, that augmented view of it.
            settings: how views are made.

        Raises:
            ModelError: the run has no weights, or its network has no embedding.
        """
        study = study.at(self.image_size)
        path = self.run.run_dir / f"embeddings_{study.prepared.fingerprint[:12]}_view{view}.npz"
        key = json.dumps(
            {
                "weights": self._weights,
                "data": study.prepared.fingerprint,
                "image_size": self.image_size,
                "views": settings.model_dump(mode="json") if view and settings else None,
            }
        )
        ids, values = _read(path, key)
        known = set(ids)
        missing = rows[~rows["image_id"].isin(known)].drop_duplicates("image_id")
        made: list[NDArray[np.float32]] = []
        for start in range(0, len(missing), _BATCH):
            part = missing.iloc[start : start + _BATCH]
            images = study.images(part)
            if view:
                images = np.stack(
                    [
                        make_view(image, image_id, view, _VIEW_SEED, settings or ViewSettings())
                        for image, image_id in zip(images, part["image_id"], strict=True)
                    ]
                )
            made.append(self._embed(images))
            self.on_progress("Embedding images", min(start + _BATCH, len(missing)), len(missing))
            if len(made) == _SAVE_EVERY or start + _BATCH >= len(missing):
                ids = [*ids, *missing["image_id"].iloc[len(ids) - len(known) : start + len(part)]]
                values = np.concatenate([values, *made]) if len(values) else np.concatenate(made)
                _write(path, key, ids, values)
                made = []
        at = pd.Index(ids).get_indexer(pd.Index(rows["image_id"]))
        return np.asarray(values[at], np.float32)

    def of_images(self, images: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Embeddings `[n, features]` of RGB uint8 images `[n, size, size, 3]`, kept nowhere."""
        parts = [self._embed(images[start : start + _BATCH]) for start in range(0, len(images), _BATCH)]
        return np.concatenate(parts)

    def _embed(self, images: NDArray[np.uint8]) -> NDArray[np.float32]:
        if self._model is None:
            model = load_run_model(self.run.run_dir, image_size=self.image_size)
            self._model = embedding_of(model, f"{self.run.run_dir}")
        # A last short batch is filled up, so that the compiled call sees one shape only.
        filled = np.concatenate([images, np.repeat(images[-1:], _BATCH - len(images), axis=0)])
        return np.asarray(self._model.predict_on_batch(filled), np.float32)[: len(images)]


def embedding_of(model: Any, named: str) -> Any:
    """The part of a network that gives the embedding alone.

    Raises:
        ModelError: it gives none.
    """
    outputs = model.output
    if not isinstance(outputs, dict) or "embedding" not in outputs:
        raise ModelError(f"{named} has no output `embedding`, which its head could be taught on again.")
    return keras.Model(model.input, outputs["embedding"])


def _read(path: Path, key: str) -> tuple[list[str], NDArray[np.float32]]:
    nothing = np.empty((0, 0), np.float32)
    try:
        with np.load(path, allow_pickle=False) as stored:
            if str(stored["key"]) != key:
                return [], nothing
            return stored["image_ids"].tolist(), stored["values"]
    except (OSError, BadZipFile, EOFError, KeyError, ValueError):
        return [], nothing  # it is a cache: what cannot be read is computed again


def _write(path: Path, key: str, ids: list[str], values: NDArray[np.float32]) -> None:
    with written_whole(path) as temporary, temporary.open("wb") as file:
        np.savez(file, key=np.array(key), image_ids=np.array(ids, np.str_), values=values)
