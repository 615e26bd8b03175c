"""What a bundle holds of each kind of picture: temperature, priors, thresholds and sets of its own.

All is fitted on the val pictures that are recognised as of the kind, for the recognised kind is what counts
when the bundle answers. Of temperature and priors the bundle's own stay unless those of the kind are better
on val; thresholds and sets are the kind's own where there are lesions enough, so that a sensitivity holds on
each kind and not only on both together.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from zlib import crc32

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dermdistill.bundle import ArrayFile, BundleSpec, OfKind, PictureKind, Pictures
from dermdistill.evaluate.report.analyse import calibrated_frame
from dermdistill.export.answers import Scored
from dermdistill.export.bundle_json import conformal_part, operating_point
from dermdistill.export.detector.recogniser import FILE, Recogniser
from dermdistill.export.detector.space import Detector, fit_threshold
from dermdistill.export.missed_melanomas import with_missed_melanomas
from dermdistill.inference.pictures.kind import spec_for
from dermdistill.metrics.calibration import fit_temperature
from dermdistill.metrics.conformal import conformal_levels
from dermdistill.metrics.decisions import decide
from dermdistill.metrics.predictions import FIT_SPLIT, codes_of, labels_of, probs_of
from dermdistill.metrics.scores import decision_metrics
from dermdistill.metrics.thresholds import operating_points, positives

SURE_FROM = 0.9
# Positive lesions of val that a threshold of a kind needs; with fewer, it is the lowest score seen anyway.
LEAST_POSITIVE = 20
# Images of val that each dangerous class needs, or a conformal set of .95 always holds it.
LEAST_IMAGES = 19
_FOLDS = 5


@dataclass(frozen=True)
class Material:
    """What the numbers of a kind are fitted on.

    Attributes:
        spec: the bundle with the numbers that hold for all pictures.
        detector: with the threshold that holds for all pictures.
        scored: val and test images, embeddings of the file that ships.
        predictions: of the same images in the same order, uncalibrated.
        pictures: the true kind of each of them.
        train: diagnosis and true kind (`picture`) of the training images.
        split: the split that all is measured on.
        resamples: of the bootstrap.
        own_numbers: whether kinds may have numbers of their own.
    """

    spec: BundleSpec
    detector: Detector
    scored: Scored
    predictions: pd.DataFrame
    pictures: NDArray[np.object_]
    train: pd.DataFrame
    split: str
    resamples: int
    own_numbers: bool = True


def pictures_part(recogniser: Recogniser, given: Material) -> tuple[Pictures, dict[str, bytes]]:
    """The kinds of pictures for bundle.json, and the file of the weights."""
    kinds = recogniser.kinds(given.scored.embeddings, SURE_FROM)
    told = np.where(recogniser.dermoscopic(given.scored.embeddings) >= 0.5, "dermoscopic", "clinical")
    part = Pictures(
        weights=ArrayFile(file=FILE, shape=[len(recogniser.weights)]),
        bias=recogniser.bias,
        sure_from=SURE_FROM,
        split=given.split,
        kinds={kind: _of_kind(kind, kinds == kind, told, given) for kind in ("dermoscopic", "clinical")},
    )
    spec = given.spec.model_copy(update={"pictures": part})
    measured: dict[PictureKind, OfKind] = {}
    for kind, own in part.kinds.items():
        chosen = given.predictions[kinds == kind]
        points = with_missed_melanomas(spec_for(spec, kind), chosen, given.split).operating_points
        measured[kind] = own.model_copy(update={"operating_points": points}) if own.operating_points else own
    part = part.model_copy(update={"kinds": measured})
    return part, {FILE: recogniser.weights.astype("<f4").tobytes()}


def _of_kind(
    kind: PictureKind, of_kind: NDArray[np.bool_], told: NDArray[np.str_], given: Material
) -> OfKind:
    measured = (given.scored.rows["split"] == given.split).to_numpy()
    truly = measured & (given.pictures == kind)
    said: dict[str, float | None] = {"recognised": None, "refused": None}
    if truly.any():
        said["recognised"] = round(float((told[truly] == kind).mean()), 6)
    fit_rows = of_kind & (given.scored.rows["split"] == FIT_SPLIT).to_numpy()
    fit, frame = given.predictions[fit_rows], given.predictions[of_kind & measured]
    if not (given.own_numbers and _enough(fit, frame, given)):
        return OfKind(**said)
    lesions = given.scored.rows["lesion_id"]
    detector = fit_threshold(given.detector, given.scored.embeddings[fit_rows], lesions[fit_rows])
    if truly.any():
        refused = pd.Series(detector.refused(given.scored.embeddings[truly]))
        said["refused"] = round(float(refused.groupby(lesions[truly].to_numpy()).any().mean()), 6)
    own = _temperature(fit, given)
    temperature = own or given.spec.temperature
    fit, frame = calibrated_frame(fit, temperature), calibrated_frame(frame, temperature)
    points = operating_points(fit, frame, given.spec.table, resamples=given.resamples)
    dangerous = fit["diagnosis"].value_counts().reindex(given.spec.table.malignant).fillna(0)
    return OfKind(
        temperature=own,
        class_priors=_priors(kind, fit, given),
        operating_points=[operating_point(point, given.split) for point in points],
        conformal=conformal_part(conformal_levels(fit, frame)) if dangerous.min() >= LEAST_IMAGES else None,
        distance_threshold=detector.distance_threshold,
        **said,
    )


def _enough(fit: pd.DataFrame, frame: pd.DataFrame, given: Material) -> bool:
    """Whether each target has lesions enough for thresholds of the kind's own, and some to measure."""
    codes = given.spec.codes
    for columns in positives(given.spec.table, codes).values():
        wanted = [codes[column] for column in columns]
        lesions = fit.loc[fit["diagnosis"].isin(wanted), "lesion_id"].nunique()
        if lesions < LEAST_POSITIVE or not frame["diagnosis"].isin(wanted).any():
            return False
    return bool(given.spec.operating_points)


def _temperature(fit: pd.DataFrame, given: Material) -> float | None:
    """The kind's temperature, if it predicts lesions of the kind that it was not fitted on better.

    Both temperatures are fitted on four fifths of the lesions, that of all pictures on the val pictures of
    both kinds, and judged by the log-likelihood of the last fifth of this kind's.
    """
    val = given.predictions[given.predictions["split"] == FIT_SPLIT]
    better = 0.0
    for fold in range(_FOLDS):
        left_out = _in_fold(fit["lesion_id"], fold)
        both = val[~_in_fold(val["lesion_id"], fold)]
        own = fit[~left_out]
        if not left_out.any() or own.empty:
            continue
        asked = fit[left_out]
        better += sum(
            sign * _log_likelihood(asked, fit_temperature(labels_of(rows), probs_of(rows)))
            for sign, rows in ((1, own), (-1, both))
        )
    return fit_temperature(labels_of(fit), probs_of(fit)) if better > 0 else None


def _in_fold(lesion_ids: "pd.Series[str]", fold: int) -> NDArray[np.bool_]:
    return np.array([crc32(str(lesion).encode()) % _FOLDS == fold for lesion in lesion_ids], np.bool_)


def _log_likelihood(frame: pd.DataFrame, temperature: float) -> float:
    labels = labels_of(frame)
    probs = probs_of(calibrated_frame(frame, temperature))
    return float(np.log(np.maximum(probs[np.arange(len(labels)), labels], 1e-12)).sum())


def _priors(kind: PictureKind, fit: pd.DataFrame, given: Material) -> dict[str, float] | None:
    """Class shares of the kind's training pictures, if deciding by them is better on val; else None.

    A class that the kind lacks keeps a little of its share in all pictures: one image's worth.
    """
    codes: Sequence[str] = codes_of(fit)
    everywhere: Mapping[str, float] = given.spec.class_priors
    counts = given.train.loc[given.train["picture"] == kind, "diagnosis"].value_counts()
    total = float(counts.sum())
    own = {code: (float(counts.get(code, 0)) + everywhere[code]) / (total + 1) for code in codes}
    labels, probs = labels_of(fit), probs_of(fit)

    def balanced(priors: Mapping[str, float]) -> float:
        decided = decide(probs, "argmax_p_over_prior", np.array([priors[code] for code in codes]))
        return float(decision_metrics(labels, decided, codes)["balanced_accuracy"][0])

    better = given.spec.decision == "argmax_p_over_prior" and balanced(own) > balanced(everywhere)
    return own if better else None
