"""A recipe: one experiment as a TOML file, checked before anything starts; unknown keys are errors."""

import tomllib
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, NonNegativeFloat, ValidationError, model_validator

from dermdistill.data.views.settings import ViewSettings
from dermdistill.errors import RecipeError


class Section(BaseModel):
    """A table of a recipe."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class ModelSection(Section):
    """What is trained: a registered name and where its weights start (see `load_initial_weights`)."""

    name: str
    init: str = "imagenet"
    dropout: float = Field(0.2, ge=0, lt=1)
    batch_norm_momentum: float = Field(0.99, gt=0, lt=1)


class DataSection(Section):
    """What it is trained on: a prepared folder and a split file; with `fold`, that fold is left out.

    With `with_val` the val split is learned from, too. Then no epoch can be chosen by it, and the last one
    counts (decision 14 in docs/decisions).
    """

    dir: Path
    splits: Path
    fold: int | None = Field(None, ge=0)
    with_val: bool = False

    @model_validator(mode="after")
    def _leaves_out_or_takes_in(self) -> "DataSection":
        if self.with_val and self.fold is not None:
            raise ValueError("give fold or with_val: with a fold left out, val chooses the epoch")
        return self


class BatchSection(Section):
    """How batches are drawn, mixed and degraded; see `BatchSource` and `MixSettings` in `dermdistill.data`.

    With a `view_seed`, trainings with different seeds see the same bank of views, and learn from the same
    cached logits.
    """

    size: int = Field(32, ge=1)
    sampling_power: float = Field(0.5, ge=0, le=1)
    mixup: float = Field(0.0, ge=0)
    cutmix: float = Field(0.0, ge=0)
    cutmix_share: float = Field(0.5, ge=0, le=1)
    degraded_share: float = Field(0.0, ge=0, le=1)
    view_bank: int = Field(0, ge=0)
    view_seed: int | None = Field(None, ge=0)


class LossSection(Section):
    """The part of the objective that looks at labels."""

    task: str = "cross_entropy"
    label_smoothing: float = Field(0.0, ge=0, lt=1)


class DistillSection(Section):
    """The part of the objective that looks at teachers: run folders, or logits cached from them.

    Several teachers count by `weights`, or evenly. `combine`: the mean of the `losses` against each, or the
    loss against the mean of their `probs`. `prior = "uniform"` compares
    teachers and student as if all classes were equally frequent; see `dermdistill.distill.objective`.
    `features` names a loss between the teachers' embeddings and the student's, projected; it comes on top, by
    `feature_weight`, and takes teachers that run in the step, all of them.

    Such teachers look at the student's pictures resized to `teacher_image_size` pixels, where it is given: a
    teacher that was trained at 160 is a poorer one at 224.
    """

    teachers: tuple[Path, ...] = ()
    teacher_logits: tuple[Path, ...] = ()
    teacher_image_size: int | None = Field(None, ge=16)
    loss: str = "kd"
    alpha: float = Field(0.8, gt=0, le=1)
    temperature: float = Field(4.0, gt=0)
    combine: Literal["losses", "probs"] = "losses"
    weights: tuple[NonNegativeFloat, ...] | None = None
    prior: Literal["data", "uniform"] = "data"
    features: str | None = None
    feature_weight: float = Field(1.0, gt=0)

    @model_validator(mode="after")
    def _needs_a_teacher(self) -> "DistillSection":
        if bool(self.teachers) == bool(self.teacher_logits):
            raise ValueError("give either teachers (run folders) or teacher_logits (.npz files)")
        count = len(self.teachers or self.teacher_logits)
        if self.weights is not None and (len(self.weights) != count or not sum(self.weights)):
            raise ValueError(f"give weights for all {count} teachers, not all 0")
        if self.teacher_image_size and self.teacher_logits:
            raise ValueError(
                "teacher_image_size is for teachers (run folders); cached logits have their size from "
                "`dermdistill teach --image-size`"
            )
        if self.features and self.teacher_logits:
            raise ValueError("features take teachers (run folders), which have embeddings")
        return self


class OptimizerSection(Section):
    """AdamW (arXiv:1711.05101), and the weights that are validated and kept: a moving average.

    With `start_share`, that share of them is of the network as the training found it (`model.init`): what was
    tuned to something new then keeps more of what it could do (WiSE-FT, arXiv:2109.01903).
    """

    weight_decay: float = Field(1e-4, ge=0)
    clip_norm: float = Field(5.0, gt=0)
    ema: float = Field(0.998, ge=0, lt=1)
    start_share: float = Field(0.0, ge=0, lt=1)


class Phase(Section):
    """A stretch of training at one image size, with its own cosine schedule after a linear warm-up.

    `freeze_until` names a layer of the backbone: it and all before it stay as they are; that is cheaper.
    """

    image_size: int = Field(224, ge=16)
    epochs: int = Field(ge=1)
    learning_rate: float = Field(gt=0)
    final_share: float = Field(0.0, ge=0, le=1)
    warmup_epochs: float = Field(0.0, ge=0)
    freeze_until: str | None = None


class ComputeSection(Section):
    """Where and how exactly things are computed; see docs/gpu.md.

    With `views = "device"` the data set lies on the device as one uint8 array, and the step makes the views.
    `bfloat16` is mixed precision: weights, head and losses stay float32. Teachers in the step compute in
    `teacher_precision`, by default as their student does.
    """

    precision: Literal["float32", "bfloat16"] = "float32"
    teacher_precision: Literal["float32", "bfloat16"] | None = None
    views: Literal["host", "device"] = "host"


class StopSection(Section):
    """Early stopping: a phase ends when the validation metric has not risen for `patience` epochs."""

    metric: Literal["balanced_accuracy", "macro_auc"] = "balanced_accuracy"
    patience: int = Field(10, ge=1)


class Recipe(Section):
    """A whole experiment."""

    name: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$")
    seed: int = Field(0, ge=0)
    model: ModelSection
    data: DataSection
    views: ViewSettings = ViewSettings()
    batches: BatchSection = BatchSection()
    loss: LossSection = LossSection()
    distill: DistillSection | None = None
    optimizer: OptimizerSection = OptimizerSection()
    phases: tuple[Phase, ...] = Field(min_length=1)
    stop: StopSection = StopSection()
    compute: ComputeSection = ComputeSection()
    checkpoint_steps: int = Field(50, ge=1)

    @model_validator(mode="after")
    def _device_can_make_the_views(self) -> "Recipe":
        if self.compute.views == "device":
            if self.views.jpeg:
                raise ValueError("views.jpeg needs compute.views = host: no device saves JPEG")
            if self.batches.degraded_share:
                raise ValueError("batches.degraded_share needs compute.views = host: no device saves JPEG")
            if self.distill and self.distill.teacher_logits:
                raise ValueError(
                    "distill.teacher_logits were computed on the host's views; name teachers instead, or set "
                    "compute.views = host"
                )
        return self


def load_recipe(path: Path, overrides: tuple[str, ...] = ()) -> Recipe:
    """Read a recipe and apply `key=value` overrides; a key is dotted, a value is TOML or else a plain word.

    Lists are reached by number: `phases.0.epochs=3`. A recipe with a `base`, another recipe relative to its
    folder, gives only what differs: tables are merged, lists replaced.

    Raises:
        RecipeError: the file is no TOML, or a key or a value does not fit; all problems are named at once.
    """
    settings = _read_settings(path)
    for override in overrides:
        _apply_override(settings, override)
    try:
        return Recipe.model_validate(settings)
    except ValidationError as error:
        problems = "; ".join(
            f"{'.'.join(map(str, item['loc'])) or 'recipe'}: {item['msg']}" for item in error.errors()
        )
        raise RecipeError(f"The recipe {path} does not fit: {problems}.") from error


def _read_settings(path: Path, derived: tuple[Path, ...] = ()) -> dict[str, Any]:
    """The tables of a recipe over those of its base; `derived` are the recipes that led here."""
    try:
        settings: dict[str, Any] = tomllib.loads(path.read_text("utf-8-sig"))
    except OSError as error:
        raise RecipeError(f"The recipe {path} cannot be read ({error.strerror}); check the path.") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise RecipeError(f"The recipe {path} is not valid TOML: {error}.") from error
    if "base" not in settings:
        return settings
    base = path.parent / str(settings.pop("base"))
    if base.resolve() in (earlier := (*derived, path.resolve())):
        raise RecipeError(f"The recipe {path} has {base} as its base, which is derived from it; remove one.")
    return _merged(_read_settings(base, earlier), settings)


def _merged(below: dict[str, Any], above: dict[str, Any]) -> dict[str, Any]:
    both = {key for key in above if isinstance(above[key], dict) and isinstance(below.get(key), dict)}
    return {**below, **above, **{key: _merged(below[key], above[key]) for key in both}}


def _apply_override(settings: dict[str, Any], override: str) -> None:
    key, separator, text = override.partition("=")
    if not separator or not key:
        raise RecipeError(f"--set {override!r} is not of the form key=value, such as batches.size=16.")
    *parents, last = key.split(".")
    place: Any = settings
    try:
        for name in parents:
            place = place[int(name)] if isinstance(place, list) else place.setdefault(name, {})
        place[int(last) if isinstance(place, list) else last] = _parse_value(text)
    except (TypeError, ValueError, IndexError, AttributeError) as error:
        raise RecipeError(f"--set {override!r} names no place in the recipe; check the key.") from error


def _parse_value(text: str) -> Any:
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        return text
