"""Masks as people draw them: the same lesion, whatever the file holds."""

import numpy as np
import pytest
from PIL import Image

from dermdistill.errors import ImageError
from dermdistill.evaluate.explain.mask_files import read_mask

LEFT = np.zeros((224, 224), np.bool_)
LEFT[:, :112] = True
DRAWN = LEFT.astype(np.uint8)


def layers(*values: int) -> Image.Image:
    """The lesion in each channel by a value of its own, or -255 for what is 255 everywhere."""
    return Image.fromarray(np.dstack([DRAWN * value if value >= 0 else DRAWN * 0 + 255 for value in values]))


def palette(*colours: int) -> Image.Image:
    image = Image.fromarray(DRAWN, "P")
    image.putpalette([*colours, *[0] * (768 - len(colours))])
    return image


MASKS = {
    "white": layers(255, 255, 255),
    "of 1 in a channel": layers(0, 0, 1),
    "of 1 in grey": Image.fromarray(DRAWN),
    "one bit": Image.fromarray(LEFT),
    "16 bits": Image.fromarray(DRAWN.astype(np.uint16)),
    "opaque": layers(255, 255, 255, -255),
    "grey, opaque": layers(1, -255),
    "red on nothing": layers(200, 0, 0, 255),
    "black on nothing": layers(0, 0, 0, 255),
    "white all over, seen in the lesion alone": layers(-255, -255, -255, 255),
    "a palette": palette(0, 0, 0, 128, 0, 0),
    "a palette without colours": palette(),
    "a palette without black": palette(9, 9, 9, 255, 255, 255),
}


@pytest.mark.parametrize("name", MASKS)
def test_what_is_drawn_is_lesion(name, tmp_path):
    path = tmp_path / "a_segmentation.png"
    MASKS[name].save(path)
    assert (read_mask(path) == LEFT).all()


def test_a_mask_that_shows_nothing_or_is_none_is_refused(tmp_path):
    path = tmp_path / "a_segmentation.png"
    layers(0, 0, 0).save(path)
    with pytest.raises(ImageError, match="shows no lesion"):
        read_mask(path)
    path.write_bytes(path.read_bytes()[:60])
    with pytest.raises(ImageError, match=r"a_segmentation\.png"):
        read_mask(path)
