"""Decode mutated files of one format, one after the other, and say of each batch what came of it.

    python tests/fuzz/worker.py FORMAT SEED START COUNT STATE

STATE is a file that always holds the number of the input at work, for the parent to see if this process dies.
It dies of SIGPROF when an input takes longer than `SECONDS` of a processor.
"""

import json
import mmap
import random
import resource
import signal
import struct
import sys
from pathlib import Path

SECONDS = 5.0
_START_BYTES = 3_000_000_000  # beyond the bound, so that passing it is seen, not hidden by an error


def input_of(kind: str, seed: int, number: int, seeds: list[bytes]) -> bytes:
    """Return an input by its number; the same whenever it is asked for."""
    from fuzz.mutate import mutated

    return mutated(random.Random(f"{kind} {seed} {number}"), kind, seeds)


def _outcome(data: bytes) -> str:
    """Return `picture` or `error`; anything else breaks the property."""
    from dermdistill.errors import ImageError
    from dermdistill.imaging import check_image, decode_image

    try:
        check_image(decode_image(data, name="upload 1"))
    except ImageError as error:
        sentence = str(error)
        whole = sentence.startswith("upload 1 ") and "\n" not in sentence and sentence.endswith(".")
        return "error" if whole else f"no sentence: {sentence!r}"
    except BaseException as error:
        return f"{type(error).__name__}: {error}"
    return "picture"


def _main(kind: str, seed: int, start: int, count: int, state: Path) -> None:
    from fuzz.corpus import corpus

    seeds = corpus(kind)
    for data in seeds:
        _outcome(data)  # so that what is imported late is there
    resource.setrlimit(resource.RLIMIT_AS, (_START_BYTES, _START_BYTES))
    before = _high_water()
    counts: dict[str, int] = {}
    findings: list[tuple[int, str]] = []
    with state.open("r+b") as file, mmap.mmap(file.fileno(), 8) as shared:
        for number in range(start, start + count):
            shared[:8] = struct.pack("<q", number)
            data = input_of(kind, seed, number, seeds)
            signal.setitimer(signal.ITIMER_PROF, SECONDS)
            outcome = _outcome(data)
            signal.setitimer(signal.ITIMER_PROF, 0)
            if outcome not in {"picture", "error"}:
                findings.append((number, outcome))
                outcome = "finding"
            counts[outcome] = counts.get(outcome, 0) + 1
    print(json.dumps({"counts": counts, "findings": findings, "peak_bytes": _high_water() - before}))


def _high_water() -> int:
    lines = Path("/proc/self/status").read_text("ascii").splitlines()
    return 1024 * int(next(line for line in lines if line.startswith("VmHWM")).split()[1])


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[1]))
    _main(sys.argv[1], *map(int, sys.argv[2:5]), Path(sys.argv[5]))
