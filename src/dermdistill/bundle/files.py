"""A bundle on disk: read whole with every checksum verified, written whole or not at all."""

import errno
import hashlib
import os
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files as package_files
from pathlib import Path
from typing import Any

import numpy as np
import rfc8785
from numpy.typing import NDArray
from pydantic import ValidationError

from dermdistill.bundle.schema import BundleSpec, FileEntry
from dermdistill.bundle.signature import check_signature
from dermdistill.bundle.verdicts import ArrayFile
from dermdistill.errors import BundleError
from dermdistill.files import read_plain
from dermdistill.strict_json import JsonError, read_json

SPEC_FILE = "bundle.json"
MODEL_FILE = "model.tflite"
# The folder under dermdistill/bundles/ that is used when nobody names another.
DEFAULT_BUNDLE = "mobilenet_v2"
# Bytes of a bundle.json; the shipped one has some 20,000.
_LONGEST_SPEC = 4_000_000


def default_bundle_path() -> Path:
    """Return the folder named by the environment variable DERMDISTILL_BUNDLE, else the shipped bundle's."""
    named = os.environ.get("DERMDISTILL_BUNDLE")
    if named:
        return Path(named)
    return Path(str(package_files("dermdistill"))) / "bundles" / DEFAULT_BUNDLE


def load_bundle_spec(bundle_dir: Path) -> BundleSpec:
    """Read and check bundle.json; the other files are not touched, see `open_bundle`.

    Raises:
        BundleError: the folder or bundle.json is missing, breaks the schema, or was changed.
    """
    return _read_spec(bundle_dir)[0]


@dataclass(frozen=True)
class OpenBundle:
    """A bundle in memory, each byte of it proven: whoever answers or hands it on uses these, not the disk's.

    Attributes:
        bundle_dir: where it was read from.
        spec: bundle.json, checked.
        spec_json: bundle.json as it lay there.
        contents: the other files that `spec.files` lists, by name.
    """

    bundle_dir: Path
    spec: BundleSpec
    spec_json: bytes
    contents: Mapping[str, bytes]

    def array(self, array: ArrayFile) -> NDArray[np.float32]:
        """Return a float32 array of the bundle, of the declared shape.

        Raises:
            BundleError: the file is not listed, has another number of values, or one that is none.
        """
        path = self.bundle_dir / array.file
        values = np.frombuffer(self.contents[array.file], "<f4")
        if values.size != np.prod(array.shape):
            raise BundleError(f"{path} holds {values.size} values, not shape {array.shape}.")
        if not np.isfinite(values).all():
            raise BundleError(f"{path} holds values that are no numbers; export the bundle again.")
        return values.reshape(array.shape).astype(np.float32)


def open_bundle(bundle_dir: Path) -> OpenBundle:
    """Read a bundle whole, with its schema and every checksum verified; the engine also runs the self-test.

    Raises:
        BundleError: bundle.json is invalid, or a file is missing, damaged, not listed, or a link.
    """
    spec, spec_json = _read_spec(bundle_dir)
    named = {spec.model_file, *(variant.file for variant in spec.variants)}
    if detector := spec.out_of_distribution:
        named |= {array.file for array in detector.arrays}
    if spec.pictures:
        named.add(spec.pictures.weights.file)
    names = sorted(named | set(spec.files))
    return OpenBundle(bundle_dir, spec, spec_json, {name: _read(bundle_dir, spec, name) for name in names})


def _read_spec(bundle_dir: Path) -> tuple[BundleSpec, bytes]:
    path = bundle_dir / SPEC_FILE
    try:
        text = read_plain(path, most=_LONGEST_SPEC)
    except OSError as error:
        raise BundleError(
            f"{path} cannot be read ({error.strerror}); give the folder of an exported bundle."
        ) from error
    check_signature(bundle_dir, text)
    try:
        document = read_json(text)
        spec = BundleSpec.model_validate_json(text)
    except JsonError as error:
        raise BundleError(f"{path} is not a valid bundle: {error} Copy the bundle again.") from error
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"]) or "the whole file"
        raise BundleError(
            f"{path} is not a valid bundle (at {where}: {first['msg']}, {error.error_count()} problem(s)); "
            "export it again with this version of dermdistill."
        ) from error
    if spec.spec_sha256 != _canonical_sha256(document):
        raise BundleError(
            f"{path} is damaged or was changed: it is not what its spec_sha256 was made of; "
            "copy the bundle again."
        )
    return spec, text


def _canonical_sha256(document: dict[str, Any]) -> str | None:
    """SHA-256 of bundle.json without `spec_sha256`, in canonical form (RFC 8785); None where it has none."""
    rest = {key: value for key, value in document.items() if key != "spec_sha256"}
    try:
        return hashlib.sha256(rfc8785.dumps(rest)).hexdigest()
    except rfc8785.CanonicalizationError:  # an integer beyond those that all readers know
        return None


def _read(bundle_dir: Path, spec: BundleSpec, name: str) -> bytes:
    path = bundle_dir / name
    entry = spec.files.get(name)
    if entry is None:
        raise BundleError(f"{bundle_dir / SPEC_FILE} lists no checksum for {name}; export the bundle again.")
    try:
        data = read_plain(path, most=max(entry.bytes, 1))
    except OSError as error:
        if error.errno == errno.EFBIG:
            raise _damaged(path) from error
        raise BundleError(
            f"{path} cannot be read ({error.strerror}); copy the whole bundle again."
        ) from error
    if len(data) != entry.bytes or hashlib.sha256(data).hexdigest() != entry.sha256:
        raise _damaged(path)
    return data


def _damaged(path: Path) -> BundleError:
    return BundleError(f"{path} is damaged or was changed: its checksum is wrong; copy the bundle again.")


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
        raise BundleError(f"{bundle_dir} exists and is not a bundle; give another folder or remove it.")
    contents = {**(extra_files or {}), spec.model_file: model_bytes}
    entries = {
        name: FileEntry(sha256=hashlib.sha256(data).hexdigest(), bytes=len(data))
        for name, data in sorted(contents.items())
    }
    spec = sealed(BundleSpec.model_validate({**spec.model_dump(), "files": entries}))
    bundle_dir.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=bundle_dir.parent, prefix=f".{bundle_dir.name}.") as temporary:
        new, old = Path(temporary) / "new", Path(temporary) / "old"
        new.mkdir()
        for name, data in contents.items():
            (new / name).write_bytes(data)
        (new / SPEC_FILE).write_text(spec.model_dump_json(indent=2) + "\n", encoding="utf-8")
        open_bundle(new)
        if bundle_dir.exists():
            shutil.move(bundle_dir, old)
        new.rename(bundle_dir)
    return spec


def sealed(spec: BundleSpec) -> BundleSpec:
    """Return the spec with the `spec_sha256` of all its other fields.

    Raises:
        BundleError: a value cannot be written in canonical form.
    """
    sha256 = _canonical_sha256(read_json(spec.model_dump_json().encode()))
    if sha256 is None:
        raise BundleError("bundle.json holds an integer that is too large; give a smaller one.")
    return spec.model_copy(update={"spec_sha256": sha256})


def _occupied(path: Path) -> bool:
    """Whether a path is a file or a folder with something in it."""
    return not path.is_dir() or next(path.iterdir(), None) is not None
