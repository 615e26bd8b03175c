"""An answer as a DICOM Structured Report: TID 1500, Measurement Report, by highdicom.

It is preliminary and not verified, as whatever a machine says until a person has looked. Classes and
assessments have codes of a private scheme, 99DERMDISTILL (PS3.3, 8.2), since a class of a data set takes
several diagnoses together; docs/integrations.md says which ICD codes they have to do with.
"""

from typing import TYPE_CHECKING, Any

from dermdistill.bundle import BundleSpec
from dermdistill.inference import Prediction
from dermdistill.records.dicom_source import MANUFACTURER
from dermdistill.records.words import LEVELS, REASONS, short

if TYPE_CHECKING:
    from highdicom.sr import CodedConcept, Measurement, QualitativeEvaluation
    from pydicom import Dataset
    from pydicom.sequence import Sequence

SCHEME = "99DERMDISTILL"


def structured_report(source: "Dataset", prediction: Prediction, spec: BundleSpec) -> "Dataset":
    """Make the report of one picture's answer, an Enhanced SR document.

    Args:
        source: the picture, of `read_source`.
        prediction: what the engine answered.
        spec: the bundle that answered.
    """
    import highdicom as hd  # noqa: PLC0415 - of the extra
    from pydicom.sr.codedict import codes  # noqa: PLC0415 - of the extra

    device = hd.sr.ObserverContext(
        observer_type=codes.DCM.Device,
        observer_identifying_attributes=hd.sr.DeviceObserverIdentifyingAttributes(
            uid=device_uid(spec),
            name="DermDistill",
            manufacturer_name=MANUFACTURER,
            model_name=f"{spec.name} {spec.version}",
        ),
    )
    group = hd.sr.MeasurementsAndQualitativeEvaluations(
        tracking_identifier=hd.sr.TrackingIdentifier(uid=hd.UID(), identifier="Lesion"),
        algorithm_id=hd.sr.AlgorithmIdentification(
            name=spec.name, version=spec.version, parameters=[f"bundle SHA-256 {spec.spec_sha256}"]
        ),
        finding_type=hd.sr.CodedConcept("95324001", "SCT", "Skin lesion"),
        measurements=_measurements(prediction, spec),
        qualitative_evaluations=_evaluations(prediction, spec),
        source_images=[hd.sr.SourceImageForMeasurementGroup(source.SOPClassUID, source.SOPInstanceUID)],
    )
    content = hd.sr.MeasurementReport(
        observation_context=hd.sr.ObservationContext(observer_device_context=device),
        procedure_reported=hd.sr.CodedConcept("363679005", "SCT", "Imaging"),
        imaging_measurements=[group],
        language_of_content_item_and_descendants=hd.sr.LanguageOfContentItemAndDescendants(
            hd.sr.CodedConcept("en", "RFC5646", "English")
        ),
    )
    report: Any = hd.sr.EnhancedSR(
        evidence=[source],
        content=content[0],
        series_instance_uid=hd.UID(),
        series_number=_series(source, 1),
        sop_instance_uid=hd.UID(),
        instance_number=1,
        manufacturer=MANUFACTURER,
        is_complete=True,
        is_final=False,
        is_verified=False,
    )
    report.CodingSchemeIdentificationSequence = _schemes()
    report.SeriesDescription = "DermDistill, research use only, never a diagnosis"
    made: Dataset = report
    return made


def _schemes() -> "Sequence":
    from pydicom import Dataset  # noqa: PLC0415 - of the extra
    from pydicom.sequence import Sequence  # noqa: PLC0415 - of the extra

    ours = Dataset()
    ours.CodingSchemeDesignator, ours.CodingSchemeName = SCHEME, "Classes and assessments of DermDistill"
    ours.CodingSchemeResponsibleOrganization = MANUFACTURER
    return Sequence([ours])


def device_uid(spec: BundleSpec) -> str:
    """A UID of the bundle, the same wherever it answers (PS3.5, B.2: from a UUID)."""
    import uuid  # noqa: PLC0415 - one use

    return f"2.25.{uuid.uuid5(uuid.NAMESPACE_URL, f'dermdistill:{spec.spec_sha256}').int}"


def _series(source: "Dataset", more: int) -> int:
    """A series number behind the picture's; the standard leaves it open, viewers sort by it."""
    return int(source.get("SeriesNumber") or 0) + more


def _concept(value: str, meaning: str) -> "CodedConcept":
    from highdicom.sr import CodedConcept  # noqa: PLC0415 - of the extra

    return CodedConcept(value[:16], SCHEME, short(meaning, 64))


def _measurements(prediction: Prediction, spec: BundleSpec) -> list["Measurement"]:
    from highdicom.sr import CodedConcept, Measurement  # noqa: PLC0415 - of the extra

    unit = CodedConcept("1", "UCUM", "no units")
    found = [
        Measurement(_concept(f"p-{entry.code}", f"Probability: {entry.name}"), _rounded(p), unit)
        for entry, p in zip(spec.classes, prediction.probs.values(), strict=True)
    ]
    risky = _concept("p-dangerous", "Probability: malignant or a precursor")
    found.append(Measurement(risky, _rounded(prediction.malignant_probability), unit))
    if (missed := prediction.missed_melanomas) is not None:
        wrong = _concept("no-sign-wrong", "Of 100 melanomas told no sign of danger, 95 % upper bound")
        found.append(Measurement(wrong, missed.high, unit))
    return found


def _evaluations(prediction: Prediction, spec: BundleSpec) -> list["QualitativeEvaluation"]:
    from highdicom.sr import QualitativeEvaluation  # noqa: PLC0415 - of the extra

    level = prediction.assessment.level
    reason, named = _concept("reason", "Reason"), _concept("class", "Class named")
    names = {entry.code: entry.name for entry in spec.classes}
    return [
        QualitativeEvaluation(_concept("assessment", "Assessment"), _concept(level, LEVELS[level])),
        *(
            QualitativeEvaluation(reason, _concept(one[:16], REASONS[one]))
            for one in prediction.assessment.reasons
        ),
        *(QualitativeEvaluation(named, _concept(one, names[one])) for one in prediction.assessment.classes),
        QualitativeEvaluation(
            _concept("use", "Intended use"), _concept("research", "Research use only; never a diagnosis")
        ),
    ]


def _rounded(value: float) -> float:
    return float(f"{value:.6g}")
