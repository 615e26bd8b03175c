"""Connections that have said nothing yet: each has a deadline, and the oldest goes when there are too many.

uvicorn reads HTTP; it waits for the head of a request for as long as anyone likes. Here a connection is
closed when a head is not complete in time, however its bytes trickle in.
"""

import asyncio
from typing import Any, cast

from uvicorn.protocols.http.h11_impl import H11Protocol

# Seconds for the head of a request, from the connection or from the last answer on.
HEAD_DEADLINE_S = 10.0
Peer = tuple[str, int]


class Connections:
    """The connections of one process.

    Args:
        most: connections at once; one more closes the one that has waited longest without a request.
        deadline_s: seconds until the head of a request is complete.
    """

    def __init__(self, most: int, *, deadline_s: float = HEAD_DEADLINE_S):
        self.most, self.deadline_s = most, deadline_s
        self._open: dict[Peer, asyncio.BaseTransport] = {}
        # By age, because a dictionary keeps its order.
        self._waiting: dict[Peer, asyncio.TimerHandle] = {}

    def protocol(self, **settings: Any) -> asyncio.Protocol:
        """Make what uvicorn speaks to a new connection with: its own HTTP, watched."""
        return _Watched(self, H11Protocol(**settings))

    def opened(self, peer: Peer, transport: asyncio.BaseTransport) -> None:
        """Count a connection and wait for its first request."""
        if len(self._open) >= self.most and self._waiting:
            self._close(next(iter(self._waiting)))
        self._open[peer] = transport
        self.wait_for_head(peer)

    def wait_for_head(self, peer: Peer) -> None:
        """Wait for the next request of a connection."""
        self.has_head(peer)
        if peer in self._open:
            loop = asyncio.get_running_loop()
            self._waiting[peer] = loop.call_later(self.deadline_s, self._close, peer)

    def has_head(self, peer: Peer) -> None:
        """Stop the clock: what follows has deadlines of its own."""
        if timer := self._waiting.pop(peer, None):
            timer.cancel()

    def lost(self, peer: Peer) -> None:
        """Forget a connection that is gone."""
        self.has_head(peer)
        self._open.pop(peer, None)

    def _close(self, peer: Peer) -> None:
        self.has_head(peer)
        if transport := self._open.pop(peer, None):
            cast(asyncio.Transport, transport).abort()


class _Watched(asyncio.Protocol):
    """Hands everything on to a protocol, and tells `Connections` when a connection comes and goes."""

    def __init__(self, connections: Connections, inner: Any):
        self._connections, self._inner = connections, inner
        self._peer: Peer | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        name = transport.get_extra_info("peername")
        if isinstance(name, tuple):  # a Unix socket's other end has no name, and is a proxy
            self._peer = (str(name[0]), int(name[1]))
            self._connections.opened(self._peer, transport)
        self._inner.connection_made(transport)

    def connection_lost(self, exc: Exception | None) -> None:
        if self._peer:
            self._connections.lost(self._peer)
        self._inner.connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        self._inner.data_received(data)

    def eof_received(self) -> bool | None:
        return cast("bool | None", self._inner.eof_received())

    def pause_writing(self) -> None:
        self._inner.pause_writing()

    def resume_writing(self) -> None:
        self._inner.resume_writing()
