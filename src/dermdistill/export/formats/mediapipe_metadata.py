"""Metadata inside a LiteRT file, as MediaPipe Tasks and ML Kit read them: labels, and how pixels come in.

They are a FlatBuffer of MediaPipe's own schema in a buffer named TFLITE_METADATA, and the label files in a
ZIP archive behind the model (github.com/google-ai-edge/mediapipe, tasks/metadata/metadata_schema.fbs).
MediaPipe's classes for that schema write it; its `metadata_writer` asks for a native part that its wheels
lack.
"""

import zipfile
from collections.abc import Mapping
from io import BytesIO
from typing import Any

import flatbuffers
from ai_edge_litert import schema_py_generated as schema

from dermdistill.bundle import BundleSpec

_NAME = b"TFLITE_METADATA"
_LABELS, _NAMES = "labels.txt", "labels_en.txt"


def with_metadata(model_bytes: bytes, spec: BundleSpec) -> bytes:
    """Return the file, of one image input and one output of classes, with metadata and labels in it."""
    labels = {_LABELS: spec.codes, _NAMES: [entry.name for entry in spec.classes]}
    files = {name: "\n".join(lines) for name, lines in labels.items()}
    return _with_archive(_with_buffer(model_bytes, _metadata(spec)), files)


def _metadata(spec: BundleSpec) -> bytes:
    from mediapipe.tasks.metadata import metadata_schema_py_generated as fb  # noqa: PLC0415 - of the extra

    image, classes, graph = fb.TensorMetadataT(), fb.TensorMetadataT(), fb.SubGraphMetadataT()
    image.name, image.description = "image", "RGB, 0 to 255, the whole picture squashed to a square."
    image.content, image.processUnits = _image_content(fb), [_as_they_are(fb)]
    classes.name, classes.description = "probabilities", "Calibrated probability of each class."
    classes.associatedFiles = [_label_file(fb, _LABELS), _label_file(fb, _NAMES, "en")]
    graph.inputTensorMetadata, graph.outputTensorMetadata = [image], [classes]
    model = fb.ModelMetadataT()
    model.name, model.version = spec.name, spec.version
    model.description = (
        f"{spec.intended_use} The scores are calibrated probabilities of classes of skin lesions. The class "
        "with the highest score is no assessment: a dangerous lesion can have a benign one."
    )
    model.license = "; ".join(f"{part}: {licence}" for part, licence in spec.licences.items())
    model.subgraphMetadata, model.minParserVersion = [graph], "1.0.0"
    builder = flatbuffers.Builder(1024)
    builder.Finish(model.Pack(builder), b"M001")
    return bytes(builder.Output())


def _image_content(fb: Any) -> Any:
    content, picture = fb.ContentT(), fb.ImagePropertiesT()
    picture.colorSpace = fb.ColorSpaceType.RGB
    content.contentProperties, content.contentPropertiesType = picture, fb.ContentProperties.ImageProperties
    return content


def _as_they_are(fb: Any) -> Any:
    """No normalisation: the file does that itself."""
    unit, options = fb.ProcessUnitT(), fb.NormalizationOptionsT()
    options.mean, options.std = [0.0], [1.0]
    unit.options, unit.optionsType = options, fb.ProcessUnitOptions.NormalizationOptions
    return unit


def _label_file(fb: Any, name: str, locale: str | None = None) -> Any:
    file = fb.AssociatedFileT()
    file.name, file.type, file.locale = name, fb.AssociatedFileType.TENSOR_AXIS_LABELS, locale
    return file


def _with_buffer(model_bytes: bytes, contents: bytes) -> bytes:
    model = schema.ModelT.InitFromPackedBuf(model_bytes, 0)
    buffer, entry = schema.BufferT(), schema.MetadataT()
    buffer.data = list(contents)
    model.buffers.append(buffer)
    entry.name, entry.buffer = _NAME, len(model.buffers) - 1
    model.metadata = [*(model.metadata or []), entry]
    builder = flatbuffers.Builder(len(model_bytes) + 4096)
    builder.Finish(model.Pack(builder), b"TFL3")
    return bytes(builder.Output())


def _with_archive(model_bytes: bytes, files: Mapping[str, str]) -> bytes:
    behind = BytesIO(model_bytes)
    with zipfile.ZipFile(behind, "a") as archive:
        for name, text in files.items():
            archive.writestr(zipfile.ZipInfo(name), text)  # stored, and dated as every such file
    return behind.getvalue()
