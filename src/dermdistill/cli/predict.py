"""`dermdistill predict`."""


def command() -> None:
    """Not there yet."""
    raise NotImplementedError
