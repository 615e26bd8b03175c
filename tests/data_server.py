"""A small file server on 127.0.0.1 that can cut connections, ignore ranges and answer with errors."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Behaviour:
    """What the server does.

    Attributes:
        files: path, with its query, to content.
        ranges: whether it knows the Range header.
        cuts: for the next requests of a file, how many bytes to send before the connection is cut.
        statuses: for the next requests, an error to answer with.
        wrong_ranges: whether it answers a range with another one.
        etags: path to the ETag that it is answered with.
        seen: (path, Range header) of each request so far.
    """

    files: dict[str, bytes]
    ranges: bool = True
    cuts: list[int] = field(default_factory=list)
    statuses: list[int] = field(default_factory=list)
    wrong_ranges: bool = False
    etags: dict[str, str] = field(default_factory=dict)
    seen: list[tuple[str, str | None]] = field(default_factory=list)
    url: str = ""


@contextmanager
def serve(behaviour: Behaviour) -> Iterator[Behaviour]:
    """Serve until the end of the block; `behaviour.url` is the address."""

    class Handler(BaseHTTPRequestHandler):
        def do_HEAD(self) -> None:
            if self.path not in behaviour.files:
                return self._error(404)
            self.send_response(200)
            self.send_header("Content-Length", str(len(behaviour.files[self.path])))
            if self.path in behaviour.etags:
                self.send_header("ETag", behaviour.etags[self.path])
            self.end_headers()
            return None

        def do_GET(self) -> None:
            wanted = self.headers.get("Range")
            behaviour.seen.append((self.path, wanted))
            if behaviour.statuses:
                return self._error(behaviour.statuses.pop(0))
            if self.path not in behaviour.files:
                return self._error(404)
            data = behaviour.files[self.path]
            start = 0
            if wanted and behaviour.ranges:
                start = int(wanted.removeprefix("bytes=").removesuffix("-"))
                if start >= len(data):
                    return self._error(416)
                start = 0 if behaviour.wrong_ranges else start
                self.send_response(206)
                self.send_header("Content-Range", f"bytes {start}-{len(data) - 1}/{len(data)}")
            else:
                self.send_response(200)
            self.send_header("Content-Length", str(len(data) - start))
            self.end_headers()
            sent = behaviour.cuts.pop(0) if behaviour.cuts else len(data)
            self.wfile.write(data[start : start + sent])
            return None

        def _error(self, status: int) -> None:
            self.send_response(status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        behaviour.url = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield behaviour
        finally:
            server.shutdown()
            thread.join()
