"""Decode in a process of its own, and say what came of it, the memory and the time.

    python tests/imaging/measured.py FILE [BYTES]

It may take so many bytes beside what it has at its start, 2.5 GB if none are named.
"""

import json
import resource
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

_LIMIT_BYTES = 2_500_000_000


@dataclass(frozen=True)
class Measured:
    """What came of it (a shape, a sentence, or a death), its memory, and its seconds of a processor."""

    outcome: str
    peak_bytes: float
    seconds: float


def measure(path: Path) -> Measured:
    """Decode a file in a fresh process."""
    done = subprocess.run(
        [sys.executable, __file__, str(path)], capture_output=True, text=True, check=False, timeout=120
    )
    if done.returncode:
        return Measured(f"died of {done.returncode}: {done.stderr[-500:]}", float("nan"), float("nan"))
    return Measured(**json.loads(done.stdout))


def _status(key: str) -> int:
    lines = Path("/proc/self/status").read_text().splitlines()
    return 1024 * int(next(line for line in lines if line.startswith(key)).split()[1])


def _main(path: Path, limit_bytes: int = _LIMIT_BYTES) -> None:
    from dermdistill.errors import ImageError
    from dermdistill.imaging import decode_image

    for needed in ("pydicom", "pillow_heif", "pydicom.pixels", "PIL.ImageCms"):
        __import__(needed)
    resource.setrlimit(resource.RLIMIT_AS, (_status("VmSize") + limit_bytes,) * 2)
    data = path.read_bytes()
    Path("/proc/self/clear_refs").write_text("5")
    before, start = _status("VmRSS"), time.process_time()
    try:
        outcome = str(decode_image(data).shape)
    except ImageError as error:
        outcome = str(error)
    seconds = time.process_time() - start
    print(json.dumps({"outcome": outcome, "peak_bytes": _status("VmHWM") - before, "seconds": seconds}))


if __name__ == "__main__":
    _main(Path(sys.argv[1]), *map(int, sys.argv[2:]))
