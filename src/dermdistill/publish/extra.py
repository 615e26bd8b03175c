"""The extra `publish`, whose packages are imported only where they are used."""

from importlib.util import find_spec

from dermdistill.errors import DermDistillError


class PublishError(DermDistillError):
    """A description cannot be made."""


def refuse_without(package: str) -> None:
    """Raise early when a package of the extra is not installed.

    Raises:
        PublishError: says what to install.
    """
    if find_spec(package) is None:
        raise PublishError(f"This needs {package}, not installed here: pip install 'dermdistill[publish]'.")
