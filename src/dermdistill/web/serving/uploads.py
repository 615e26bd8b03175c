"""Bodies of requests while they come in and are worked on: a deadline for each, a budget for all.

When the budget is used up, the largest body that is still coming in is sent away, not the newest. So half
uploads, however many, cannot keep a photograph out.
"""

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from io import BytesIO
from typing import Any

# Seconds for a whole body.
BODY_DEADLINE_S = 60.0
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]


class UploadError(Exception):
    """A body did not come in; `reason` says why, as `dermdistill.web.guards.admission` names it."""

    def __init__(self, reason: str):
        super().__init__(reason)
        self.reason = reason


class SenderGoneError(Exception):
    """Whoever sent the body has left."""


class Upload:
    """One body. Its memory counts until it is released."""

    def __init__(self) -> None:
        self.file = BytesIO()
        self.size = 0
        self.clock: asyncio.Timeout | None = None
        self.sent_away = False


class Uploads:
    """All bodies of one process.

    Args:
        most_bytes: of all bodies together.
        most_each: of one body.
        deadline_s: seconds until a body is whole.
    """

    def __init__(self, most_bytes: int, most_each: int, *, deadline_s: float = BODY_DEADLINE_S):
        self.most_bytes, self.most_each, self.deadline_s = most_bytes, most_each, deadline_s
        self.held = 0
        self._coming: set[Upload] = set()

    async def read(self, upload: Upload, receive: Receive) -> None:
        """Read one body whole.

        Raises:
            UploadError: it is too large or too slow, or was sent away for others.
            SenderGoneError: the connection was closed.
        """
        self._coming.add(upload)
        try:
            async with asyncio.timeout(self.deadline_s) as upload.clock:
                while await self._take(upload, await receive()):
                    pass
        except TimeoutError:
            raise UploadError("busy" if upload.sent_away else "slow") from None
        finally:
            self._coming.discard(upload)

    async def _take(self, upload: Upload, message: MutableMapping[str, Any]) -> bool:
        if message["type"] == "http.disconnect":
            raise SenderGoneError
        piece = message.get("body", b"")
        if upload.size + len(piece) > self.most_each:
            raise UploadError("large")
        self.held += len(piece)
        upload.size += len(piece)
        upload.file.write(piece)
        while self.held > self.most_bytes:
            self._send_largest_away()
            if upload.sent_away:
                raise UploadError("busy")
        return bool(message.get("more_body"))

    def _send_largest_away(self) -> None:
        """The one that calls this is among them."""
        largest = max(self._coming, key=lambda upload: upload.size)
        largest.sent_away = True
        self._coming.discard(largest)
        self.release(largest)
        if largest.clock:
            largest.clock.reschedule(0)

    def release(self, upload: Upload) -> None:
        """Let a body's memory go; again does nothing."""
        self.held -= upload.size
        upload.size = 0
        upload.file = BytesIO()
