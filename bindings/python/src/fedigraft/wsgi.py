"""WSGI middleware (PEP 3333): federation in front of the application that is there.

The head decides. A request that is not fedigraft's goes to the application untouched; not one byte of its
body is read. Repeated header lines arrive joined by commas, as WSGI has it; signatures are built for that.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

from .inbound import Inbound, refuse, too_large
from .request import Request
from .steps import Headers, Response

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

log = logging.getLogger("fedigraft")

# gunicorn has RAW_URI; Werkzeug, uWSGI, mod_wsgi and waitress have REQUEST_URI.
_RAW_TARGETS = ("RAW_URI", "REQUEST_URI")


class WSGI:
    """The application with federation in front of it."""

    def __init__(self, app: WSGIApplication, inbound: Callable[[], Inbound]) -> None:
        self._app = app
        self._inbound = inbound
        self._warned = False

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        inbound = self._inbound()
        request = self._head(environ)
        route = inbound.route(request)
        if not route.ours:
            return self._app(
                environ, _adding(start_response, route.headers) if route.headers else start_response
            )
        body = _body(environ, route.max_body)
        if isinstance(body, Response):
            response = body
        else:
            response = inbound.answer(
                Request(request.method, request.target, request.headers, body, request.client)
            )
        phrase = HTTPStatus(response.status).phrase if response.status in set(HTTPStatus) else "Status"
        start_response(f"{response.status} {phrase}", with_length(response))
        return [] if request.method == "HEAD" else [response.body]

    def _head(self, environ: WSGIEnvironment) -> Request:
        headers = [
            (name[5:].replace("_", "-").lower(), value)
            for name, value in environ.items()
            if name.startswith("HTTP_") and isinstance(value, str)
        ]
        headers += [
            (name.replace("_", "-").lower(), environ[name])
            for name in ("CONTENT_TYPE", "CONTENT_LENGTH")
            if environ.get(name)
        ]
        return Request(
            method=environ["REQUEST_METHOD"],
            target=self._target(environ),
            headers=tuple(headers),
            client=environ.get("REMOTE_ADDR") or None,
        )

    def _target(self, environ: WSGIEnvironment) -> str:
        for name in _RAW_TARGETS:
            raw = environ.get(name)
            if isinstance(raw, str) and raw:
                if raw.startswith("/"):
                    return raw
                parts = urlsplit(raw)
                return (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        if not self._warned:
            self._warned = True
            log.warning(
                "this WSGI server (%s) does not pass the raw request target; signatures of requests whose "
                "path has escaped characters will be refused. Use one that sets RAW_URI or REQUEST_URI: "
                "gunicorn, uWSGI, mod_wsgi, Werkzeug 2 or later",
                environ.get("SERVER_SOFTWARE", "unknown"),
            )
        path = quote(
            (environ.get("SCRIPT_NAME", "") + environ.get("PATH_INFO", "")).encode("latin-1"),
            "/:@!$&'()*+,;=~",
        )
        query = environ.get("QUERY_STRING", "")
        return (path or "/") + (f"?{query}" if query else "")


def _body(environ: WSGIEnvironment, limit: int) -> bytes | Response:
    """The exact body, or the refusal of one that is too large or was cut off."""
    stream = environ["wsgi.input"]
    text = environ.get("CONTENT_LENGTH") or ""
    if not text:
        # Without a length only a server that ends the stream itself can be read from (chunked).
        chunked = (
            environ.get("wsgi.input_terminated")
            and "chunked" in environ.get("HTTP_TRANSFER_ENCODING", "").lower()
        )
        if not chunked:
            return b""
        data = _read(stream, limit + 1)
        return data if len(data) <= limit else too_large(limit)
    if not text.isdigit():
        return refuse(400, "bad_length", "expected a number in Content-Length")
    length = int(text)
    if length > limit:
        return too_large(limit)
    data = _read(stream, length)
    return data if len(data) == length else refuse(400, "body_cut_off", "the body ended early")


def _read(stream: Any, size: int) -> bytes:
    parts: list[bytes] = []
    while size > 0:
        part = stream.read(size)
        if not part:
            break
        parts.append(part)
        size -= len(part)
    return b"".join(parts)


def _adding(start_response: StartResponse, added: Headers) -> StartResponse:
    def start(status: str, headers: list[tuple[str, str]], *rest: Any) -> Callable[[bytes], object]:
        return start_response(status, merged(headers, added), *rest)

    return start


def merged(headers: Iterable[tuple[str, str]], added: Headers) -> list[tuple[str, str]]:
    """The application's headers with those that routing adds; a word of Vary is not said twice."""
    found = list(headers)
    for name, value in added:
        said = ",".join(v for n, v in found if n.lower() == name.lower()).lower()
        words = {word.strip() for word in said.split(",")}
        if value.lower() not in words and "*" not in words:
            found.append((name, value))
    return found


def with_length(response: Response) -> list[tuple[str, str]]:
    """The headers of a response, with its length."""
    headers = list(response.headers)
    if response.status not in (204, 304) and not any(name.lower() == "content-length" for name, _ in headers):
        headers.append(("content-length", str(len(response.body))))
    return headers
