"""The registry of architectures: `@register_model(name, ModelSpec(...))` on a backbone's builder."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from dermdistill.errors import ModelError, unknown_name

Scaling = Literal["minus_one_to_one", "caffe", "torch", "inside"]

BackboneBuilder = Callable[[], Any]
"""Returns a Keras backbone without head and weights, for images `[batch, height, width, 3]` of any size.

For any size, always: some networks pad by the parity of a declared side, and training declares none."""


@dataclass(frozen=True)
class ModelSpec:
    """What travels with an architecture.

    Attributes:
        scaling: how the backbone wants its RGB 0-255 input normalised; the graph does it. `inside` means that
            the backbone has the normalisation as its own first layers.
        source: the paper or the page that defines the network.
        imagenet: the `keras.applications` class whose ImageNet weights `--init imagenet` downloads, or None.
        imagenet_settings: what else that class must be told to build this network.
        imagenet_from: the layer of that network with which this one begins, where it is not its first.
        imagenet_until: the layer of that network whose output is this one's, where it is not its last.
    """

    scaling: Scaling
    source: str
    imagenet: str | None = None
    imagenet_settings: Mapping[str, Any] = field(default_factory=dict)
    imagenet_from: str | None = None
    imagenet_until: str | None = None


_REGISTRY: dict[str, tuple[ModelSpec, BackboneBuilder]] = {}


def register_model(name: str, spec: ModelSpec) -> Callable[[BackboneBuilder], BackboneBuilder]:
    """Register a backbone builder under `name`.

    Raises:
        ModelError: the name is taken.
    """

    def register(builder: BackboneBuilder) -> BackboneBuilder:
        if name in _REGISTRY:
            raise ModelError(
                f"The model name {name!r} is registered twice; give the second one another name."
            )
        _REGISTRY[name] = (spec, builder)
        return builder

    return register


def model_names() -> tuple[str, ...]:
    """All registered names in alphabetical order."""
    return tuple(sorted(_REGISTRY))


def get_model_spec(name: str) -> tuple[ModelSpec, BackboneBuilder]:
    """Look up an architecture.

    Raises:
        ModelError: no such name.
    """
    if name not in _REGISTRY:
        raise ModelError(unknown_name("model", name, _REGISTRY))
    return _REGISTRY[name]
