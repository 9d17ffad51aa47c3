"""The default fetcher: one request, one answer, within bounds (the standard library alone).

It resolves the name, refuses every address that is not public, and connects to the very address it checked,
so that a second look-up cannot move the connection. Redirects are returned, never followed: the core decides
about them. The deadline is a total that resolving, connecting, TLS, sending and reading share
(CVE-2023-36461).
"""

from __future__ import annotations

import asyncio
import contextlib
import http.client
import io
import os
import re
import socket
import ssl
import threading
import time
from collections.abc import Callable, Sequence

from .addresses import is_loopback, is_public
from .errors import FetchFailed
from .own_thread import on_own_thread
from .steps import Fetch, Fetched

Resolve = Callable[[str, int], Sequence[str]]

# Strict on purpose: a URL that two parsers could read differently is refused.
_URL = re.compile(
    r"(?P<scheme>https?)://(?P<host>[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(?::(?P<port>[0-9]{1,5}))?"
    r"(?P<target>[/?][!-\"$-~]*)?"
)
_FIELD = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_ADDRESSES_TRIED = 3
_CONNECT_SECONDS = 5.0
_CHUNK = 65536
_HEAD_BYTES = 131_072
_INFORMATION = 10


def resolve(host: str, port: int) -> list[str]:
    """The addresses of a name, as the operating system resolves it."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


class Network:
    """Makes the requests an exchange asks for. Safe to share between threads.

    Args:
        timeout: the most seconds one request may take in all, whatever the exchange allows.
        ca_file: certificates to trust beside the system's, as PEM.
        resolve: how a name becomes addresses.
    """

    def __init__(
        self,
        *,
        timeout: float = 10.0,
        ca_file: str | os.PathLike[str] | None = None,
        resolve: Resolve = resolve,
    ) -> None:
        self.timeout = timeout
        self.resolve = resolve
        self.tls = ssl.create_default_context()
        if ca_file is not None:
            self.tls.load_verify_locations(ca_file)

    def fetch(self, step: Fetch) -> Fetched:
        """Makes the request and waits for the whole answer.

        Raises:
            FetchFailed: it could not be made, or the answer broke a bound; ``reason`` says which.
        """
        return _Call(self, step).run()

    async def fetch_async(self, step: Fetch) -> Fetched:
        """As ``fetch``, on a thread of its own; cancelling it closes the connection."""
        call = _Call(self, step)
        try:
            return await on_own_thread(call.run)
        except asyncio.CancelledError:
            call.abort()
            raise


class _Call:
    """One request in progress."""

    def __init__(self, network: Network, step: Fetch) -> None:
        self.network = network
        self.step = step
        self.deadline = time.monotonic() + min(step.timeout, network.timeout)
        self.connection: socket.socket | None = None
        self.aborted = False

    def abort(self) -> None:
        """Ends it from another thread."""
        self.aborted = True
        if (connection := self.connection) is not None:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def remaining(self) -> float:
        """Seconds left, at least a little."""
        if self.aborted:
            raise FetchFailed("the request was cancelled", reason="cancelled", retryable=True)
        left = self.deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError
        return left

    def run(self) -> Fetched:
        try:
            return self._run()
        except TimeoutError as error:
            raise FetchFailed("no whole answer in time", reason="timeout", retryable=True) from error
        except ssl.SSLError as error:
            raise FetchFailed(
                f"TLS failed: {error.reason or 'no agreement'}", reason="tls_failed", retryable=True
            ) from error
        except (http.client.HTTPException, ValueError) as error:
            raise FetchFailed(
                f"the answer is not HTTP/1.1: {type(error).__name__}", reason="protocol_error", retryable=True
            ) from error
        except OSError as error:
            raise FetchFailed(
                f"the connection failed: {os.strerror(error.errno) if error.errno else 'closed'}",
                reason="cancelled" if self.aborted else "connection_failed",
                retryable=True,
            ) from error
        finally:
            if self.connection is not None:
                self.connection.close()

    def _run(self) -> Fetched:
        url = _URL.fullmatch(self.step.url)
        if url is None:
            raise FetchFailed("expected an absolute http or https URL in normal form", reason="url_refused")
        secure = url["scheme"] == "https"
        if not secure and not self.step.allow_local:
            raise FetchFailed("plain http is for the development policy only", reason="url_refused")
        host = url["host"].strip("[]")
        port = int(url["port"] or (443 if secure else 80))
        target = url["target"] or "/"
        request = self._request(target if target.startswith("/") else f"/{target}")

        connection, address = self._connect(self._addresses(host, port), port)
        self.connection = connection
        if secure:
            connection.settimeout(self.remaining())
            self.connection = connection = self.network.tls.wrap_socket(connection, server_hostname=host)
        for start in range(0, len(request), _CHUNK):
            connection.settimeout(self.remaining())
            connection.sendall(request[start : start + _CHUNK])
        return self._answer(connection, address)

    def _request(self, target: str) -> bytes:
        step = self.step
        lines = [f"{step.method} {target} HTTP/1.1"]
        for name, value in step.headers:
            if not _FIELD.fullmatch(name) or any(c in value for c in "\r\n\0"):
                raise FetchFailed("a header line would break the request", reason="url_refused")
            lines.append(f"{name}: {value}")
        given = {name.lower() for name, _ in step.headers}
        if "content-length" not in given and (step.body or step.method == "POST"):
            lines.append(f"Content-Length: {len(step.body)}")
        if "accept-encoding" not in given:
            lines.append("Accept-Encoding: identity")
        lines += ["Connection: close", "", ""]
        return "\r\n".join(lines).encode("latin-1") + step.body

    def _addresses(self, host: str, port: int) -> list[str]:
        """All addresses of the name that may be connected to. Resolving has no deadline of its own."""
        found: list[str] = []
        failed: list[BaseException] = []
        ready = threading.Event()

        def look() -> None:
            try:
                found.extend(self.network.resolve(host, port))
            except (OSError, UnicodeError) as error:
                failed.append(error)
            ready.set()

        threading.Thread(target=look, name="fedigraft-resolve", daemon=True).start()
        if not ready.wait(self.remaining()):
            raise TimeoutError
        if failed or not found:
            raise FetchFailed("the name has no address", reason="dns_failed", retryable=True)
        allowed = [a for a in found if is_public(a) or (self.step.allow_local and is_loopback(a))]
        if not allowed:
            raise FetchFailed("the name leads to a private address", reason="address_refused")
        return allowed[:_ADDRESSES_TRIED]

    def _connect(self, addresses: list[str], port: int) -> tuple[socket.socket, str]:
        last: OSError = TimeoutError()
        for address in addresses:
            try:
                limit = min(self.remaining(), _CONNECT_SECONDS)
                return socket.create_connection((address, port), timeout=limit), address
            except OSError as error:
                last = error
        raise last

    def _answer(self, connection: socket.socket, address: str) -> Fetched:
        step = self.step
        reader = _Reader(self, connection)
        answer = _final(reader, step.method)
        try:
            if _ambiguous(answer):
                raise http.client.HTTPException("a body without a clear end")
            if answer.length is not None and answer.length > step.max_body:
                raise _too_large()
            # The head is read: what comes now is the body, and little beside it.
            reader.budget = 2 * step.max_body + _HEAD_BYTES
            headers = tuple((name, re.sub(r"\r?\n[ \t]+", " ", value)) for name, value in answer.getheaders())
            coding = answer.getheader("content-encoding", "identity").strip().lower()
            if coding not in ("", "identity"):
                # A compressed body is a bound nobody checked; identity was asked for.
                raise FetchFailed("the answer is compressed unasked", reason="protocol_error")
            body = answer.read(step.max_body + 1)
            if len(body) > step.max_body:
                raise _too_large()
            if answer.length:
                raise http.client.IncompleteRead(b"", answer.length)
            return Fetched(step.url, answer.status, headers, body, address)
        finally:
            answer.close()


def _final(reader: _Reader, method: str) -> http.client.HTTPResponse:
    """The answer, after what 1xx answers stand before it (RFC 9110, 15.2)."""
    for _ in range(_INFORMATION):
        answer = http.client.HTTPResponse(reader, method=method)  # type: ignore[arg-type]
        answer.begin()
        if answer.status >= 200:
            return answer
        answer.fp = None  # type: ignore[assignment]  # it would close what the next one reads from
    raise http.client.HTTPException("nothing but 1xx answers")


def _ambiguous(answer: http.client.HTTPResponse) -> bool:
    """True when two readers could see two bodies: by two lengths, or by a coding (RFC 9112, 6.3)."""
    lengths = {
        one.strip() for line in answer.headers.get_all("content-length", []) for one in line.split(",")
    }
    if len(lengths) > 1 or not all(one.isascii() and one.isdigit() for one in lengths):
        return True
    codings = [one.strip().lower() for one in answer.headers.get_all("transfer-encoding", [])]
    return codings not in ([], ["chunked"])


class _Reader(io.RawIOBase):
    """The socket as ``http.client`` reads it, each read within what is left of the total.

    All bytes have a bound, too: ``http.client`` takes a chunk of ``-1`` bytes for one without an end.
    """

    def __init__(self, call: _Call, connection: socket.socket) -> None:
        self.call = call
        self.connection = connection
        self.budget = _HEAD_BYTES
        self.buffered = io.BufferedReader(self)

    def makefile(self, _mode: str) -> io.BufferedIOBase:
        return self.buffered

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        self.connection.settimeout(self.call.remaining())
        read = self.connection.recv_into(buffer)
        self.budget -= read
        if self.budget < 0:
            raise http.client.HTTPException("more than an answer may have")
        return read


def _too_large() -> FetchFailed:
    return FetchFailed("the answer is larger than allowed", reason="too_large")
