"""What the model looks at: a picture's square, and the size of the picture that it is made of."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from dermdistill.imaging.decode import decode_image
from dermdistill.imaging.resize import resize_square


@dataclass(frozen=True, slots=True)
class Square:
    """RGB uint8 `[size, size, 3]`, and the sides in pixels of the upright picture that it was made of."""

    pixels: NDArray[np.uint8]
    width: int
    height: int

    @property
    def shorter_side(self) -> int:
        """Pixels along the picture's shorter side."""
        return min(self.width, self.height)


class SquareOpener(Protocol):
    """Makes a square of a file's bytes: `open_square` here, a `DecoderPool`'s in another process."""

    def __call__(self, data: bytes, size: int, *, name: str) -> Square:
        """Decode a file's bytes and squash the picture to `[size, size, 3]`; errors as `decode_image`."""
        ...


def square_of(image: NDArray[np.uint8], size: int) -> Square:
    """Squash an RGB uint8 image `[height, width, 3]`."""
    return Square(resize_square(image, size), image.shape[1], image.shape[0])


def open_square(data: bytes, size: int, *, name: str = "image") -> Square:
    """Decode a file's bytes and squash the picture, in this process; see `decode_image` for errors."""
    return square_of(decode_image(data, name=name), size)
