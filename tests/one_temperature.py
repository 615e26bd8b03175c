"""The engine's answers where kinds of pictures are not told apart: what MediaPipe's file must give."""

import numpy as np


def of_all_pictures(engine, image):
    """The engine's probabilities by the temperature of all pictures: the file does not tell kinds apart."""
    logits = engine.outputs(image).logits / engine.spec.temperature
    powers = np.exp(logits - logits.max())
    return dict(zip(engine.spec.codes, powers / powers.sum(), strict=True))
