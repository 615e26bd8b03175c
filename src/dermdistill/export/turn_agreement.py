"""How far the answers of a file that ships depend on how the camera was held."""

import tempfile
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from dermdistill.bundle import BundleSpec, TurnAgreement, write_bundle
from dermdistill.data.study import Study
from dermdistill.inference import Prediction, load_bundle

TURNS = 4
IMAGES = 300


def measure_turns(
    spec: BundleSpec, model_bytes: bytes, files: Mapping[str, bytes], study: Study, rows: pd.DataFrame
) -> TurnAgreement | None:
    """Ask a bundle about the quarter turns of at most `IMAGES` images, evenly spaced among `rows`.

    Args:
        spec: all that bundle.json will say of how answers are made.
        model_bytes: contents of the model file.
        files: contents of the other files by name.
        study: holds the images.
        rows: of the split that is measured on, with `split` and `image_id`; None is returned for none.
    """
    if rows.empty:
        return None
    chosen = rows.iloc[np.unique(np.linspace(0, len(rows) - 1, min(len(rows), IMAGES)).astype(int))]
    with tempfile.TemporaryDirectory() as folder:
        write_bundle(Path(folder) / spec.name, spec, model_bytes, files)
        engine = load_bundle(Path(folder) / spec.name)
        turned = (np.rot90(image, turns) for image in study.images(chosen) for turns in range(TURNS))
        answers = [
            answer
            for answer in engine.stream(map(np.ascontiguousarray, turned), quality=False)
            if isinstance(answer, Prediction)
        ]
    diagnoses = np.array([answer.diagnosis for answer in answers]).reshape(-1, TURNS)
    alarms = np.array([answer.assessment.level == "see_doctor" for answer in answers]).reshape(-1, TURNS)
    return TurnAgreement(
        split=str(chosen["split"].iloc[0]),
        n_images=len(chosen),
        diagnosis=round(float((diagnoses == diagnoses[:, :1]).all(axis=1).mean()), 6),
        alarm=round(float((alarms == alarms[:, :1]).all(axis=1).mean()), 6),
    )
