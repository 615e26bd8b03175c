"""Pictures of a trained generator, in a folder that `dermdistill data prepare` takes."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dermdistill.classes import ClassTable
from dermdistill.data.lineage.generated import MARK, write_mark
from dermdistill.data.lineage.trace import lineage_of_run
from dermdistill.errors import DataError, ModelError
from dermdistill.files import write_atomically
from dermdistill.generate.networks import build_generator
from dermdistill.generate.recipe import GeneratorRecipe
from dermdistill.generate.sheet import draw_sheet
from dermdistill.generate.train import GENERATOR, make_pictures
from dermdistill.runs import classes_of, images_seen, read_config

TABLE, SHEET = "metadata.csv", "sheet.png"
_AT_ONCE, _ON_SHEET = 64, 8


def load_generator(run_dir: Path) -> tuple[Any, ClassTable]:
    """A trained generator and the classes that it makes pictures of.

    Raises:
        ModelError: the folder holds no generator, or none that has finished an epoch.
    """
    config = read_config(run_dir)
    recipe = config.get("recipe", {})
    if "network" not in recipe:
        raise ModelError(f"{run_dir} holds no generator; give the folder of a `dermdistill generate train`.")
    if not (run_dir / GENERATOR).is_file():
        raise ModelError(f"{run_dir} has not finished an epoch; go on with its training.")
    classes = classes_of(run_dir, config)
    settings = GeneratorRecipe.model_validate(recipe | {"epochs": 1})
    model = build_generator(settings.network, num_classes=len(classes), image_size=settings.image_size)
    model.load_weights(run_dir / GENERATOR)
    return model, classes


def sample(
    run_dir: Path,
    out: Path,
    counts: Mapping[str, int],
    *,
    seed: int = 0,
    on_progress: Callable[[int, int], None] = lambda done, total: None,
) -> pd.DataFrame:
    """Write pictures as PNG, their table, a sheet of some, and the mark that they were made.

    Args:
        run_dir: the generator's run.
        out: a new or empty folder, or one that this generator has filled, whose pictures are made again.
        counts: how many of each class, by code.
        seed: picture k of a class is the same for the same seed and weights.
        on_progress: told how many pictures are written, and of how many.

    Returns:
        The table: image_id, lesion_id (each picture a lesion of its own), diagnosis, picture, licence.

    Raises:
        DataError: a class is unknown, or the folder holds something else.
        ModelError: there is no generator.
    """
    generator, classes = load_generator(run_dir)
    if unknown := [code for code in counts if code not in classes.codes]:
        raise DataError(f"{run_dir} makes no {unknown[0]}; its classes are {', '.join(classes.codes)}.")
    if out.exists() and not (out / MARK).is_file() and (not out.is_dir() or any(out.iterdir())):
        raise DataError(f"{out} holds something else than generated pictures; give a new folder.")
    learned_from = lineage_of_run(run_dir)
    name = run_dir.resolve().name
    write_mark(out, name, learned_from, images_seen(run_dir))  # first: no picture lies there unmarked
    for earlier in (out / "images").glob("generated_*.png"):
        earlier.unlink()
    table = _table(counts, "; ".join(sorted({one for data in learned_from for one in data.licences})))
    labels = np.array([classes.codes.index(code) for code in table["diagnosis"]], np.intp)
    numbers = [number for count in counts.values() for number in range(count)]
    shown: list[NDArray[np.uint8]] = []
    for start in range(0, len(table), _AT_ONCE):
        part = slice(start, start + _AT_ONCE)
        pictures = make_pictures(generator, labels[part], numbers[part], seed)
        for image_id, picture in zip(table["image_id"].iloc[part], pictures, strict=True):
            _, data = cv2.imencode(".png", picture[..., ::-1])
            write_atomically(out / "images" / f"{image_id}.png", data.tobytes())
        shown += [
            picture for picture, number in zip(pictures, numbers[part], strict=True) if number < _ON_SHEET
        ]
        on_progress(start + len(pictures), len(table))
    write_atomically(out / TABLE, table.to_csv(index=False).encode())
    draw_sheet(out / SHEET, np.stack(shown), labels[np.array(numbers) < _ON_SHEET], classes.codes)
    return table


def _table(counts: Mapping[str, int], licence: str) -> pd.DataFrame:
    ids = [f"generated_{code}_{number:05d}" for code, count in counts.items() for number in range(count)]
    diagnoses: Sequence[str] = [code for code, count in counts.items() for _ in range(count)]
    return pd.DataFrame(
        {
            "image_id": ids,
            "lesion_id": ids,
            "diagnosis": diagnoses,
            "picture": "dermoscopic",
            "licence": licence,
        }
    )
