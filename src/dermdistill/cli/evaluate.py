"""`dermdistill evaluate`."""


def command() -> None:
    """Not there yet."""
    raise NotImplementedError
