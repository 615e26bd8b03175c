"""A small prepared source, with patients, two kinds of picture and a kind of lesion that HAM10000 lacks."""

import json
from pathlib import Path

import numpy as np
import pandas as pd

from dermdistill.classes import load_classes
from dermdistill.data.prepared import COLUMNS, VERSION
from synthetic import lesion_image

ISIC = load_classes("isic2019")


def write_source(folder: Path, name: str = "clinic", lesions: int = 48) -> pd.DataFrame:
    """Two images of each lesion, one dermoscopic and one clinical; returns the index."""
    lesion = np.repeat(np.arange(lesions), 2)
    index = pd.DataFrame("", index=range(len(lesion)), columns=list(COLUMNS))
    index["image_id"] = [f"{name.upper()}_{i:03d}" for i in range(len(index))]
    index["lesion_id"] = [f"{name}_L{i:03d}" for i in lesion]
    index["group_id"] = [f"{name}_P{i // 2:03d}" for i in lesion]
    index["diagnosis"] = [ISIC.codes[i % 8] for i in lesion]
    index["picture"] = ["dermoscopic", "clinical"] * lesions
    index["source"], index["width"], index["height"] = name, 112, 112
    index["age"] = np.where(lesion % 3 == 0, "35", np.where(lesion % 3 == 1, "60.0", ""))
    index["sex"] = np.where(lesion < lesions // 2, "female", "male")
    index["skin_tone"] = "fitzpatrick 2"
    known = [code if code != "scc" else "mel" for code in index["diagnosis"]]
    images = np.stack([lesion_image(code, seed, height=64, width=64) for seed, code in enumerate(known)])
    folder.mkdir(parents=True)
    np.save(folder / "images.npy", images)
    index.to_csv(folder / "index.csv", index=False)
    report = {"version": VERSION, "fingerprint": f"{name:0<64}", "classes": ISIC.to_dict()}
    (folder / "prepare.json").write_text(json.dumps(report))
    return index
