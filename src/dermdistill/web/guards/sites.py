"""Which sites may ask a browser to ask us: none but our own page and those that were named.

A page anywhere can point a name of its own at 127.0.0.1 (DNS rebinding), or send a form across sites. A
browser tells both: by the name in Host, and by Sec-Fetch-Site and Origin. Programs are not touched.
"""

import os
import re
from collections.abc import Iterable
from ipaddress import ip_address
from urllib.parse import urlsplit

from flask import Flask, request
from werkzeug.exceptions import Forbidden

from dermdistill.errors import DermDistillError

VARIABLE = "DERMDISTILL_HOSTS"
_SAFE = ("GET", "HEAD", "OPTIONS")


class HostError(DermDistillError):
    """What was given as a host's name is none."""


def check_hosts(names: Iterable[str] | None) -> frozenset[str]:
    """Return the names in lower case; those in DERMDISTILL_HOSTS, separated by commas, if None.

    Raises:
        HostError: one is not a name of a host, like `clinic.example`.
    """
    if names is None:
        names = [name.strip() for name in os.environ.get(VARIABLE, "").split(",") if name.strip()]
    found = frozenset(name.lower() for name in names)
    for name in found:
        if not re.fullmatch(r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?", name):
            raise HostError(
                f"{name!r} is not the name of a host; write it like clinic.example, without a port."
            )
    return found


def guard_sites(app: Flask, hosts: frozenset[str], origins: frozenset[str]) -> None:
    """Refuse what another site lets a browser ask.

    Args:
        app: the application.
        hosts: names by which a proxy on this machine asks, besides addresses and `localhost`.
        origins: sites whose scripts may use the API.
    """

    @app.before_request
    def _check_host() -> None:
        name = _name(request.headers.get("Host", ""))
        if not name or not _is_loopback(request.environ.get("SERVER_NAME", "")):
            return
        if name in hosts or _is_address(name) or name == "localhost" or name.endswith(".localhost"):
            return
        raise Forbidden(
            "This server does not go by that name; ask for localhost or an address, or name it in "
            f"{VARIABLE}."
        )

    @app.before_request
    def _check_origin() -> None:
        if request.method in _SAFE:
            return
        origin, site = request.headers.get("Origin"), request.headers.get("Sec-Fetch-Site")
        if origin is not None and origin in origins:
            return
        own = site in ("same-origin", "none") if site else origin is None or _is_own(origin)
        if not own:
            raise Forbidden(
                "Another site asked for this; only the page of this server may, or sites it names."
            )


def _is_own(origin: str) -> bool:
    try:
        return urlsplit(origin).netloc == request.host and bool(request.host)
    except ValueError:
        return False


def _name(host: str) -> str:
    """The host of a Host header, without port and brackets."""
    found = re.fullmatch(r"\[([0-9a-f:.]+)\](:\d*)?|([^:]*)(:\d*)?", host.strip().lower())
    return host if found is None else (found[1] or found[3]).rstrip(".")


def _is_address(name: str) -> bool:
    try:
        ip_address(name)
    except ValueError:
        return False
    return True


def _is_loopback(name: str) -> bool:
    return name == "localhost" or (_is_address(name) and ip_address(name).is_loopback)
