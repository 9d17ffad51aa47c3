"""Requests as received: raw target, field lines in order, the exact body.

A signature covers these bytes, so nothing here is decoded or put in order. Header values are text of which
each character is one byte (latin-1), as WSGI gives them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from .errors import Malformed
from .steps import Headers


@dataclass(frozen=True, slots=True)
class Request:
    """A request as the host's server received it.

    Attributes:
        method: such as ``POST``.
        target: the raw path and query, as on the request line.
        headers: name and value of each line, in order, repeated lines kept.
        body: the exact bytes.
        client: the peer's address, for limits only.
    """

    method: str
    target: str
    headers: Headers = ()
    body: bytes = b""
    client: str | None = None

    @classmethod
    def from_bytes(cls, data: bytes) -> Request:
        """Reads a captured HTTP/1.1 request: request line, header lines, an empty line, the body.

        Lines may end in CRLF or LF. A body of ``Content-Length`` bytes is cut there, so that an editor's
        last newline does no harm.

        Raises:
            Malformed: it is not such a request.
        """
        head, separator, body = data.partition(b"\r\n\r\n")
        if not separator or b"\n\n" in head:
            head, _, body = data.partition(b"\n\n")
        first, *lines = head.decode("latin-1").splitlines() or [""]
        words = first.split(" ")
        if len(words) not in (2, 3) or not words[0].isalpha():
            raise Malformed(
                "expected a request line such as `POST /inbox HTTP/1.1`", reason="bad_capture", place="line 1"
            )
        headers: list[tuple[str, str]] = []
        for number, line in enumerate(lines, start=2):
            name, colon, value = line.partition(":")
            if not colon or not name.strip():
                raise Malformed("expected `Name: value`", reason="bad_capture", place=f"line {number}")
            headers.append((name.strip(), value.strip()))
        length = next((value for name, value in headers if name.lower() == "content-length"), "")
        if length.isdigit() and len(body) > int(length):
            body = body[: int(length)]
        return cls(words[0], words[1], tuple(headers), body)

    def head(self) -> dict[str, Any]:
        """The head as it crosses the C ABI."""
        return {
            "method": self.method,
            "target": self.target,
            "headers": self.headers,
            "client": self.client,
        }
