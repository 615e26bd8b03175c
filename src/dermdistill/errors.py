"""Errors that a person can act on: each message is one sentence that says what, where, and what to do.

The command line prints the message and exits with 2; the web API answers it as a 4xx problem.
"""

from collections.abc import Iterable
from difflib import get_close_matches


class DermDistillError(Exception):
    """Base of every error caused by input, settings or files rather than by a fault of the software."""


class ImageError(DermDistillError):
    """An image cannot be used: unreadable, truncated, too large, or of an unknown format."""


class UnreadableError(ImageError):
    """The image is not at fault: it is not there, may not be read, or needs a part that is missing."""


class DataError(DermDistillError):
    """A data set, index, split or prediction file does not hold what it must."""


class RecipeError(DermDistillError):
    """A recipe or a setting in it is unknown or out of range."""


class ModelError(DermDistillError):
    """A model name, its weights or its shape do not fit."""


class BundleError(DermDistillError):
    """A bundle is missing files, fails its schema, its checksum or its self-test."""


class SensitivityError(DermDistillError):
    """A sensitivity is asked for that the bundle has no operating point for."""


def closest(name: str, choices: Iterable[str]) -> str | None:
    """The choice that was probably meant by a name that is none of them, if one is like it."""
    return next(iter(get_close_matches(name, list(choices), n=1)), None)


def unknown_name(kind: str, name: str, choices: Iterable[str]) -> str:
    """A sentence on a name that is none of the choices: what was probably meant, and what there is."""
    there = sorted(choices)
    meant = closest(name, there)
    asked = f"did you mean {meant!r}? There are" if meant else "there are"
    return f"There is no {kind} {name!r}; {asked} {', '.join(there)}."
