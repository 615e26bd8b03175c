"""A few processes that decode for this one; one that dies, hangs or grows too large is replaced."""

import os
import select
import subprocess
import sys
import weakref
from collections.abc import Sequence
from contextlib import suppress
from queue import LifoQueue
from typing import BinaryIO, cast

from dermdistill.errors import ImageError
from dermdistill.imaging.apart.wire import read_answer, send_request
from dermdistill.imaging.limits import MAX_MEMORY_BYTES
from dermdistill.imaging.square import Square

# Of a processor, for one picture: the largest that are allowed take 2 s on a slow one.
SECONDS = 10
# On a clock, for machines that are busy with other things.
WALL_SECONDS = 30.0
# Beside what a process has at its start: a picture's bytes, a copy of them, and what decoding them may take.
MEMORY_BYTES = MAX_MEMORY_BYTES + 300_000_000


class DecoderPool:
    """Decodes in `count` processes of its own; safe for threads, which wait for a process that is idle.

    Make it in the process that uses it, after any fork. A process ends by itself when this one does.

    Args:
        count: processes; as many pictures are decoded at once.
        seconds: what one picture may take of a processor; its process is ended then (not on Windows).
        wall_seconds: what it may take on a clock (not on Windows).
        memory_bytes: what a process may take beside what it has at its start (on Linux).
    """

    def __init__(
        self,
        count: int,
        *,
        seconds: int = SECONDS,
        wall_seconds: float = WALL_SECONDS,
        memory_bytes: int = MEMORY_BYTES,
    ):
        limits = (str(seconds), str(memory_bytes))
        self._wall_seconds = wall_seconds
        self._all = [_Decoder(limits) for _ in range(count)]
        self._end = weakref.finalize(self, _end_all, self._all)
        self._idle: LifoQueue[_Decoder] = LifoQueue()
        for decoder in self._all:
            self._idle.put(decoder)

    def open_square(self, data: bytes, size: int, *, name: str = "image") -> Square:
        """Decode a file's bytes and squash the picture to `[size, size, 3]`; see `decode_image` for errors.

        Raises:
            ImageError: also if the picture ends its decoder, or takes it too long or too much memory.
        """
        decoder = self._idle.get()
        try:
            return decoder.open_square(data, size, name, self._wall_seconds)
        except ImageError:
            raise
        except (EOFError, OSError, TimeoutError) as error:
            decoder.restart()
            raise ImageError(
                f"{name} cannot be decoded: it takes too long or too much memory, or ends its decoder; "
                "export it again."
            ) from error
        except BaseException:  # an interrupt: what the process has still to say must not answer another
            decoder.restart()
            raise
        finally:
            self._idle.put(decoder)

    def close(self) -> None:
        """End the processes; so does the end of this one."""
        self._end()

    def processes(self) -> list[int]:
        """Return the processes' ids."""
        return [decoder.process_id for decoder in self._all]


def _end_all(decoders: Sequence["_Decoder"]) -> None:
    for decoder in decoders:
        decoder.end()


class _Decoder:
    """One process, for one picture at a time; started again if it has gone."""

    def __init__(self, limits: tuple[str, str]):
        self._command = [sys.executable, "-m", "dermdistill.imaging.apart.child", *limits]
        self._process = self._start()

    @property
    def process_id(self) -> int:
        return self._process.pid

    def open_square(self, data: bytes, size: int, name: str, seconds: float) -> Square:
        if self._process.poll() is not None:  # it was ended from outside, while it was idle
            self.restart()
        requests, answers = cast(BinaryIO, self._process.stdin), cast(BinaryIO, self._process.stdout)
        send_request(requests, data, size, name)
        if hasattr(select, "poll"):
            waiting = select.poll()
            waiting.register(answers, select.POLLIN)
            if not waiting.poll(1000 * seconds):
                raise TimeoutError
        return read_answer(answers, size)

    def restart(self) -> None:
        self.end()
        self._process = self._start()

    def end(self) -> None:
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            with suppress(OSError):  # of what was still to be written to a process that has gone
                cast(BinaryIO, pipe).close()

    def _start(self) -> "subprocess.Popen[bytes]":
        # Each thread of a linear algebra library would reserve memory that counts.
        environment = {**os.environ, "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
        return subprocess.Popen(  # noqa: S603 - our own module, and numbers
            self._command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment,
        )
