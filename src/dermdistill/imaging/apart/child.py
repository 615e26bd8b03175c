"""A process that decodes one picture after the other, within limits, until its parent goes.

    python -m dermdistill.imaging.apart.child SECONDS BYTES

SECONDS of a processor each picture may take, and BYTES of memory beside what the process has at its start.
"""

import os
import signal
import sys
from pathlib import Path
from typing import BinaryIO

from dermdistill.errors import ImageError
from dermdistill.imaging.apart.wire import read_request, send_answer
from dermdistill.imaging.square import open_square

try:
    import resource
except ImportError:  # Windows has no such limits
    resource = None  # type: ignore[assignment]


def main(seconds: int, memory_bytes: int) -> None:
    """Answer requests from standard input on standard output."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # an interrupt at a terminal is the parent's to answer
    requests, answers = os.fdopen(0, "rb"), os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library prints must not get between the answers
    _limit_memory(memory_bytes)
    while (request := read_request(requests)) is not None:
        _limit_time(seconds)
        _answer(answers, *request)
        del request


def _answer(answers: BinaryIO, data: bytes, size: int, name: str) -> None:
    try:
        answer = open_square(data, size, name=name)
    except ImageError as error:
        send_answer(answers, error)
    else:
        send_answer(answers, answer)


def _limit_memory(more_bytes: int) -> None:
    if resource is None or not Path("/proc/self/statm").exists():
        return
    pages = int(Path("/proc/self/statm").read_text("ascii").split()[0])
    limit = pages * resource.getpagesize() + more_bytes
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))


def _limit_time(seconds: int) -> None:
    """Let the system end this process after so many seconds of a processor; waiting does not count."""
    if resource is None:
        return
    used = resource.getrusage(resource.RUSAGE_SELF)
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (int(used.ru_utime + used.ru_stime) + 1 + seconds, hard))


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
