"""The engine: opens a bundle, proves it, and answers images."""

from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from itertools import chain, islice
from pathlib import Path
from typing import cast

import numpy as np
from numpy.typing import NDArray

from dermdistill.bundle import (
    OpenBundle,
    check_logits,
    default_bundle_path,
    open_bundle,
    self_test_image,
)
from dermdistill.errors import ImageError
from dermdistill.imaging import check_image
from dermdistill.imaging.apart import DecoderPool
from dermdistill.imaging.read import read_bytes
from dermdistill.imaging.square import Square, SquareOpener, open_square, square_of
from dermdistill.inference.assessment import Assessment, assess
from dermdistill.inference.conformal import conformal_sets
from dermdistill.inference.finding import finding_of
from dermdistill.inference.heat_map import scale_heat
from dermdistill.inference.interpreter import InterpreterPool, LiteRTModel, Outputs
from dermdistill.inference.operating_point import missed_melanomas_at, thresholds_at
from dermdistill.inference.pictures.judge import Judge, Judgement
from dermdistill.inference.prediction import BundleName, Prediction
from dermdistill.inference.probabilities import calibrate, decide, malignant_probability
from dermdistill.inference.quality.check import QualityWarning, check_quality
from dermdistill.inference.self_test import check_answer
from dermdistill.parallel import made_ahead, usable_cores

ImageInput = bytes | bytearray | memoryview | str | Path | NDArray[np.uint8]


def _is_one(images: object) -> bool:
    """Tell one image from several; what is neither counts as one, to be refused by name."""
    if isinstance(images, np.ndarray):
        return images.ndim != 4
    if isinstance(images, bytes | bytearray | memoryview | str | Mapping) or hasattr(images, "read"):
        return True
    return not isinstance(images, Iterable)


def load_bundle(
    path: Path | str | OpenBundle | None = None,
    *,
    threads: int | None = None,
    apart: bool = False,
    sensitivity: float | None = None,
) -> "Engine":
    """Open a bundle: its checksums are verified and its self-test is run.

    Args:
        path: the bundle's folder; by default the one DERMDISTILL_BUNDLE names, else the shipped one.
            Or a bundle that was read and verified before; its files are then not read again.
        threads: images answered at once; one for each core if None.
        apart: decode files in as many processes of their own, as servers do.
        sensitivity: the operating point that assessments are decided at, one of the bundle's; 0.95 if None.

    Raises:
        BundleError: the bundle is missing, damaged, of another schema, or fails its self-test.
        SensitivityError: the bundle has no such operating point.
        ValueError: `threads` is not a whole number of at least 1.
    """
    if not isinstance(path, OpenBundle):
        path = open_bundle(default_bundle_path() if path is None else Path(path))
    return Engine(path, threads=threads, apart=apart, sensitivity=sensitivity)


class Engine:
    """A student ready to answer. Safe for threads; an image has one answer, alone or in a list.

    Args:
        bundle: what `open_bundle` read and verified; later changes on the disk do not reach it.
        threads: images answered at once, each by its own single-threaded interpreter; the cores if None.
        apart: decode files in as many processes of their own, so that one that kills its decoder is an
            ImageError and nothing else. They end with the engine.
        sensitivity: the operating point that assessments are decided at, see `thresholds_at`.

    Raises:
        BundleError: the bundle fails its self-test.
        SensitivityError: the bundle has no operating point for the sensitivity.
        ValueError: `threads` is not a whole number of at least 1.

    Attributes:
        bundle: as given.
        decoders: the processes that decode, if apart.
        thresholds: of the operating point; None where the bundle has none.
    """

    def __init__(
        self,
        bundle: OpenBundle,
        *,
        threads: int | None = None,
        apart: bool = False,
        sensitivity: float | None = None,
    ):
        if threads is not None and not (isinstance(threads, int) and threads >= 1):
            raise ValueError(f"threads is {threads!r}; give a whole number of at least 1, or None.")
        self.bundle = bundle
        self.bundle_dir, self.spec = bundle.bundle_dir, bundle.spec
        self.thresholds = thresholds_at(self.spec, sensitivity)
        self.threads = threads or usable_cores()
        name = str(self.bundle_dir / self.spec.model_file)
        model_bytes = bundle.contents[self.spec.model_file]
        self._pool = InterpreterPool(lambda: LiteRTModel(model_bytes, self.spec, name=name), self.threads)
        self.decoders = DecoderPool(self.threads) if apart else None
        self._open_square: SquareOpener = self.decoders.open_square if self.decoders else open_square
        self._judge = Judge.load(bundle)
        self._bundle = BundleName(self.spec.name, self.spec.version)
        test = self.spec.self_test
        check_logits(test, self.outputs(self_test_image(self.spec.input.size, test.seed)).logits, name=name)
        check_answer(self.spec, self.self_test_score(), name=str(self.bundle_dir))

    def outputs(self, square: NDArray[np.uint8]) -> Outputs:
        """Run the model alone, on one preprocessed image: RGB uint8 `[size, size, 3]`."""
        with self._pool.borrow() as model:
            return model(square)

    def self_test_score(self) -> float | None:
        """The out-of-distribution score of the self-test image; None without a detector."""
        image = self_test_image(self.spec.input.size, self.spec.self_test.seed)
        detector = self._judge.detector
        return None if detector is None else detector.verdict(self.outputs(image).embedding).score

    def judged(self, outputs: Outputs) -> Judgement:
        """Whether a picture looks like known lesions, of which kind it is, and which numbers then hold."""
        return self._judge(outputs)

    def predict(
        self,
        images: ImageInput | Iterable[ImageInput],
        *,
        name: str | None = None,
        sensitivity: float | None = None,
    ) -> list[Prediction]:
        """Answer one image or several, in order.

        Args:
            images: a file's bytes, a path, an RGB uint8 array `[height, width, 3]`, or several of them.
            name: what to call the image in an error; by default its path or number.
            sensitivity: the operating point of these assessments, one of the bundle's; the engine's if None.

        Raises:
            ImageError: an image cannot be used; the first in order.
            SensitivityError: the bundle has no such operating point.
        """
        if _is_one(images):
            return [self.predict_one(cast(ImageInput, images), name=name, sensitivity=sensitivity)]
        answers = list(self.stream(cast(Iterable[ImageInput], images), sensitivity=sensitivity))
        for answer in answers:
            if isinstance(answer, ImageError):
                raise answer
        return [answer for answer in answers if isinstance(answer, Prediction)]

    def stream(
        self, images: Iterable[ImageInput], *, quality: bool = True, sensitivity: float | None = None
    ) -> Iterator[Prediction | ImageError]:
        """Answer images one by one, in order; an image that cannot be used gives its error as its answer.

        Works on `threads` images at once and keeps at most four a thread in memory, however many there are.
        One image alone is answered in the caller's thread.

        Args:
            images: see `predict`.
            quality: also check the photographs, which takes a tenth of the time. Without it no picture counts
            as too poor to be judged.
            sensitivity: see `predict`.
        """
        numbered = enumerate(images)
        begun = list(islice(numbered, 2))
        answer = partial(self._answer, quality=quality, sensitivity=sensitivity)
        if len(begun) < 2:
            yield from map(answer, begun)
            return
        yield from made_ahead(
            answer, chain(begun, numbered), workers=self.threads, ahead=4 * self.threads - 1
        )

    def predict_one(
        self,
        image: ImageInput,
        *,
        name: str | None = None,
        quality: bool = True,
        sensitivity: float | None = None,
    ) -> Prediction:
        """Answer one image; see `predict` and `stream`."""
        if sensitivity is not None:
            thresholds_at(self.spec, sensitivity)  # before any work: the bundle has it, or an error says so
        square = self._open(image, name)
        outputs = self.outputs(square.pixels)
        judged = self.judged(outputs)
        spec = judged.spec
        probs = calibrate(outputs.logits, spec.temperature)
        chosen = decide(probs, spec)
        by_code = {code: float(p) for code, p in zip(spec.codes, probs, strict=True)}
        diagnosis = spec.classes[chosen]
        warnings = check_quality(square.pixels, shorter_side=square.shorter_side) if quality else None
        assessment = self._assessed(outputs, judged, warnings or (), sensitivity)
        return Prediction(
            probs=by_code,
            diagnosis=diagnosis.code,
            name=diagnosis.name,
            plain=diagnosis.plain,
            risk=diagnosis.risk,
            key=diagnosis.key,
            malignant_probability=malignant_probability(probs, spec),
            heat_map=scale_heat(outputs.class_maps[..., chosen]),
            quality=warnings,
            conformal=conformal_sets(by_code, spec.conformal),
            out_of_distribution=judged.out_of_distribution,
            picture=judged.picture,
            assessment=assessment,
            missed_melanomas=missed_melanomas_at(spec, assessment.sensitivity),
            bundle=self._bundle,
            logits=outputs.logits,
        )

    def assessed(self, outputs: Outputs, warnings: Iterable[QualityWarning]) -> Assessment:
        """Decide what a person is told, from the model's outputs and what is wrong with the picture."""
        return self._assessed(outputs, self.judged(outputs), warnings, None)

    def _assessed(
        self,
        outputs: Outputs,
        judged: Judgement,
        warnings: Iterable[QualityWarning],
        sensitivity: float | None,
    ) -> Assessment:
        if sensitivity is None and self.thresholds is not None:
            sensitivity = self.thresholds.sensitivity
        probs = calibrate(outputs.logits, judged.spec.temperature)
        finding = finding_of(
            judged.spec,
            {code: float(p) for code, p in zip(judged.spec.codes, probs, strict=True)},
            judged.spec.codes[decide(probs, judged.spec)],
            unlike_known_lesions=judged.refused,
            quality=[warning.code for warning in warnings],
        )
        return assess(finding, thresholds_at(judged.spec, sensitivity))

    def _answer(
        self, numbered: tuple[int, ImageInput], *, quality: bool, sensitivity: float | None
    ) -> Prediction | ImageError:
        number, image = numbered
        name = None if isinstance(image, str | Path) else f"image {number + 1}"
        try:
            return self.predict_one(image, name=name, quality=quality, sensitivity=sensitivity)
        except ImageError as error:
            return error

    def _open(self, image: ImageInput, name: str | None) -> Square:
        size = self.spec.input.size
        if isinstance(image, bytes | bytearray | memoryview):
            return self._open_square(bytes(image), size, name=name or "image")
        if isinstance(image, str | Path):
            return self._open_square(read_bytes(Path(image)), size, name=str(image))
        if isinstance(image, np.ndarray):
            return square_of(check_image(image, name=name or "image"), size)
        raise ImageError(
            f"{name or 'image'} is a {type(image).__name__}; give bytes (of an open file: its read()), "
            "a path or an RGB array."
        )
