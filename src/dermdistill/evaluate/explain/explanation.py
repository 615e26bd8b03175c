"""Images' answers with their heat, by whatever model and method gave them. Needs no TensorFlow, no pandas."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from dermdistill.errors import DataError, ImageError
from dermdistill.imaging import read_image, resize_square
from dermdistill.inference import Engine, check_quality
from dermdistill.inference.assessment import Level
from dermdistill.inference.probabilities import calibrate, decide

_BATCH = 16
# A drawing needs no more, and sixteen whole photographs of 100 megapixels would fill the memory.
_SHOWN_SIDE = 1024


@dataclass(frozen=True, slots=True, eq=False)
class Explanation:
    """What a model answers to an image, and where it finds its evidence for one class.

    Attributes:
        diagnosis: the class that the model answers.
        explained: the class that the heat is for.
        probability: of the explained class, 0-1.
        heat: `[height, width]`, 0 or more, of no particular scale.
        assessment: the level of what a person is told of the image; None by a model that is not a bundle.
    """

    diagnosis: str
    explained: str
    probability: float
    heat: NDArray[np.float32]
    assessment: Level | None = None


Explain = Callable[[NDArray[np.uint8]], list[Explanation]]
"""From preprocessed RGB uint8 images `[b, s, s, 3]` to their explanations."""


@dataclass(frozen=True, slots=True, eq=False)
class ExplainedFile:
    """One file: its picture, RGB uint8, and explanation, or the reason why it has none."""

    path: Path
    image: NDArray[np.uint8] | None = None
    explanation: Explanation | None = None
    error: str | None = None


def class_number(code: str, codes: Sequence[str]) -> int:
    """Position of a class code among those of a model.

    Raises:
        DataError: there is no such class.
    """
    if code not in codes:
        raise DataError(f"There is no class {code!r}; choose one of {', '.join(codes)}.")
    return codes.index(code)


def explain_with_engine(engine: Engine, code: str | None = None) -> Explain:
    """Explain by a bundle's class maps, calibrated and decided as the bundle says.

    Args:
        engine: the bundle.
        code: the class to explain; by default the one that the bundle answers.

    Raises:
        DataError: there is no such class.
    """
    codes = engine.spec.codes
    fixed = None if code is None else class_number(code, codes)

    def explained(image: NDArray[np.uint8]) -> Explanation:
        outputs = engine.outputs(image)
        spec = engine.judged(outputs).spec
        probs = calibrate(outputs.logits, spec.temperature)
        answered = decide(probs, spec)
        chosen = answered if fixed is None else fixed
        heat = np.maximum(outputs.class_maps[..., chosen], 0)
        warnings = check_quality(image, shorter_side=image.shape[0])
        told = engine.assessed(outputs, warnings)
        return Explanation(codes[answered], codes[chosen], float(probs[chosen]), heat, told.level)

    def explain(images: NDArray[np.uint8]) -> list[Explanation]:
        with ThreadPoolExecutor(engine.threads) as workers:
            return list(workers.map(explained, images))

    return explain


def explain_files(explain: Explain, paths: Iterable[Path], *, size: int) -> Iterator[ExplainedFile]:
    """Explain image files in order, with flat memory; one that cannot be used is answered by its error.

    Args:
        explain: the model and method.
        paths: image files.
        size: side of the model's input in pixels.
    """
    waiting = iter(paths)
    while files := [_read(path, size) for path in islice(waiting, _BATCH)]:
        squares = [square for _, square in files if square is not None]
        answers = iter(explain(np.stack(squares)) if squares else ())
        for file, square in files:
            if square is None:
                yield file
            else:
                yield ExplainedFile(file.path, file.image, next(answers))


def _read(path: Path, size: int) -> tuple[ExplainedFile, NDArray[np.uint8] | None]:
    """A file's picture to draw on and its model input, which is none where the file cannot be used."""
    try:
        image = read_image(path)
    except ImageError as error:
        return ExplainedFile(path, error=str(error)), None
    height, width = image.shape[:2]
    scale = min(1.0, _SHOWN_SIDE / max(height, width))
    shown = (max(1, round(width * scale)), max(1, round(height * scale)))
    small = image if scale == 1 else cv2.resize(image, shown, interpolation=cv2.INTER_AREA)
    return ExplainedFile(path, np.asarray(small, np.uint8)), resize_square(image, size)
