"""A student that looks at an image in each of its four quarter turns and answers their mean.

How a camera is held says nothing of a lesion, and yet a small network answers a turned picture otherwise.
Averaged inside the file, its answer cannot depend on it, for whoever runs the file; it takes four times the
time (docs/decisions/0013-the-same-answer-however-the-camera-is-held.md).
Source: Dieleman et al. 2015, arXiv:1503.07077, who turn galaxies; here it is done to a trained network.
"""

from typing import Any

import keras
from keras import ops

TURNS = 4


def over_quarter_turns(model: Any) -> Any:
    """Return a model that answers the mean of what `model` answers to the four quarter turns of an image.

    It shares its weights with `model`. Class maps are turned back before they are averaged, so they show the
    image as it came. The spatial mean of a class map plus the bias is still the logit.

    Args:
        model: keeps the model contract.
    """
    image = keras.Input(model.input_shape[1:], dtype="uint8", name="image")
    views = ops.concatenate([_turned(image, turns) for turns in range(TURNS)], axis=0)
    answers = {name: ops.split(values, TURNS, axis=0) for name, values in model(views).items()}
    answers["class_maps"] = [_turned(maps, -turns) for turns, maps in enumerate(answers["class_maps"])]
    # Stacked, since a mean of int8 is one sum: added one by one, rounding would depend on the order.
    means = {name: ops.mean(ops.stack(parts, axis=1), axis=1) for name, parts in answers.items()}
    return keras.Model(image, means, name=model.name)


def as_it_answers(model: Any, *, quarter_turns: bool) -> Any:
    """Return the model whose answers a file gives: `model` itself, or its mean over quarter turns."""
    return over_quarter_turns(model) if quarter_turns else model


def _turned(images: Any, turns: int) -> Any:
    """Images `[n, size, size, channels]` turned by so many quarters, as `np.rot90` does.

    Not by `ops.rot90`: it asks for shapes while it runs, and a graph that does is slower in LiteRT.
    """
    turns %= TURNS
    if turns % 2:
        images = ops.transpose(images, (0, 2, 1, 3))
    flipped = {0: (), 1: (1,), 2: (1, 2), 3: (2,)}[turns]
    return ops.flip(images, axis=flipped) if flipped else images
