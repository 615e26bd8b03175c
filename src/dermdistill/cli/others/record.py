"""`dermdistill record`: one picture's answer as a hospital's systems keep it."""

from pathlib import Path
from typing import Annotated

import typer

from dermdistill.cli.options import BundleDir, Sensitivity


def command(
    picture: Annotated[
        Path, typer.Argument(help="A picture; a DICOM file for --dicom.", exists=True, dir_okay=False)
    ],
    *,
    dicom: Annotated[
        Path | None,
        typer.Option(
            help="Folder for report.dcm, a Structured Report (TID 1500), and heat_map.dcm, a secondary "
            "capture; both of the picture's study."
        ),
    ] = None,
    fhir: Annotated[
        Path | None, typer.Option(help="JSON file to write: a FHIR R5 Bundle with a DiagnosticReport.")
    ] = None,
    bundle: BundleDir = None,
    sensitivity: Sensitivity = None,
) -> None:
    """Answer one picture as a preliminary report for a PACS or a patient's record. Research use only.

    Nothing is sent anywhere. A report by this program is never final: its status is preliminary, and nobody
    has verified it.
    """
    from dermdistill.cli.terminal import silence_litert
    from dermdistill.errors import ImageError
    from dermdistill.imaging.read import read_bytes
    from dermdistill.inference import load_bundle
    from dermdistill.records.dicom import write_dicom
    from dermdistill.records.dicom_source import read_source
    from dermdistill.records.fhir import refuse_without_fhir, write_fhir

    if dicom is None and fhir is None:
        raise ImageError("Say what to write: --dicom DIR, --fhir FILE, or both.")
    if fhir is not None:
        refuse_without_fhir()
    silence_litert()
    data = read_bytes(picture)
    source = None if dicom is None else read_source(data, str(picture))
    engine = load_bundle(bundle, sensitivity=sensitivity)
    prediction = engine.predict_one(data, name=str(picture))
    written: list[Path] = []
    if dicom is not None and source is not None:
        written += write_dicom(dicom, source, data, prediction, engine.spec)
    if fhir is not None:
        write_fhir(fhir, data, prediction, engine.spec, name=picture.name)
        written.append(fhir)
    typer.echo(f"{prediction.assessment.level}: {', '.join(map(str, written))}")
