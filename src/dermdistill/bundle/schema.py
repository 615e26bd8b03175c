"""bundle.json as types. Python and JavaScript read the same file; `schema_version` guards its meaning."""

from typing import Annotated, Literal, Self

from pydantic import AwareDatetime, Field, model_validator

from dermdistill.bundle.fields import Count, FileName, Part, PositiveFloat, Probability, Sha256, Shape
from dermdistill.bundle.pictures import Pictures
from dermdistill.bundle.verdicts import Conformal, OperatingPoint, OutOfDistribution
from dermdistill.classes import RESEARCH_USE, ClassEntry, ClassTable, Risk
from dermdistill.errors import DataError

SCHEMA_VERSION: Literal[2] = 2
Quantization = Literal["float32", "float16", "int8"]
Decision = Literal["argmax_p_over_prior", "argmax_p"]


class ClassSpec(Part):
    """One class: what an application must know to show it.

    `name` and `plain` are English; `key` is what translations of them are kept under, empty where there are
    none.
    """

    code: str
    name: str
    plain: str
    risk: Risk
    key: str = ""


def class_specs(table: ClassTable) -> list[ClassSpec]:
    """The classes of a table, in its order, as a bundle states them."""
    return [
        ClassSpec(code=entry.code, name=entry.name, plain=entry.plain, risk=entry.risk, key=entry.key)
        for entry in table.classes
    ]


class InputSpec(Part):
    """The model's input: RGB uint8 `[batch, size, size, 3]`, 0-255, made by `dermdistill.imaging`.

    With `quarter_turns` the file itself answers the mean over four quarter turns of the image.
    """

    size: Annotated[int, Field(ge=16, le=1024)] = 224
    dtype: Literal["uint8"] = "uint8"
    layout: Literal["NHWC"] = "NHWC"
    color: Literal["RGB"] = "RGB"
    resize: Literal["area-squash"] = "area-squash"
    quarter_turns: bool = False


class OutputSpec(Part):
    """One output: its shape without the batch axis; the key in `outputs` is its name in the signature."""

    shape: Shape


class SelfTest(Part):
    """The logits the model file must give for `self_test_image(size, seed)`, each within `tolerance`."""

    seed: Annotated[int, Field(ge=0, le=65535)]
    expected_logits: Annotated[list[float], Field(min_length=2)]
    tolerance: PositiveFloat


class SelfTestAnswer(Part):
    """What the rest of the bundle must make of the self-test: a person's answer, not only a file's.

    `probabilities` and `diagnosis` are what temperature, priors and decision rule make of
    `self_test.expected_logits`; they hold on every machine. `out_of_distribution_score` is the distance of
    the self-test image divided by the threshold. A machine's own embedding gives it within `score_tolerance`.
    Both are None without an out-of-distribution detector.
    """

    diagnosis: str
    probabilities: dict[str, Probability]
    malignant_probability: Probability
    out_of_distribution_score: float | None = None
    score_tolerance: PositiveFloat | None = None


class Parity(Part):
    """How a model file differs from the Keras student over `n_images` images of `split`.

    `top1_agreement` is that of the argmax class, `decision_agreement` of the class the bundle decides for.
    """

    split: str
    n_images: Count
    max_abs_logit_difference: float
    max_abs_probability_difference: float
    top1_agreement: Probability
    decision_agreement: Probability | None = None
    balanced_accuracy_drop: float | None = None


class Variant(Part):
    """Another file of the same student: smaller, more exact, in another format, or quick.

    Beside a model file with `input.quarter_turns`, one without is quick: it looks once. Beside one without,
    one with them is careful. Single views lie farther from the detector's space than means of four, so
    either has a `distance_threshold` of its own.
    """

    file: FileName
    format: Literal["litert", "onnx"]
    quantization: Quantization
    quarter_turns: bool = False
    distance_threshold: float | None = None
    parity: Parity
    self_test: SelfTest


class TurnAgreement(Part):
    """How far an answer depends on how the camera was held: `n_images` of `split` in four quarter turns.

    `diagnosis` is the share of the images with one decided class in all four, `alarm` that of those that are
    told `see_doctor` in all four or in none, without a look at the picture's quality.
    """

    split: str
    n_images: Count
    diagnosis: Probability
    alarm: Probability


class Interval(Part):
    """A figure and its 95 % interval by lesion bootstrap, where one was computed."""

    value: float
    low: float | None = None
    high: float | None = None


class Metrics(Part):
    """What the shipped student scored on images that no choice was made on."""

    split: str
    n_images: Count
    n_lesions: Count
    values: dict[str, Interval]


class Dataset(Part):
    """A data set that the weights, their start or their teachers were trained on.

    `fingerprint` is that of the prepared data, and stands only where the weights themselves were.
    """

    name: str
    licence: str
    source: str
    fingerprint: str | None = None


class Training(Part):
    """Where the weights come from, enough to train them again.

    A student that has also learned from the val split takes temperature, thresholds and conformal sets from a
    calibration run, the same recipe without that split. `calibrated_by` is the name and version of that run's
    bundle.
    """

    architecture: str
    init: str
    recipe: str
    datasets: list[Dataset]
    seeds: list[int]
    splits_sha256: Sha256 | None = None
    calibrated_by: str | None = None
    teachers: list[str] = Field(default_factory=list)
    software: dict[str, str] = Field(default_factory=dict)


class FileEntry(Part):
    """Checksum and length of one file of the bundle."""

    sha256: Sha256
    bytes: Count


class BundleSpec(Part):
    """bundle.json: everything an engine must know about a student, and everything a reader should.

    `quantization`, `parity` and `self_test` describe `model_file`; `variants` describe themselves. With an
    int8 file `float_parity` is what the same conversion without rounding gives.
    Probabilities are `softmax(logits / temperature)`. `class_priors` are the class shares of the training
    images. The decision `argmax_p` answers the most probable class. `argmax_p_over_prior` is prior-corrected:
    it answers the class whose probability is largest in relation to its `class_priors`. `spec_sha256` is the
    SHA-256 of bundle.json without this field, in canonical form (RFC 8785). `classes` are in the order of the
    outputs, and training saw each of them. `melanoma` is the code of the class that is melanoma, if one is.
    `class_table` names the table that they were taken from.
    """

    schema_version: Literal[2] = SCHEMA_VERSION
    name: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9._-]{0,63}$")]
    version: Annotated[str, Field(pattern=r"^\d+\.\d+\.\d+[A-Za-z0-9.+-]*$")]
    created: AwareDatetime
    intended_use: Annotated[str, Field(min_length=1)] = RESEARCH_USE
    licences: dict[str, str]
    class_table: str
    classes: list[ClassSpec]
    melanoma: str | None = None
    model_file: FileName = "model.tflite"
    quantization: Quantization
    input: InputSpec = InputSpec()
    outputs: dict[Literal["logits", "class_maps", "embedding"], OutputSpec]
    temperature: PositiveFloat = 1.0
    class_priors: dict[str, Annotated[float, Field(gt=0, le=1)]]
    decision: Decision
    operating_points: list[OperatingPoint] = Field(default_factory=list)
    conformal: Conformal | None = None
    out_of_distribution: OutOfDistribution | None = None
    pictures: Pictures | None = None
    metrics: Metrics | None = None
    parity: Parity
    float_parity: Parity | None = None
    turn_agreement: TurnAgreement | None = None
    self_test: SelfTest
    self_test_answer: SelfTestAnswer | None = None
    variants: list[Variant] = Field(default_factory=list)
    training: Training
    files: dict[FileName, FileEntry] = Field(default_factory=dict)
    spec_sha256: Sha256 | None = None

    @property
    def codes(self) -> tuple[str, ...]:
        """Class codes in the order of the outputs."""
        return tuple(entry.code for entry in self.classes)

    @property
    def table(self) -> ClassTable:
        """The classes as a table, without the words of other data sets.

        Raises:
            DataError: no table may be like this.
        """
        entries = [ClassEntry(**entry.model_dump()) for entry in self.classes]
        return ClassTable(self.class_table, tuple(entries), self.melanoma)

    @property
    def quick(self) -> Variant | None:
        """The LiteRT file that looks at an image once, beside a model file that turns it; if there is one."""
        once = (v for v in self.variants if v.format == "litert" and not v.quarter_turns)
        return next(once, None) if self.input.quarter_turns else None

    @model_validator(mode="after")
    def _classes_agree(self) -> Self:
        try:
            codes = self.table.codes
        except DataError as error:
            raise ValueError(str(error)) from error
        if any(
            len(test.expected_logits) != len(codes)
            for test in (self.self_test, *(variant.self_test for variant in self.variants))
        ):
            raise ValueError("a self-test must expect one logit for each class")
        per_class = {"class_priors": self.class_priors}
        if self.conformal is not None:
            per_class["conformal.n_calibration"] = dict(self.conformal.n_calibration)
            per_class |= {
                f"conformal quantiles at {level.coverage}": level.quantiles for level in self.conformal.levels
            }
        for kind, own in (self.pictures.kinds if self.pictures else {}).items():
            if own.class_priors is not None:
                per_class[f"pictures.kinds.{kind}.class_priors"] = own.class_priors
            for level in own.conformal.levels if own.conformal else ():
                per_class[f"conformal quantiles of {kind} pictures at {level.coverage}"] = level.quantiles
            asked = {point.sensitivity for point in self.operating_points}
            if own.operating_points and {point.sensitivity for point in own.operating_points} != asked:
                raise ValueError(f"pictures.kinds.{kind} must have the bundle's operating points")
        for field, values in per_class.items():
            if set(values) != set(codes):
                raise ValueError(f"{field} must have one value for each class")
        if abs(sum(self.class_priors.values()) - 1) > 1e-3:
            raise ValueError("class_priors must sum to 1")
        return self

    @model_validator(mode="after")
    def _outputs_agree(self) -> Self:
        shapes = {name: output.shape for name, output in self.outputs.items()}
        if set(shapes) != {"logits", "class_maps", "embedding"}:
            raise ValueError("outputs must be logits, class_maps and embedding")
        maps = shapes["class_maps"]
        count = len(self.classes)
        if shapes["logits"] != [count] or len(maps) != 3 or maps[2] != count:
            raise ValueError("outputs must have shapes logits [classes], class_maps [height, width, classes]")
        detector = self.out_of_distribution
        if detector is not None and detector.mean.shape != shapes["embedding"]:
            raise ValueError("out_of_distribution.mean must have the embedding's shape")
        if self.pictures is not None and self.pictures.weights.shape != shapes["embedding"]:
            raise ValueError("pictures.weights must have the embedding's shape")
        return self
