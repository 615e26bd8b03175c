"""What a tracker is to a training."""

from collections.abc import Callable

OnEpoch = Callable[[int, dict[str, float]], None]
"""Called with the number of an epoch and its figures."""
