"""A model that looks at four turns of each picture and answers what they say on average."""

from typing import Any

import keras
from keras import ops

_TURNS = 4


def averaged_over_turns(model: Any) -> Any:
    """The model behind quarter turns: uint8 `[batch, s, s, 3]` in; logits and embedding out, no class maps.

    The logits are the log of the mean probability `[batch, classes]`. The weights are shared. A lesion has no
    upright, so this is a better teacher than the model itself, at four times its price.
    """
    image = keras.Input((None, None, 3), dtype="uint8", name="image")
    answers = model(ops.concatenate([ops.rot90(image, turns, axes=(1, 2)) for turns in range(_TURNS)]))
    log_probs = _by_turn(ops.log_softmax(answers["logits"], axis=-1))
    mean = {
        "logits": ops.logsumexp(log_probs, axis=0) - ops.log(float(_TURNS)),
        "embedding": ops.mean(_by_turn(answers["embedding"]), axis=0),
    }
    return keras.Model(image, mean, name=f"{model.name}_turned")


def _by_turn(values: Any) -> Any:
    return ops.reshape(values, (_TURNS, -1, values.shape[-1]))
