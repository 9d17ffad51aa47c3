"""Tells what reaches a server: a small proxy in front of it, with a line for each federation request.

Requests pass as they are, the signed ``Host`` included, so the server behind takes the proxy's address for its own.
"""

from __future__ import annotations

import contextlib
import http.client
import json
import re
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

FEDERATION = ("/ap/", "/.well-known/", "/nodeinfo/", "/users/", "/inbox", "/follows/")
"""How the paths begin on which servers talk to each other; everything else is pages for people."""

UUID = r"(?<=/)[0-9a-f]{8}-[0-9a-f-]{27}"

# They belong to one connection, not to the message (RFC 9110, 7.6.1).
HOP_BY_HOP = {"connection", "keep-alive", "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade"}


class Narrator(ThreadingHTTPServer):
    """Listens on ``port`` of this machine, passes everything to ``behind``, and tells by ``tell``."""

    daemon_threads = True

    def __init__(self, port: int, tell: Callable[[str], None], sites: Mapping[str, str]) -> None:
        super().__init__(("127.0.0.1", port), _Passage)
        self.tell = tell
        self.sites = sites
        """Origin -> the name of the site there."""
        self.behind = 0

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that left before its answer is no news."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]

    @contextmanager
    def passing_to(self, port: int) -> Iterator[None]:
        """Works for the length of the block."""
        self.behind = port
        thread = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        try:
            yield
        finally:
            self.shutdown()
            thread.join()
            self.server_close()


class _Passage(BaseHTTPRequestHandler):
    """One request on its way through."""

    server: Narrator

    def _pass(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        to = http.client.HTTPConnection("127.0.0.1", self.server.behind, timeout=60)
        try:
            to.putrequest(self.command, self.path, skip_host=True, skip_accept_encoding=True)
            for name, value in self.headers.items():
                if name.lower() not in HOP_BY_HOP:
                    to.putheader(name, value)
            to.endheaders(body or None)
            answer = to.getresponse()
            content = answer.read()
        except OSError as error:  # the server behind ends, or never came up
            self.send_error(502, explain=str(error))
            return
        finally:
            to.close()
        if self.path.startswith(FEDERATION):
            self._tell(body, answer.status)
        self.send_response_only(answer.status, answer.reason)
        for name, value in answer.getheaders():
            if name.lower() not in HOP_BY_HOP:
                self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_HEAD = do_POST = _pass

    def _tell(self, body: bytes, status: int) -> None:
        signed = "signed" if self.headers.get("Signature") else "unsigned"
        self.server.tell(f"{describe(self.command, self.path, body)}{self._sender()}  ({signed}, {status})")

    def _sender(self) -> str:
        """Servers name their origin in the User-Agent or, when they sign, in the key."""
        names = f"{self.headers.get('User-Agent')} {self.headers.get('Signature')}"
        return next((f" from {name}" for at, name in self.server.sites.items() if f"{at}/" in names), "")

    def log_message(self, format: str, *args: object) -> None:
        """Says nothing about each request; the narration does."""


def describe(method: str, path: str, body: bytes) -> str:
    """What a request is about, in words."""
    with contextlib.suppress(ValueError, KeyError, TypeError, AttributeError):  # whoever sends something else
        if method == "POST":
            activity = json.loads(body)
            inner = activity.get("object")
            kind = f" of a {inner['type']}" if isinstance(inner, dict) and "type" in inner else ""
            return f"{activity['type']}{kind}"
    if path.startswith("/.well-known/webfinger"):
        who = parse_qs(urlsplit(path).query).get("resource", ["that"])[0]
        return f"who is {who.removeprefix('acct:').split('@')[0]}? (WebFinger)"
    return f"{method} {re.sub(UUID, '…', path)}"
