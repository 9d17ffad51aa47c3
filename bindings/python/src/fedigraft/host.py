"""The host's side of an exchange: its loads and event handlers, and the helpers that a driver asks.

A host function gets the open connection first. It may return the dataclasses of the native model or plain
dictionaries of the same shape.
"""

from __future__ import annotations

import inspect
import logging
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

from . import keyring, store
from .database import Database, Session
from .document import Document
from .errors import Error, Failed, InvalidArgument
from .events import CLASSES, Event
from .model import Posts
from .steps import Sign, Wanted

log = logging.getLogger("fedigraft")

Function: TypeAlias = Callable[..., Any]

#: What the host answers; ``blocked`` may be left out.
HOST_NAMES = ("blocked", "post", "posts", "profile")


class Host:
    """What the host registered: one function for each load, any number for each event."""

    def __init__(self) -> None:
        self.loads: dict[str, Function] = {}
        self.handlers: dict[type[Event], list[Function]] = {}

    def names(self) -> list[str]:
        """The load names that are answered, for the instance."""
        return sorted({*self.loads, "blocked", *store.NAMES})

    def answer(self, name: str, function: Function) -> None:
        """Registers the function that answers a load."""
        _require_sync(function)
        self.loads[name] = function

    def handle(self, event: type[Event], function: Function) -> None:
        """Registers a handler of an event."""
        _require_sync(function)
        self.handlers.setdefault(event, []).append(function)

    def load(self, session: Session, wanted: Wanted, now: int) -> dict[str, Any] | None:
        """The answer to one document: ``{"value": …}``, or ``None`` when it is known not to exist."""
        if wanted.name not in HOST_NAMES:
            value = store.load(session, wanted, now)
        elif wanted.name == "blocked":
            ask = self.loads.get("blocked")
            value = True if ask is not None and ask(session.connection, wanted.key) else None
        elif wanted.name == "posts":
            value = self.loads["posts"](session.connection, wanted.key, wanted.cursor)
        else:
            value = self.loads[wanted.name](session.connection, wanted.key)
        if isinstance(value, (Document, Posts)):
            value = value.to_json()
        if value is not None and wanted.name in HOST_NAMES and not isinstance(value, (Mapping, bool)):
            raise InvalidArgument(
                f"the function for `{wanted.name}` gave a {type(value).__name__}; expected a value of the "
                "native model, a dictionary or None",
                reason="bad_load",
                place=wanted.name,
            )
        return None if value is None else {"value": value}


class Joined:
    """Helps an exchange through one open session; what goes wrong is raised."""

    def __init__(self, host: Host, session: Session) -> None:
        self._host = host
        self._session = session

    def load(self, wanted: Sequence[Wanted], now: int) -> list[Any]:
        """Answers all documents of a step."""
        return [self._host.load(self._session, one, now) for one in wanted]

    def sign(self, step: Sign, now: int) -> bytes:
        """Signs with the key of a local actor."""
        return keyring.sign(self._session, step.actor, step.data, now)


class Alone:
    """Helps an exchange through connections of its own, one for each step; what goes wrong is raised."""

    def __init__(self, host: Host, database: Database) -> None:
        self._host = host
        self._database = database

    def load(self, wanted: Sequence[Wanted], now: int) -> list[Any]:
        """Answers all documents of a step."""
        with self._database.session() as session:
            return Joined(self._host, session).load(wanted, now)

    def sign(self, step: Sign, now: int) -> bytes:
        """Signs with the key of a local actor."""
        with self._database.session() as session:
            return Joined(self._host, session).sign(step, now)


class Guarded:
    """As ``Alone``, for requests from elsewhere: what goes wrong is logged and answered as an error.

    The core then answers 503, and the sender tries again.
    """

    def __init__(self, host: Host, database: Database) -> None:
        self._alone = Alone(host, database)

    def load(self, wanted: Sequence[Wanted], now: int) -> list[Any]:
        """Answers all documents of a step."""
        try:
            return self._alone.load(wanted, now)
        except Exception as error:
            log.exception("loading %s failed", ", ".join(one.name for one in wanted))
            return [{"error": type(error).__name__, "retryable": True}] * len(wanted)

    def sign(self, step: Sign, now: int) -> bytes:
        """Signs with the key of a local actor."""
        try:
            return self._alone.sign(step, now)
        except Error:
            raise
        except Exception as error:
            log.exception("signing failed")
            raise Failed("the key could not be read", reason="sign_failed", retryable=True) from error


def event_class(event: type[Event] | str) -> type[Event]:
    """The class of an event, by itself or by its name."""
    kind = CLASSES.get(event) if isinstance(event, str) else event
    if kind is None:
        raise InvalidArgument(
            f"there is no event of this name; expected one of {', '.join(CLASSES)}", reason="unknown_event"
        )
    return kind


def _require_sync(function: Function) -> None:
    if inspect.iscoroutinefunction(function):
        raise InvalidArgument(
            "expected a plain function: it runs inside a transaction on a thread of its own, also under ASGI",
            reason="async_function",
        )
