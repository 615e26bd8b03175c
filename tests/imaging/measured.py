"""Decode in a process of its own, and say what came of it, the memory and the time.

    python tests/imaging/measured.py [FILE [BYTES]]

It may take so many bytes beside what it has at its start, 2.5 GB if none are named. Without a file it does so
for each one that is named on a line of its input.
"""

import json
import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

_LIMIT_BYTES = 2_500_000_000
_LIMIT_S = 120


@dataclass(frozen=True)
class Measured:
    """What came of it (a shape, a sentence, or a death), its memory, and its seconds of a processor."""

    outcome: str
    peak_bytes: float
    seconds: float


@contextmanager
def measuring() -> Iterator[Callable[[Path], Measured]]:
    """What decodes files, each in a fork of a process that has imported all that decodes."""
    pipe = subprocess.PIPE
    with subprocess.Popen([sys.executable, __file__], stdin=pipe, stdout=pipe, text=True) as process:

        def measure(path: Path) -> Measured:
            assert process.stdin
            assert process.stdout
            print(path, file=process.stdin, flush=True)
            return Measured(**json.loads(process.stdout.readline()))

        yield measure


def _status(key: str) -> int:
    lines = Path("/proc/self/status").read_text().splitlines()
    return 1024 * int(next(line for line in lines if line.startswith(key)).split()[1])


def _decode(path: Path, limit_bytes: int = _LIMIT_BYTES) -> None:
    from dermdistill.errors import ImageError
    from dermdistill.imaging import decode_image

    resource.setrlimit(resource.RLIMIT_AS, (_status("VmSize") + limit_bytes,) * 2)
    data = path.read_bytes()
    Path("/proc/self/clear_refs").write_text("5")
    before, start = _status("VmRSS"), time.process_time()
    try:
        outcome = str(decode_image(data).shape)
    except ImageError as error:
        outcome = str(error)
    seconds = time.process_time() - start
    _say(Measured(outcome, _status("VmHWM") - before, seconds))


def _say(measured: Measured) -> None:
    print(json.dumps(vars(measured)), flush=True)


def _decode_each() -> None:
    for line in sys.stdin:
        child = os.fork()
        if not child:
            signal.alarm(_LIMIT_S)
            _decode(Path(line.rstrip("\n")))
            os._exit(0)
        if code := os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]):
            _say(Measured(f"died of {code}", float("nan"), float("nan")))


if __name__ == "__main__":
    for needed in ("dermdistill.imaging", "pydicom", "pillow_heif", "pydicom.pixels", "PIL.ImageCms"):
        __import__(needed)
    if sys.argv[1:]:
        _decode(Path(sys.argv[1]), *map(int, sys.argv[2:]))
    else:
        _decode_each()
