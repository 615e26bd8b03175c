"""A prepared source as Croissant 1.1 (docs.mlcommons.org/croissant), made and checked by mlcroissant."""

import json
import re
from pathlib import Path
from typing import Any

import numpy as np

from dermdistill.data.prepared import COLUMNS, IMAGES, INDEX, load_prepared, read_report
from dermdistill.files import file_sha256, write_atomically
from dermdistill.publish.extra import PublishError, refuse_without

FILE = "croissant.json"
_YEAR = re.compile(r"\((\d{4})\)")  # a citation's: Scientific Data 5, 180161 (2018)
_NUMBERS = {"age": "FLOAT", "width": "INTEGER", "height": "INTEGER"}  # of mlcroissant's DataType


def write_croissant(directory: Path, citation: str = "") -> Path:
    """Write croissant.json into a prepared source's folder; returns its path.

    Args:
        directory: the folder.
        citation: what to cite, where the preparation was not told.

    Raises:
        DataError: the folder holds no prepared source.
        PublishError: mlcroissant is missing, or finds the description invalid.
        OSError: the file cannot be written.
    """
    refuse_without("mlcroissant")
    document = make_croissant(directory, citation)
    path = directory / FILE
    write_atomically(path, (json.dumps(document, indent=2, ensure_ascii=False, default=str) + "\n").encode())
    return path


def make_croissant(directory: Path, citation: str = "") -> dict[str, Any]:
    """Describe a prepared source: its table, a row an image, and its pixels; see `write_croissant`.

    It was published in the year that its citation has in brackets; without one, nothing is said of that.
    """
    import mlcroissant as mlc  # noqa: PLC0415 - of the extra

    prepared, report = load_prepared(directory), read_report(directory) or {}
    citation = str(report.get("citation") or citation)
    index = mlc.FileObject(
        id=INDEX,
        name=INDEX,
        description="One row an image.",
        content_url=INDEX,
        encoding_formats=["text/csv"],
        sha256=file_sha256(directory / INDEX),
    )
    pixels = mlc.FileObject(
        id=IMAGES,
        name=IMAGES,
        description=f"RGB uint8 {list(prepared.images.shape)}, in the order of {INDEX}; NumPy's format.",
        content_url=IMAGES,
        encoding_formats=["application/x-npy"],
        sha256=file_sha256(directory / IMAGES),
    )
    fields = [
        mlc.Field(
            id=f"images/{column}",
            name=column,
            data_types=getattr(mlc.DataType, _NUMBERS.get(column, "TEXT")),
            source=mlc.Source(file_object=INDEX, extract=mlc.Extract(column=column)),
        )
        for column in COLUMNS
    ]
    classes = "; ".join(f"{entry.code}: {entry.name}" for entry in prepared.classes.classes)
    size = int(np.asarray(prepared.images.shape)[1])
    try:
        metadata = mlc.Metadata(
            ctx=mlc.Context(conforms_to="http://mlcommons.org/croissant/1.1"),
            name=str(report.get("source") or directory.name),
            description=f"{len(prepared)} pictures of skin lesions at {size} pixels. Classes: {classes}.",
            cite_as=citation or "unknown",
            license=sorted(filter(None, report.get("licences") or [])) or ["unknown"],
            url=f"urn:sha256:{prepared.fingerprint}",
            version="1.0.0",
            distribution=[index, pixels],
            record_sets=[
                mlc.RecordSet(id="images", name="images", description="One record an image.", fields=fields)
            ],
        )
    except mlc.ValidationError as error:
        raise PublishError(f"{directory} cannot be described as Croissant: {error}.") from error
    document: dict[str, Any] = metadata.to_json()
    if published := _YEAR.search(citation):
        document["datePublished"] = published[
            1
        ]  # ISO 8601, which schema.org takes, lets a date end with its year
    return document
