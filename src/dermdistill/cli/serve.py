"""`dermdistill serve`."""


def command() -> None:
    """Not there yet."""
    raise NotImplementedError
