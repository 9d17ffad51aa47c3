"""The exchange: one unit of work that asks for help step by step and has an effect only when it is done.

``Exchange`` is the native handle. ``Driver`` plays it to its end: it answers ``load``, ``fetch`` and ``sign``
with what the host gave it. The sync and the async way share one function; the async one runs everything that
hashes, signs, parses or reads the database on another thread, and may be cancelled at any point.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import threading
from collections.abc import Awaitable, Callable, Iterator, Sequence
from ctypes import string_at
from typing import Any, Protocol

from . import _abi, steps
from ._handle import Handle
from ._lib import call, document, library, span
from .errors import Busy, Error, FetchFailed
from .own_thread import on_own_thread
from .steps import Done, Fetch, Fetched, Load, Sign, Step, Wanted


class Exchange(Handle):
    """One exchange. It serves one thread at a time; closing it early leaves no trace."""

    __slots__ = ()

    def __init__(self, pointer: int) -> None:
        super().__init__(pointer, library.fedigraft_exchange_free)

    def step(self) -> Step:
        """What is needed next. Asking again gives the same step."""
        text, body = _abi.Buf(), _abi.Buf()
        try:
            call(library.fedigraft_exchange_step, self._pointer, text, body)
            return steps.read(
                json.loads(string_at(text.data, text.len)),
                string_at(body.data, body.len) if body.len else b"",
            )
        finally:
            library.fedigraft_buf_free(text)
            library.fedigraft_buf_free(body)

    def answer_load(self, step: int, now: int, values: Sequence[Any]) -> None:
        """One value for each document that was asked for: ``{"value": …}``, ``None`` or ``{"error": …}``."""
        call(library.fedigraft_exchange_answer_load, self._pointer, step, now, *document(list(values)))

    def answer_fetch(self, step: int, now: int, answer: Fetched) -> None:
        """The answer to a request."""
        head = {
            "url": answer.url,
            "status": answer.status,
            "headers": answer.headers,
            "address": answer.address,
        }
        call(
            library.fedigraft_exchange_answer_fetch,
            self._pointer,
            step,
            now,
            *document(head),
            *span(answer.body),
        )

    def answer_sign(self, step: int, now: int, signature: bytes) -> None:
        """The signature over the bytes that were asked for."""
        call(library.fedigraft_exchange_answer_sign, self._pointer, step, now, *span(signature))

    def answer_failed(self, step: int, now: int, reason: str, retryable: bool) -> None:
        """Says that a step could not be done. ``reason`` is a word without user data."""
        call(
            library.fedigraft_exchange_answer_failed, self._pointer, step, now, *span(reason), int(retryable)
        )


class Helper(Protocol):
    """What a driver needs from the host."""

    def load(self, wanted: Sequence[Wanted], now: int) -> Sequence[Any]:
        """One answer for each: ``{"value": …}``, ``None`` or ``{"error": …, "retryable": …}``."""

    def sign(self, step: Sign, now: int) -> bytes:
        """The signature of a local actor."""


class Driver:
    """Plays exchanges to their end.

    Args:
        fetch: makes a request, or raises ``FetchFailed``.
        fetch_async: the same for ``run_async``; without it ``fetch`` runs on a thread of its own.
        clock: the time in seconds since the epoch.
        most_fetching: how many exchanges may be fetching at once; a further one raises ``Busy``. ``None``
            sets no limit.
    """

    def __init__(
        self,
        fetch: Callable[[Fetch], Fetched],
        fetch_async: Callable[[Fetch], Awaitable[Fetched]] | None,
        clock: Callable[[], float],
        most_fetching: int | None = None,
    ) -> None:
        self._fetch = fetch
        self._fetch_async = fetch_async or (lambda step: on_own_thread(lambda: fetch(step)))
        self._clock = clock
        self._gate = None if most_fetching is None else threading.BoundedSemaphore(most_fetching)

    def now(self) -> int:
        """The time in whole seconds since the epoch."""
        return int(self._clock())

    def run(self, exchange: Exchange, helper: Helper) -> Done:
        """Plays it on this thread. The exchange is closed at the end, whatever happens."""
        with exchange:
            answer: Fetched | FetchFailed | None = None
            step: Fetch | None = None
            while True:
                turn = self._advance(exchange, helper, step, answer)
                if isinstance(turn, Done):
                    return turn
                step = turn
                with self._admitted():
                    try:
                        answer = self._fetch(turn)
                    except FetchFailed as error:
                        answer = error

    async def run_async(self, exchange: Exchange, helper: Helper) -> Done:
        """Plays it without holding up the event loop. Cancelled, it has had no effect."""
        with exchange:
            answer: Fetched | FetchFailed | None = None
            step: Fetch | None = None
            while True:
                turn = await asyncio.to_thread(self._advance, exchange, helper, step, answer)
                if isinstance(turn, Done):
                    return turn
                step = turn
                with self._admitted():
                    try:
                        answer = await self._fetch_async(turn)
                    except FetchFailed as error:
                        answer = error

    @contextlib.contextmanager
    def _admitted(self) -> Iterator[None]:
        if self._gate is None:
            yield
            return
        if not self._gate.acquire(blocking=False):
            raise Busy("too many exchanges are fetching", reason="too_many_fetches", retryable=True)
        try:
            yield
        finally:
            self._gate.release()

    def _advance(
        self, exchange: Exchange, helper: Helper, asked: Fetch | None, answer: Fetched | FetchFailed | None
    ) -> Fetch | Done:
        """Answers the last fetch, then every load and signature, up to the next fetch or the end."""
        if asked is not None:
            if isinstance(answer, Fetched):
                exchange.answer_fetch(asked.number, self.now(), answer)
            else:
                failed = answer or FetchFailed("no answer", retryable=True)
                exchange.answer_failed(asked.number, self.now(), failed.reason, failed.retryable)
        while True:
            step = exchange.step()
            now = self.now()
            if isinstance(step, Load):
                exchange.answer_load(step.number, now, helper.load(step.wanted, now))
            elif isinstance(step, Sign):
                try:
                    signature = helper.sign(step, now)
                except Error as error:
                    exchange.answer_failed(step.number, now, error.reason, error.retryable)
                else:
                    exchange.answer_sign(step.number, now, signature)
            else:
                return step
