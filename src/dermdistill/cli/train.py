"""`dermdistill train`."""


def command() -> None:
    """Not there yet."""
    raise NotImplementedError
