"""What libraries written in C++ say on standard error that no user can act on."""

import os
from collections.abc import Iterator
from contextlib import contextmanager


def silence_tensorflow() -> None:
    """Let TensorFlow say only what ends it. It reads this setting when it is imported."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")


@contextmanager
def hushed() -> Iterator[None]:
    """Drop what is written to file descriptor 2 meanwhile: LiteRT greets there, with no setting to stop it.

    For a moment before threads start. An exception of Python still reaches the user, for it is shown later.
    """
    kept = os.dup(2)
    silence = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(silence, 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(silence)
