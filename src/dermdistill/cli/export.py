"""`dermdistill export`."""


def command() -> None:
    """Not there yet."""
    raise NotImplementedError
