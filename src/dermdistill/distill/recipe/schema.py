"""The keys of a recipe, their limits and their defaults; an unknown key is an error."""

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, NonNegativeFloat, model_validator

from dermdistill.data.views.settings import ViewSettings

Precision = Literal["float32", "bfloat16"]


class Section(BaseModel):
    """A table of a recipe."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class ModelSection(Section):
    """What is trained, and where its weights start."""

    name: str = Field(description="Architecture, one of the models below.")
    init: str = Field(
        "imagenet",
        description="Starting weights: `none` (random), `imagenet` (downloaded), a weights file "
        "(`.weights.h5`, `.h5`, `.npz`), or the folder of an earlier run.",
    )
    dropout: float = Field(
        0.2, ge=0, lt=1, description="Share of the embedding's channels dropped in a step."
    )
    batch_norm_momentum: float = Field(
        0.99, gt=0, lt=1, description="Momentum of the moving statistics of batch normalisation."
    )


class SourceSection(Section):
    """One of several sources. A folder may be named twice, once for each kind of picture."""

    dir: Path = Field(description="Folder written by `dermdistill data prepare`.")
    share: float | None = Field(
        None, gt=0, le=1, description="Share of a batch that it gets; those without one get what is left."
    )
    picture: Literal["dermoscopic", "clinical"] | None = Field(
        None, description="Take its pictures of this kind alone."
    )
    use: Literal["both", "train", "val"] = Field(
        "both", description="What its train and val splits are for: to learn from, to validate on, or both."
    )


class DataSection(Section):
    """What it is trained on: one prepared folder, or several sources."""

    dir: Path | None = Field(None, description="Folder written by `dermdistill data prepare`, if it is one.")
    sources: tuple[SourceSection, ...] = Field((), description="Several of them, a `[[data.sources]]` each.")
    splits: Path = Field(description="Split written by `dermdistill data split`, a CSV file.")
    fold: int | None = Field(
        None, ge=0, description="Fold of the train split to leave out, for a cross-fitted teacher."
    )
    with_val: bool = Field(
        default=False,
        description="Learn from the val split, too; the last epoch then counts, for none can be chosen "
        "([decision 14](decisions/0014-validation-lesions-in-the-last-training.md)).",
    )

    @property
    def dirs(self) -> tuple[Path, ...]:
        """Every prepared folder, once."""
        return (self.dir,) if self.dir else tuple(dict.fromkeys(source.dir for source in self.sources))

    @model_validator(mode="after")
    def _names_its_sources(self) -> "DataSection":
        if bool(self.dir) == bool(self.sources):
            raise ValueError("give either dir, a prepared folder, or [[data.sources]], several")
        shares = [source.share for source in self.sources if source.use != "val"]
        given = sum(share for share in shares if share)
        if self.sources and (not shares or given > 1 or (None not in shares and abs(given - 1) > 1e-6)):
            raise ValueError("the shares of the sources that are trained on must sum to 1, or leave a rest")
        return self

    @model_validator(mode="after")
    def _leaves_out_or_takes_in(self) -> "DataSection":
        if self.with_val and self.fold is not None:
            raise ValueError("give fold or with_val: with a fold left out, val chooses the epoch")
        return self


class BatchSection(Section):
    """How batches are drawn and mixed, and how the student's images are degraded."""

    size: int = Field(32, ge=1, description="Images in a batch.")
    sampling_power: float = Field(
        0.5, ge=0, le=1, description="0 draws every image once an epoch; 1 draws all classes equally often."
    )
    source_power: float = Field(
        0.0,
        ge=0,
        le=1,
        description="0 draws a class from the sources as they have it; 1 from all who have it alike.",
    )
    mixup: float = Field(
        0.0, ge=0, description="Parameter of mixup's Beta distribution; 0 mixes nothing (arXiv:1710.09412)."
    )
    cutmix: float = Field(
        0.0, ge=0, description="Parameter of cutmix's Beta distribution; 0 cuts nothing (arXiv:1905.04899)."
    )
    cutmix_share: float = Field(
        0.5, ge=0, le=1, description="Share of the batches with cutmix where mixup is wanted, too."
    )
    degraded_share: float = Field(
        0.0,
        ge=0,
        le=1,
        description="Share of the student's images that are degraded; teachers see clean ones.",
    )
    view_bank: int = Field(
        0, ge=0, description="Number of different views of an image; 0 makes new ones always."
    )
    view_seed: int | None = Field(
        None,
        ge=0,
        description="Seed of the views; trainings with the same one share a bank of views and its cached "
        "logits. By default `seed`.",
    )


class LossSection(Section):
    """The part of the objective that looks at labels."""

    task: str = Field("cross_entropy", description="Loss against the labels, one of the task losses below.")
    label_smoothing: float = Field(
        0.0, ge=0, lt=1, description="Share of each label that is spread evenly over all classes."
    )
    mask_absent_classes: bool = Field(
        default=False,
        description="A source without images of a class does not teach that the class is not there.",
    )


class DistillSection(Section):
    """The part of the objective that looks at teachers; without this table, labels alone teach."""

    teachers: tuple[Path, ...] = Field(
        (), description="Folders of trained runs, which answer in each step. Give these or `teacher_logits`."
    )
    teacher_logits: tuple[Path, ...] = Field(
        (), description="Files of logits, written by `dermdistill teach`. Give these or `teachers`."
    )
    teacher_image_size: int | None = Field(
        None, ge=16, description="Pixels at which `teachers` see the images; by default as the student does."
    )
    loss: str = Field(
        "kd", description="Loss against the teachers' logits, one of the distillation losses below."
    )
    alpha: float = Field(
        0.8, gt=0, le=1, description="Weight of the distillation loss; the task loss gets the rest."
    )
    temperature: float = Field(4.0, gt=0, description="Temperature that divides both sides' logits.")
    combine: Literal["losses", "probs"] = Field(
        "losses",
        description="Several teachers: the mean of the `losses` against each, or the loss against the mean "
        "of their `probs`.",
    )
    weights: tuple[NonNegativeFloat, ...] | None = Field(
        None, description="Weight of each teacher, in their order; by default all are equal."
    )
    prior: Literal["data", "uniform"] = Field(
        "data",
        description="`uniform` compares teachers and student as if all classes were equally frequent.",
    )
    features: str | None = Field(
        None,
        description="Loss against the teachers' embeddings, one of the feature losses below; needs "
        "`teachers`.",
    )
    feature_weight: float = Field(1.0, gt=0, description="Weight of the feature loss, which is added.")
    cross_modal: bool = Field(
        default=False,
        description="Of a clinical picture the student learns what the teachers answer on the dermoscopic "
        "picture of the same lesion ([decision 21](decisions/0021-cross-modal-distillation.md)).",
    )

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
    """AdamW (arXiv:1711.05101), and the average of the weights, which is validated and kept."""

    weight_decay: float = Field(1e-4, ge=0, description="Decay of kernels; biases and norms have none.")
    clip_norm: float = Field(5.0, gt=0, description="Largest norm of the whole gradient.")
    ema: float = Field(
        0.998, ge=0, lt=1, description="Decay of the moving average of the weights; 0 keeps the last weights."
    )
    start_share: float = Field(
        0.0,
        ge=0,
        lt=1,
        description="Share of the starting weights that is mixed into the average (WiSE-FT, "
        "arXiv:2109.01903).",
    )


class Phase(Section):
    """A stretch of training at one image size, with a schedule of its own: linear warm-up, then cosine.

    The last phase of a run may be given more epochs later; nothing else may change.
    """

    image_size: int = Field(224, ge=16, description="Side of the images, in pixels.")
    epochs: int = Field(ge=1, description="Number of epochs.")
    learning_rate: float = Field(gt=0, description="Learning rate after the warm-up.")
    final_share: float = Field(
        0.0, ge=0, le=1, description="Share of the learning rate that is left at the end of the cosine."
    )
    warmup_epochs: float = Field(0.0, ge=0, description="Epochs over which the rate rises from 0.")
    freeze_until: str | None = Field(
        None, description="Layer of the backbone; it and all layers before it keep their weights."
    )


class ComputeSection(Section):
    """Where and how exactly things are computed; see [gpu.md](gpu.md)."""

    precision: Precision = Field(
        "float32", description="`bfloat16` is mixed precision; weights, head and losses stay float32."
    )
    teacher_precision: Precision | None = Field(
        None, description="Precision of `teachers`; by default the student's."
    )
    views: Literal["host", "device"] = Field(
        "host", description="`device` keeps all images on the device, and the training step makes the views."
    )
    devices: Literal["one", "all"] = Field(
        "one",
        description="`all` shares each batch among all devices and machines, [scale.md](scale.md); JAX only.",
    )


class StopSection(Section):
    """Which epoch is kept, and when a phase ends early."""

    metric: Literal["balanced_accuracy", "macro_auc"] = Field(
        "balanced_accuracy",
        description="Validation metric of the best epoch. Of equal ones the higher macro-AUC counts, then "
        "the later epoch.",
    )
    patience: int = Field(10, ge=1, description="Epochs without a higher metric after which a phase ends.")


class Recipe(Section):
    """A whole experiment."""

    name: str = Field(
        pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$", description="Name of the run, and of its folder in `runs`."
    )
    seed: int = Field(0, ge=0, description="Seed of starting weights, order of the images, and views.")
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
    checkpoint_steps: int = Field(
        50, ge=1, description="Steps between checkpoints; there is one after each epoch, too."
    )

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
