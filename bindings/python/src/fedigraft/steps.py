"""The steps of an exchange: what it needs next, and at the end what it came to.

Plain values, read from the JSON of ``fedigraft_exchange_step``. ``Load``, ``Fetch`` and ``Sign`` ask for
help; ``Done`` alone has effects.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import Any, TypeAlias

Headers: TypeAlias = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Wanted:
    """One document that is asked for: a name of the load table, its key, and where to go on in a list."""

    name: str
    key: str
    cursor: str | None = None


@dataclass(frozen=True, slots=True)
class Load:
    """Documents are needed. The answer has one value for each, in order."""

    number: int
    wanted: tuple[Wanted, ...]


@dataclass(frozen=True, slots=True)
class Fetch:
    """A request is to be made. It is complete and signed: the headers are sent exactly as given.

    ``timeout`` is the total time in seconds, ``max_body`` the most bytes of the decoded answer,
    ``allow_local`` permits plain HTTP and loopback addresses (development policy).
    """

    number: int
    method: str
    url: str
    headers: Headers
    body: bytes
    max_body: int
    timeout: float
    allow_local: bool = False


@dataclass(frozen=True, slots=True)
class Sign:
    """Bytes are to be signed with the key of a local actor."""

    number: int
    actor: str
    key_id: str
    algorithm: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Response:
    """The answer to send to the peer. Header values are bytes as latin-1 text."""

    status: int
    headers: Headers
    body: bytes


@dataclass(frozen=True, slots=True)
class Done:
    """The end: everything here is written in one transaction, then the response leaves.

    ``document`` is the whole step as JSON, with members that this version does not know.
    """

    number: int
    response: Response | None
    events: tuple[dict[str, Any], ...]
    store: tuple[dict[str, Any], ...]
    jobs: tuple[dict[str, Any], ...]
    deliveries: tuple[dict[str, Any], ...]
    once: tuple[str, ...]
    result: Any
    verdict: dict[str, Any] | None
    document: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Fetched:
    """The answer to a fetch. ``url`` is the one that was asked, ``address`` the peer connected to."""

    url: str
    status: int
    headers: Headers
    body: bytes
    address: str


Step: TypeAlias = Load | Fetch | Sign | Done


def read(document: dict[str, Any], body: bytes) -> Step:
    """Reads one step from its JSON and the raw body beside it."""
    number = int(document["step"])
    if "load" in document:
        wanted = (Wanted(w["name"], w["key"], w.get("cursor")) for w in document["load"])
        return Load(number, tuple(wanted))
    if "fetch" in document:
        ask = document["fetch"]
        return Fetch(
            number=number,
            method=ask["method"],
            url=ask["url"],
            headers=_headers(ask["headers"]),
            body=body,
            max_body=int(ask["max_body"]),
            timeout=float(ask["timeout"]),
            allow_local=bool(ask.get("allow_local", False)),
        )
    if "sign" in document:
        ask = document["sign"]
        data = base64.b64decode(ask["bytes"], validate=True)
        return Sign(number, ask["actor"], ask["key_id"], ask["algorithm"], data)
    done = document["done"]
    answer = done.get("response")
    return Done(
        number=number,
        response=Response(answer["status"], _headers(answer["headers"]), body) if answer else None,
        events=tuple(done.get("events") or ()),
        store=tuple(done.get("store") or ()),
        jobs=tuple(done.get("jobs") or ()),
        deliveries=tuple(done.get("deliveries") or ()),
        once=tuple(done.get("once") or ()),
        result=done.get("result"),
        verdict=done.get("verdict"),
        document=done,
    )


def _headers(lines: list[list[str]]) -> Headers:
    return tuple((name, value) for name, value in lines)
