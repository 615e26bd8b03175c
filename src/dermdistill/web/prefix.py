"""An application below a path of its own, like /derm; a proxy before it may keep the path or take it off."""

import os
import re
from collections.abc import Callable, Iterable
from typing import Any

from dermdistill.errors import DermDistillError

# As gunicorn and uWSGI name it.
VARIABLE = "SCRIPT_NAME"
WsgiApp = Callable[[dict[str, Any], Any], Iterable[bytes]]


class PrefixError(DermDistillError):
    """What was given as a path is none."""


def check_prefix(prefix: str | None) -> str:
    """Return a prefix like `/derm`, or nothing for the top; that of the variable SCRIPT_NAME if None.

    Raises:
        PrefixError: it is not written so.
    """
    prefix = os.environ.get(VARIABLE, "") if prefix is None else prefix
    if prefix in ("", "/"):
        return ""
    if not re.fullmatch(r"(/[A-Za-z0-9][A-Za-z0-9._~-]*)+", prefix):
        raise PrefixError(
            f"{prefix!r} is not a path to serve below; write it like /derm, without a slash at its end."
        )
    return prefix


def below(prefix: str, app: WsgiApp) -> WsgiApp:
    """Let an application answer below `prefix`; requests whose prefix a proxy took off reach it, too."""
    if not prefix:
        return app

    def answer(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "")
        if not environ.get("SCRIPT_NAME"):
            environ = {**environ, "SCRIPT_NAME": prefix}
            if path == prefix:  # the page's own addresses count from its folder
                start_response(
                    "308 PERMANENT REDIRECT", [("Location", f"{prefix}/"), ("Content-Length", "0")]
                )
                return []
            if path.startswith(f"{prefix}/"):
                environ["PATH_INFO"] = path[len(prefix) :]
        return app(environ, start_response)

    return answer
