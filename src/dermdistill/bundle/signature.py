"""Bundles of known origin only: where a public key is named, bundle.json must be signed with its private one.

bundle.json holds the SHA-256 of every other file, so one signature is of all. It is plain Ed25519 (RFC 8032)
over the bytes of bundle.json, in bundle.json.sig: OpenSSL makes keys and signatures (docs/bundles.md).
"""

import os
from pathlib import Path

from dermdistill.errors import BundleError
from dermdistill.files import read_plain

VARIABLE = "DERMDISTILL_BUNDLE_KEY"
SIGNATURE_FILE = "bundle.json.sig"
_LONGEST_KEY = 10_000
_SIGNATURE_BYTES = 64


def check_signature(bundle_dir: Path, spec_json: bytes) -> None:
    """Check the signature of bundle.json, where DERMDISTILL_BUNDLE_KEY names a public key; else do nothing.

    Args:
        bundle_dir: where bundle.json.sig lies.
        spec_json: bundle.json.

    Raises:
        BundleError: there is no signature, it is not that key's, or the key cannot be read.
    """
    named = os.environ.get(VARIABLE)
    if not named:
        return
    try:
        from cryptography.exceptions import InvalidSignature  # noqa: PLC0415 - an extra
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey  # noqa: PLC0415
        from cryptography.hazmat.primitives.serialization import load_pem_public_key  # noqa: PLC0415
    except ModuleNotFoundError as error:
        raise BundleError(
            f"{VARIABLE} is set, but signatures cannot be checked; pip install 'dermdistill[signatures]'."
        ) from error
    try:
        key = load_pem_public_key(read_plain(Path(named), most=_LONGEST_KEY))
    except (OSError, ValueError) as error:
        raise BundleError(f"{named} is not a readable public key ({error}); see {VARIABLE}.") from error
    if not isinstance(key, Ed25519PublicKey):
        raise BundleError(f"{named} is no Ed25519 public key; see {VARIABLE}.")
    path = bundle_dir / SIGNATURE_FILE
    try:
        key.verify(read_plain(path, most=_SIGNATURE_BYTES), spec_json)
    except OSError as error:
        raise BundleError(
            f"{path} cannot be read ({error.strerror}); ask for a signed bundle, or unset {VARIABLE}."
        ) from error
    except InvalidSignature as error:
        raise BundleError(
            f"{path} is not the signature of this bundle.json by the key in {named}; do not use it."
        ) from error
