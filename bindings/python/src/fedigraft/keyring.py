"""Key pairs of local actors: made on first use, kept in the store, used to sign.

The row in the database is read at every use and is what counts; the parsed form of a PEM is remembered, so
that a fan-out parses it once.
"""

from __future__ import annotations

import functools
from typing import Any

from .database import Session
from .errors import Internal
from .keys import Key


def public(session: Session, actor: str, now: int) -> dict[str, Any]:
    """The public half for the ``key`` load."""
    return {
        "key_id": f"{actor}#main-key",
        "algorithm": "rsa",
        "public_key_pem": _parsed(_pem(session, actor, now)).public_pem(),
    }


def sign(session: Session, actor: str, data: bytes, now: int) -> bytes:
    """Signs with the key of a local actor."""
    return _parsed(_pem(session, actor, now)).sign(data)


def _pem(session: Session, actor: str, now: int) -> str:
    """The private PEM; a new one when the actor has none. The first of two writers wins."""
    find = "SELECT private_pem FROM fedigraft_keys WHERE actor = ?"
    row = session.row(find, (actor,))
    if row is None:
        with Key.generate() as key:
            session.execute(
                "INSERT INTO fedigraft_keys (actor, private_pem, created_at) VALUES (?, ?, ?) "
                "ON CONFLICT (actor) DO NOTHING",
                (actor, key.to_pem(), now),
            )
        row = session.row(find, (actor,))
    if row is None:
        raise Internal("a key pair that was just written is not there", reason="key_missing")
    return str(row[0])


@functools.lru_cache(maxsize=64)
def _parsed(pem: str) -> Key:
    return Key.from_pem(pem)
