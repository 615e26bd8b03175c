"""Which addresses are for programs: errors there are typed, and answers never cached."""

API = "/api/v1"
PROTOCOL = "/v2"
METRICS = "/metrics"


def is_api(path: str) -> bool:
    """Tell whether a path is of our own API, whose errors are problem+json."""
    return path == "/api" or path.startswith("/api/")


def is_protocol(path: str) -> bool:
    """Tell whether a path is of the Open Inference Protocol, which has its own form of error."""
    return path == PROTOCOL or path.startswith(f"{PROTOCOL}/")


def for_programs(path: str) -> bool:
    """Tell whether a path is for programs rather than for people."""
    return is_api(path) or is_protocol(path) or path.rstrip("/") == METRICS
