"""Files that are either whole or not there: written under a temporary name, then moved."""

import os
from pathlib import Path


def write_atomically(path: Path, data: bytes) -> None:
    """Write bytes to a temporary name in the same folder, make them durable, then move them to `path`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        with temporary.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    finally:  # of a full disk, too, which would be fuller with every try
        temporary.unlink(missing_ok=True)
