"""What the tests of the store say: entries, follows, jobs."""

from __future__ import annotations

from fedigraft import leases, store
from fedigraft.database import Database
from fedigraft.steps import Wanted

NOW = 1_790_000_000


def entry(op: str, name: str, key: str, value=None, **rest):
    return {"op": op, "name": name, "key": key, "value": value, **rest}


def put(database: Database, *entries, now: int = NOW) -> None:
    with database.transaction() as session:
        store.apply(session, entries, now)


def get(database: Database, name: str, key: str, cursor: str | None = None, now: int = NOW):
    with database.session() as session:
        return store.load(session, Wanted(name, key, cursor), now)


def actor(uri: str, *, inbox: str, shared: str | None = None, handle: str | None = None):
    value = {"v": 1, "id": uri, "inbox": inbox, "shared_inbox": shared, "handle": handle}
    return entry("put", "remote_actor", uri, value)


def follow(follower: str, followee: str, state: str = "accepted"):
    value = {"v": 1, "state": state, "activity": "x", "at": 1}
    return entry("put", "follow", f"{follower} {followee}", value)


def job(number: int, not_before: int = 0):
    return {"v": 1, "id": str(number), "kind": "test", "not_before": not_before}


def claim(database: Database, now: int):
    with database.transaction() as session:
        return leases.claim(session, "jobs", now)
