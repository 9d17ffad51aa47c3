"""Signatures of requests: sign what is about to be sent, verify what was received, explain a refusal.

draft-cavage-http-signatures-12 with ``Digest``, in the one form that every fediverse server accepts. The
three functions need nothing else of this package but a key and, to verify, an instance.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from ._lib import call_json, document, library, span
from .errors import InvalidArgument
from .keys import Key, PublicKey
from .request import Request
from .steps import Headers
from .verdict import Verdict

if TYPE_CHECKING:
    from .instance import Instance

ACTIVITY_JSON = "application/activity+json"


@dataclass(frozen=True, slots=True)
class Claim:
    """Which key a request says it is signed with. Nothing is verified yet."""

    scheme: str
    key_id: str


def sign(
    key: Key,
    key_id: str,
    method: str,
    url: str,
    *,
    body: bytes = b"",
    content_type: str = ACTIVITY_JSON,
    now: float | None = None,
) -> Headers:
    """Signs a request that is about to be sent.

    Sign each attempt afresh: some servers accept a signature for 60 seconds.

    Args:
        key: the private key of the sender.
        key_id: its public name, such as ``https://me.example/ap/users/1#main-key``.
        method: such as ``POST``.
        url: the absolute URL, in the form it is requested with.
        body: the exact bytes to send.
        content_type: the type of the body; not sent without one.
        now: seconds since the epoch; the clock's when absent.

    Returns:
        The headers to send, in order: ``Host``, ``Content-Type`` for a body, ``Date``, ``Digest`` for a body,
        ``Signature``.
    """
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname or "@" in parts.netloc:
        raise InvalidArgument("expected an absolute http or https URL", reason="bad_url", place="url")
    given = [("Host", parts.netloc)]
    if body:
        given.append(("Content-Type", content_type))
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    head = {"method": method, "target": target, "headers": given}
    added = call_json(
        library.fedigraft_request_sign,
        key._pointer,
        *span(key_id),
        _seconds(now),
        *document(head),
        *span(body),
    )
    return tuple(given) + tuple((name, value) for name, value in added)


def claim(request: Request) -> Claim:
    """The key a received request names, so that it can be fetched.

    Raises:
        Malformed: it has no signature, or one that cannot be read; ``reason`` is the verdict's code.
    """
    found = call_json(library.fedigraft_request_key_id, *document(request.head()))
    return Claim(found["scheme"], found["key_id"])


def verify(
    instance: Instance, request: Request, public_key: PublicKey, *, now: float | None = None
) -> Verdict:
    """Verifies a received request: coverage, host, time, digest, signature.

    That the key belongs to the actor of the activity is for the caller to prove; ``Instance.receive`` does
    all of it. A refusal is a verdict, not an exception.
    """
    return _judge(library.fedigraft_request_verify, instance, request, public_key, now)


def explain(
    instance: Instance, request: Request, public_key: PublicKey, *, now: float | None = None
) -> Verdict:
    """As ``verify``, with the evidence: every rule is tried, also after one has failed."""
    return _judge(library.fedigraft_request_explain, instance, request, public_key, now)


def _judge(
    function: Callable[..., int],
    instance: Instance,
    request: Request,
    public_key: PublicKey,
    now: float | None,
) -> Verdict:
    found = call_json(
        function,
        instance._pointer,
        public_key._pointer,
        _seconds(now),
        *document(request.head()),
        *span(request.body),
    )
    return Verdict.from_json(found)


def _seconds(now: float | None) -> int:
    return int(time.time() if now is None else now)
