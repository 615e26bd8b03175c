"""`dermdistill distill`."""


def command() -> None:
    """Not there yet."""
    raise NotImplementedError
