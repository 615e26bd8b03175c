"""A run's network as a function from pixels to logits, at the size that it was trained for."""

import numpy as np
from numpy.typing import NDArray

from dermdistill.evaluate.scoring import Logits
from dermdistill.imaging import resize_square
from dermdistill.models import load_run_model
from dermdistill.runs import Run


def logits_of_run(run: Run, image_size: int) -> Logits:
    """Load a run's weights into its network; images of another size are area-resized to `image_size` pixels.

    Raises:
        ModelError: the weights are missing, or not those of the network.
    """
    model = load_run_model(run.run_dir, image_size=image_size)

    def logits_of(images: NDArray[np.uint8]) -> NDArray[np.floating]:
        if images.shape[1] != image_size:
            images = np.stack([resize_square(image, image_size) for image in images])
        return np.asarray(model.predict_on_batch(images)["logits"])

    return logits_of
