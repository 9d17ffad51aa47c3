"""ASGI middleware (version 3): federation in front of the application that is there.

The head decides. A request that is not fedigraft's goes to the application with its own ``receive``; not one
byte of its body is read. A client that goes away while its request is worked on cancels the exchange, which
then has had no effect.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, TypeAlias
from urllib.parse import quote

from .inbound import Inbound, too_large
from .request import Request
from .steps import Headers, Response
from .wsgi import merged, with_length

log = logging.getLogger("fedigraft")

Scope: TypeAlias = MutableMapping[str, Any]
Message: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[Message]]
Send: TypeAlias = Callable[[Message], Awaitable[None]]
App: TypeAlias = Callable[[Scope, Receive, Send], Awaitable[None]]


class _Disconnected(Exception):
    """The client went away."""


class ASGI:
    """The application with federation in front of it."""

    def __init__(self, app: App, inbound: Callable[[], Inbound]) -> None:
        self._app = app
        self._inbound = inbound
        self._warned = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        inbound = self._inbound()
        request = self._head(scope)
        route = inbound.route(request)
        if not route.ours:
            await self._app(scope, receive, _adding(send, route.headers) if route.headers else send)
            return
        try:
            body = await _body(request, receive, route.max_body)
            if isinstance(body, Response):
                response = body
            else:
                whole = Request(request.method, request.target, request.headers, body, request.client)
                response = await _while_connected(inbound.answer_async(whole), receive)
        except _Disconnected:
            return
        headers = [(n.lower().encode("latin-1"), v.encode("latin-1")) for n, v in with_length(response)]
        await send({"type": "http.response.start", "status": response.status, "headers": headers})
        shown = b"" if request.method == "HEAD" else response.body
        await send({"type": "http.response.body", "body": shown})

    def _head(self, scope: Scope) -> Request:
        raw = scope.get("raw_path")
        if raw:
            target = raw.decode("latin-1").partition("?")[0]
        else:
            if not self._warned:
                self._warned = True
                log.warning(
                    "this ASGI server does not pass raw_path; signatures of requests whose path has escaped "
                    "characters will be refused. Use a server that does: uvicorn, hypercorn, daphne"
                )
            target = quote(scope["path"], "/:@!$&'()*+,;=~")
        query = scope.get("query_string", b"").decode("latin-1")
        client = scope.get("client")
        return Request(
            method=scope["method"],
            target=(target or "/") + (f"?{query}" if query else ""),
            headers=tuple((n.decode("latin-1"), v.decode("latin-1")) for n, v in scope["headers"]),
            client=client[0] if client else None,
        )


async def _body(request: Request, receive: Receive, limit: int) -> bytes | Response:
    """The exact body, or the refusal of one that is too large."""
    length = next((value for name, value in request.headers if name.lower() == "content-length"), "")
    if length.isdigit() and int(length) > limit:
        return too_large(limit)
    parts: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise _Disconnected
        part = message.get("body", b"")
        size += len(part)
        if size > limit:
            return too_large(limit)
        parts.append(part)
        if not message.get("more_body", False):
            return b"".join(parts)


async def _while_connected(work: Awaitable[Response], receive: Receive) -> Response:
    """Does the work, and cancels it when the client goes away first."""
    working = asyncio.ensure_future(work)
    leaving = asyncio.ensure_future(_left(receive))
    try:
        await asyncio.wait((working, leaving), return_when=asyncio.FIRST_COMPLETED)
        if not working.done():
            raise _Disconnected
        return working.result()
    finally:
        for task in (working, leaving):
            task.cancel()
        await asyncio.gather(working, leaving, return_exceptions=True)


async def _left(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def _adding(send: Send, added: Headers) -> Send:
    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            given = [(n.decode("latin-1"), v.decode("latin-1")) for n, v in message.get("headers", ())]
            headers = [(n.encode("latin-1"), v.encode("latin-1")) for n, v in merged(given, added)]
            message = {**message, "headers": headers}
        await send(message)

    return sending
