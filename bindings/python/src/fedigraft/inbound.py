"""Requests from elsewhere: received, committed, answered. What WSGI and ASGI share.

The response leaves only after the commit. Whatever fails on this side, the database above all, is answered
with 503 and ``Retry-After``, so that the sender comes again and nothing is lost.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Callable

from . import commit
from .database import Database
from .errors import Busy, Error
from .exchange import Driver
from .host import Guarded, Host
from .instance import Instance, Route
from .request import Request
from .steps import Done, Response

log = logging.getLogger("fedigraft")

_RETRY_SECONDS = 30


class Inbound:
    """Answers requests of the network."""

    def __init__(
        self, instance: Instance, driver: Driver, host: Host, database: Database, wake: Callable[[], None]
    ) -> None:
        self._instance = instance
        self._driver = driver
        self._host = host
        self._database = database
        self._wake = wake

    def route(self, request: Request) -> Route:
        """Whether a request is ours, from its head alone. One that cannot be read is the host's."""
        try:
            return self._instance.route(request)
        except Error:
            return Route(ours=False)

    def answer(self, request: Request) -> Response:
        """Receives, commits and answers; raises nothing."""
        try:
            exchange = self._instance.receive(self._driver.now(), request)
            done = self._driver.run(exchange, Guarded(self._host, self._database))
            return self._commit(done)
        except Exception as error:
            return _unavailable(error)

    async def answer_async(self, request: Request) -> Response:
        """As ``answer``, without holding up the event loop; cancelled, it is done whole or not at all."""
        try:
            exchange = await asyncio.to_thread(self._instance.receive, self._driver.now(), request)
            done = await self._driver.run_async(exchange, Guarded(self._host, self._database))
            if commit.has_effects(done):
                return await asyncio.to_thread(self._commit, done)
            return self._commit(done)
        except Exception as error:
            return _unavailable(error)

    def _commit(self, done: Done) -> Response:
        if commit.has_effects(done):
            with self._database.transaction() as session:
                commit.apply(session, done, self._host.handlers, self._driver.now())
            self._wake()
        return done.response or refuse(500, "no_response", "the request has no answer")


def refuse(status: int, code: str, message: str, *, retry_after: int | None = None) -> Response:
    """An answer of this side, in the form of a verdict's public part."""
    body = json.dumps({"error": code, "message": message}).encode()
    headers = [("content-type", "application/json"), ("content-length", str(len(body)))]
    if retry_after is not None:
        headers.append(("retry-after", str(retry_after)))
    return Response(status, tuple(headers), body)


def too_large(limit: int) -> Response:
    """The body is over the limit; it was not read."""
    return refuse(413, "body_too_large", f"expected at most {limit} bytes")


def _unavailable(error: Exception) -> Response:
    if isinstance(error, Busy):
        return refuse(503, error.reason, "try again in a moment", retry_after=_RETRY_SECONDS)
    log.error("a request from elsewhere could not be handled", exc_info=error)
    return refuse(503, "unavailable", "try again later", retry_after=_RETRY_SECONDS)
