"""Real pictures that are no lesion, cut out of those that installed packages carry; none is part of this one.

scikit-learn and matplotlib, which the lab needs anyway, bring a building, a flower and a portrait.
scikit-image is a development dependency. It brings people, animals, things, textures, documents, the sky, and
tissue under a microscope. A kind whose files are not installed is left out; the bundle lists those measured.
"""

from importlib.util import find_spec
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from dermdistill.imaging import read_image

_SKIMAGE, _SKLEARN, _MATPLOTLIB = "skimage/data", "sklearn/datasets/images", "matplotlib/mpl-data/sample_data"
FILES = {
    "people": (f"{_SKIMAGE}/astronaut.png", f"{_MATPLOTLIB}/grace_hopper.jpg"),
    "animals": (f"{_SKIMAGE}/chelsea.png", f"{_SKIMAGE}/horse.png"),
    "things": (
        f"{_SKIMAGE}/coffee.png",
        f"{_SKIMAGE}/rocket.jpg",
        f"{_SKIMAGE}/motorcycle_left.png",
        f"{_SKIMAGE}/coins.png",
        f"{_SKIMAGE}/camera.png",
        f"{_SKLEARN}/china.jpg",
    ),
    "plants": (f"{_SKLEARN}/flower.jpg",),
    "sky": (f"{_SKIMAGE}/hubble_deep_field.jpg", f"{_SKIMAGE}/moon.png"),
    "textures": (f"{_SKIMAGE}/brick.png", f"{_SKIMAGE}/grass.png", f"{_SKIMAGE}/gravel.png"),
    "documents": (f"{_SKIMAGE}/page.png", f"{_SKIMAGE}/text.png", f"{_SKIMAGE}/color.png"),
    "medical": (f"{_SKIMAGE}/retina.jpg", f"{_SKIMAGE}/ihc.png", f"{_SKIMAGE}/microaneurysms.png"),
}
_SMALLEST_CROP = 0.35


def photographs(count: int, *, size: int, seed: int = 0) -> dict[str, NDArray[np.uint8]]:
    """Cut `count` pictures of each kind that is installed, RGB uint8 `[count, size, size, 3]`.

    The first of each file is the whole picture. The others are crops of random size and place, half of them
    mirrored. Equal seeds give equal crops.
    """
    found = {}
    for salt, (kind, names) in enumerate(FILES.items()):
        paths = [path for name in names if (path := _installed(name)) is not None]
        if paths:
            rng = np.random.default_rng([seed, salt])
            pictures = [read_image(path) for path in paths]
            crops = [
                _crop(rng, pictures[i % len(pictures)], size, whole=i < len(pictures)) for i in range(count)
            ]
            found[kind] = np.stack(crops)
    return found


def _installed(name: str) -> Path | None:
    package, _, inside = name.partition("/")
    spec = find_spec(package)
    folders = (spec.submodule_search_locations if spec else None) or []
    return next((path for folder in folders if (path := Path(folder) / inside).is_file()), None)


def _crop(
    rng: np.random.Generator, picture: NDArray[np.uint8], size: int, *, whole: bool
) -> NDArray[np.uint8]:
    share = 1.0 if whole else rng.uniform(_SMALLEST_CROP, 1)
    height, width = (int(side * share) for side in picture.shape[:2])
    y, x = (
        int(rng.integers(0, side - part + 1))
        for side, part in zip(picture.shape, (height, width), strict=False)
    )
    crop = picture[y : y + height, x : x + width]
    if not whole and rng.random() < 0.5:
        crop = crop[:, ::-1]
    resized = cv2.resize(np.ascontiguousarray(crop), (size, size), interpolation=cv2.INTER_AREA)
    return np.asarray(resized, np.uint8)
