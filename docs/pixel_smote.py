"""docs/pictures/pixel_smote.png: what SMOTE makes of pixels. Run this module."""

import sys
from pathlib import Path

import numpy as np

from dermdistill.generate.sheet import draw_sheet

sys.path.append(str(Path(__file__).parents[1] / "tests"))

from synthetic import lesion_image

SIDE = 64
SHARES = (0.0, 0.25, 0.5, 0.75, 1.0)
PAIRS = (("mel", 3, 11), ("df", 4, 8), ("vasc", 1, 6))


def main() -> None:
    """Draw, for each of three classes, two lesions and the points between them that SMOTE would add."""
    pictures = []
    for code, first, second in PAIRS:
        a, b = (lesion_image(code, seed, height=SIDE, width=SIDE).astype(float) for seed in (first, second))
        pictures += [np.rint((1 - share) * a + share * b).astype(np.uint8) for share in SHARES]
    labels = np.repeat(np.arange(len(PAIRS)), len(SHARES))
    out = Path(__file__).parent / "pictures" / "pixel_smote.png"
    draw_sheet(out, np.stack(pictures), labels, [code for code, *_ in PAIRS])


if __name__ == "__main__":
    main()
