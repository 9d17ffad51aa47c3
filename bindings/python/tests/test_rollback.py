"""What the host rolls back takes all of fedigraft's with it; on SQLite and on PostgreSQL."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from typing import Any

import pytest

from fedigraft import Key, Request, commit, keyring, sign
from fedigraft.host import Alone

from test_federation import befriend, settle, two, villages
from village import Village

__all__ = ["two", "villages"]

TABLES = ("documents", "actors", "follows", "once", "jobs", "deliveries")


def kept(village: Village) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of the store but the keys, which are made at first use whatever becomes of it."""
    return {table: sorted(village.rows(f"SELECT * FROM fedigraft_{table}")) for table in TABLES}


@contextlib.contextmanager
def rolled_back(village: Village) -> Iterator[Any]:
    """A transaction of the host that comes to nothing."""
    db = village.connect()
    try:
        yield db
        db.rollback()
    finally:
        db.close()


def follow_by(follower: Village, followed: Village) -> Request:
    """A signed Follow, as the follower's server sends it."""
    body = json.dumps({
        "@context": "https://www.w3.org/ns/activitystreams", "id": f"{follower.origin}/ap/activities/f1",
        "type": "Follow", "actor": follower.actor, "object": followed.actor,
    }).encode()  # fmt: skip
    with follower.fed.database.session() as session:
        keyring.public(session, follower.actor, 0)
        row = session.row("SELECT private_pem FROM fedigraft_keys WHERE actor = ?", (follower.actor,))
    assert row is not None
    inbox = f"{followed.origin}/ap/inbox"
    with Key.from_pem(row[0]) as key:
        headers = sign(key, f"{follower.actor}#main-key", "POST", inbox, body=body)
    return Request("POST", "/ap/inbox", headers, body)


def test_after_done_no_follower_and_no_accept(two):
    """The host applies a ``done`` inside a transaction of its own, then thinks better of it."""
    ann, bob = two
    request = follow_by(bob, ann)
    ann.fed.look_up(bob.handle)
    before = kept(ann)
    driver = ann.fed._driver
    exchange = ann.fed.instance.receive(driver.now(), request)
    done = driver.run(exchange, Alone(ann.fed._host, ann.fed.database))
    assert [event["type"] for event in done.events] == ["followed"]
    assert len(done.deliveries) == 1, "the Accept"
    with rolled_back(ann) as db:
        session = ann.fed.database.join(db)
        assert commit.apply(session, done, ann.fed._host.handlers, driver.now())
        assert session.row("SELECT COUNT(*) FROM fedigraft_follows") == (1,)
        assert session.row("SELECT COUNT(*) FROM fedigraft_deliveries") == (1,)
    assert kept(ann) == before
    assert before["follows"] == before["deliveries"] == []
    assert ann.told() == []
    # Nothing remembers it: the same Follow, sent again, counts.
    assert ann.fed.inbound.answer(request).status == 202
    settle(ann)
    assert ann.told() == ["followed"]
    assert ann.rows("SELECT state FROM fedigraft_follows") == [("accepted",)]


def test_a_handler_that_raises_takes_the_follower_and_the_accept_with_it(two, caplog):
    ann, bob = two
    request = follow_by(bob, ann)
    ann.fed.look_up(bob.handle)
    before = kept(ann)
    ann.fail = "followed"
    assert ann.fed.inbound.answer(request).status == 503
    assert "the handler fails" in caplog.text
    assert kept(ann) == before
    ann.fail = None
    assert ann.fed.inbound.answer(request).status == 202
    assert ann.told() == ["followed"]


def test_an_accept_that_is_rolled_back_leaves_the_follow_pending(two):
    ann, bob = two
    with ann.connect() as db:
        db.execute("UPDATE people SET locked = 1")
    db.close()
    befriend(ann, bob)
    before = kept(ann)
    with rolled_back(ann) as db:
        ann.fed.accept("1", bob.actor, connection=db)
        assert ann.fed.database.join(db).row("SELECT state FROM fedigraft_follows") == ("accepted",)
    assert kept(ann) == before
    settle(ann, bob)
    assert ann.rows("SELECT state FROM fedigraft_follows") == [("pending",)]
    assert bob.told() == []


def test_a_publish_that_is_rolled_back_reaches_nobody(two):
    ann, bob = two
    befriend(ann, bob)
    before = kept(ann)
    with rolled_back(ann) as db:
        post = ann.as_post(ann.insert(db, "Never mind"))
        assert ann.fed.publish(post, connection=db)["federated"]
        assert ann.fed.database.join(db).row("SELECT COUNT(*) FROM fedigraft_jobs") == (1,)
    assert kept(ann) == before
    assert ann.rows("SELECT * FROM posts") == []
    settle(ann, bob)
    assert bob.told() == ["follow_accepted"]


@pytest.mark.parametrize("action", ["update", "delete"])
def test_an_edit_or_a_delete_that_is_rolled_back_reaches_nobody(two, action):
    ann, bob = two
    befriend(ann, bob)
    post = ann.write("To stay")
    settle(ann, bob)
    before = kept(ann)
    with rolled_back(ann) as db:
        getattr(ann.fed, action)(post, connection=db)
    assert kept(ann) == before
    settle(ann, bob)
    assert bob.told() == ["follow_accepted", "post_created"]
