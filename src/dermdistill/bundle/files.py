"""A bundle on disk: read with every checksum verified, written whole or not at all."""

import hashlib
import os
import shutil
import tempfile
from collections.abc import Mapping
from importlib.resources import files as package_files
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from pydantic import ValidationError

from dermdistill.bundle.schema import BundleSpec, FileEntry
from dermdistill.bundle.verdicts import ArrayFile
from dermdistill.errors import BundleError

SPEC_FILE = "bundle.json"
MODEL_FILE = "model.tflite"
# The folder under dermdistill/bundles/ that is used when nobody names another.
DEFAULT_BUNDLE = "mobilenet_v2"


def default_bundle_path() -> Path:
    """Return the folder named by the environment variable DERMDISTILL_BUNDLE, else the shipped bundle's."""
    named = os.environ.get("DERMDISTILL_BUNDLE")
    if named:
        return Path(named)
    return Path(str(package_files("dermdistill"))) / "bundles" / DEFAULT_BUNDLE


def load_bundle_spec(bundle_dir: Path) -> BundleSpec:
    """Read and check bundle.json; the other files are not touched, see `verify`.

    Raises:
        BundleError: the folder or bundle.json is missing, or breaks the schema.
    """
    path = bundle_dir / SPEC_FILE
    try:
        text = path.read_bytes()
    except OSError as error:
        raise BundleError(
            f"{path} cannot be read ({error.strerror}); give the folder of an exported bundle."
        ) from error
    try:
        return BundleSpec.model_validate_json(text)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"]) or "the whole file"
        raise BundleError(
            f"{path} is no valid bundle (at {where}: {first['msg']}, {error.error_count()} problem(s)); "
            "export it again with this version of dermdistill."
        ) from error


def read_bundle_file(bundle_dir: Path, spec: BundleSpec, name: str) -> bytes:
    """Return one file's bytes, proven to be the ones its checksum was made of.

    Raises:
        BundleError: the file is not listed, cannot be read, or is not the exported one.
    """
    path = bundle_dir / name
    entry = spec.files.get(name)
    if entry is None:
        raise BundleError(f"{bundle_dir / SPEC_FILE} lists no checksum for {name}; export the bundle again.")
    try:
        data = path.read_bytes()
    except OSError as error:
        raise BundleError(
            f"{path} cannot be read ({error.strerror}); copy the whole bundle again."
        ) from error
    if len(data) != entry.bytes or hashlib.sha256(data).hexdigest() != entry.sha256:
        raise BundleError(f"{path} is damaged or was changed: its checksum is wrong; copy the bundle again.")
    return data


def read_array(bundle_dir: Path, spec: BundleSpec, array: ArrayFile) -> NDArray[np.float32]:
    """Return a float32 array stored in the bundle, of the declared shape.

    Raises:
        BundleError: the file fails its checksum, has another number of values, or one that is none.
    """
    values = np.frombuffer(read_bundle_file(bundle_dir, spec, array.file), "<f4")
    if values.size != np.prod(array.shape):
        raise BundleError(f"{bundle_dir / array.file} holds {values.size} values, not shape {array.shape}.")
    if not np.isfinite(values).all():
        raise BundleError(
            f"{bundle_dir / array.file} holds values that are no numbers; export the bundle again."
        )
    return values.reshape(array.shape).astype(np.float32)


def verify(bundle_dir: Path, spec: BundleSpec | None = None) -> BundleSpec:
    """Check the schema and the checksum of every file; the engine also runs the self-test.

    Raises:
        BundleError: bundle.json is invalid, or a file is missing, damaged or not listed.
    """
    spec = spec or load_bundle_spec(bundle_dir)
    named = {spec.model_file, *(variant.file for variant in spec.variants)}
    if gate := spec.out_of_distribution:
        named |= {array.file for array in gate.arrays}
    for name in sorted(named | set(spec.files)):
        read_bundle_file(bundle_dir, spec, name)
    return spec


def write_bundle(
    bundle_dir: Path, spec: BundleSpec, model_bytes: bytes, extra_files: Mapping[str, bytes] | None = None
) -> BundleSpec:
    """Write a bundle folder whole or not at all, replacing an older bundle of that name.

    Args:
        bundle_dir: where to; its parents are made.
        spec: what bundle.json will say; its `files` are computed here.
        model_bytes: contents of `spec.model_file`.
        extra_files: contents of further files by name: variants, arrays, a licence.

    Returns:
        The spec as written, with checksums.

    Raises:
        BundleError: `bundle_dir` is something else than a bundle, or the result would not verify.
    """
    if bundle_dir.exists() and not (bundle_dir / SPEC_FILE).is_file() and _occupied(bundle_dir):
        raise BundleError(f"{bundle_dir} exists and is no bundle; give another folder or remove it.")
    contents = {**(extra_files or {}), spec.model_file: model_bytes}
    entries = {
        name: FileEntry(sha256=hashlib.sha256(data).hexdigest(), bytes=len(data))
        for name, data in sorted(contents.items())
    }
    spec = BundleSpec.model_validate({**spec.model_dump(), "files": entries})
    bundle_dir.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=bundle_dir.parent, prefix=f".{bundle_dir.name}.") as temporary:
        new, old = Path(temporary) / "new", Path(temporary) / "old"
        new.mkdir()
        for name, data in contents.items():
            (new / name).write_bytes(data)
        (new / SPEC_FILE).write_text(spec.model_dump_json(indent=2) + "\n", encoding="utf-8")
        verify(new)
        if bundle_dir.exists():
            shutil.move(bundle_dir, old)
        new.rename(bundle_dir)
    return spec


def _occupied(path: Path) -> bool:
    """Whether a path is a file or a folder with something in it."""
    return not path.is_dir() or next(path.iterdir(), None) is not None
