"""Two hosts federate over real sockets: each activity, both ways, through the middleware and the worker."""

from __future__ import annotations

import dataclasses
import socket
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from village import Served, Village


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


@pytest.fixture
def villages(tmp_path: Path, address: Callable[[], str | None]) -> Iterator[Callable[..., Village]]:
    served: list[Served] = []

    def make(name: str, **options: object) -> Village:
        village = Village(tmp_path, name, free_port(), address(), **options)
        served.append(Served(village))
        return village

    yield make
    for one in served:
        one.close()


@pytest.fixture
def two(villages: Callable[..., Village]) -> tuple[Village, Village]:
    return villages("ann"), villages("bob")


def settle(*all_of: Village) -> None:
    """Runs every worker until nothing is due anywhere."""
    while sum(village.fed.drain() for village in all_of):
        pass


def befriend(ann: Village, bob: Village) -> None:
    """Bob follows Ann."""
    bob.fed.follow("1", ann.actor)
    settle(ann, bob)


def test_a_look_up_finds_a_person_by_handle_and_by_url(two):
    ann, bob = two
    found = bob.fed.look_up(ann.handle)
    assert found is not None
    assert found.profile is not None
    assert (found.uri, found.profile.username, found.profile.handle) == (ann.actor, "ann", ann.handle)
    again = bob.fed.look_up(ann.actor)
    assert again is not None
    assert again.uri == ann.actor
    assert bob.fed.look_up(f"@nobody@127.0.0.1:{ann.port}") is None
    mine = bob.fed.look_up(bob.handle)
    assert mine is not None
    assert mine.local == "1"


def test_a_follow_is_accepted_on_both_sides(two):
    ann, bob = two
    assert bob.fed.follow("1", ann.actor)["state"] == "pending"
    settle(ann, bob)
    assert ann.told() == ["followed"]
    assert bob.told() == ["follow_accepted"]
    assert bob.actor in ann.detail("followed")
    assert ann.rows("SELECT follower, followee, state FROM fedigraft_follows") == [
        (bob.actor, ann.actor, "accepted")
    ]


def test_a_locked_profile_is_asked_first(two):
    ann, bob = two
    with ann.connect() as db:
        db.execute("UPDATE people SET locked = 1")
    db.close()
    befriend(ann, bob)
    assert (ann.told(), bob.told()) == (["follow_requested"], [])
    ann.fed.accept("1", bob.actor)
    settle(ann, bob)
    assert bob.told() == ["follow_accepted"]
    ann.fed.reject("1", bob.actor)
    settle(ann, bob)
    assert bob.told() == ["follow_accepted", "follow_rejected"]
    assert ann.rows("SELECT * FROM fedigraft_follows") == []


def test_posts_edits_and_deletes_arrive(two):
    ann, bob = two
    befriend(ann, bob)
    post = ann.write("Hello <world> #fedi")
    settle(ann, bob)
    assert bob.told() == ["follow_accepted", "post_created"]
    assert "Hello &lt;world&gt;" in bob.detail("post_created")
    now = datetime.now(timezone.utc) + timedelta(seconds=2)
    with ann.connect() as db:
        db.execute("UPDATE posts SET text = 'Better', updated = ?", (now.isoformat(),))
        edited = ann.load_post(db, post.id)
        assert edited is not None
        ann.fed.update(edited, connection=db)
    db.close()
    settle(ann, bob)
    assert bob.told()[-1] == "post_updated"
    assert "Better" in bob.detail("post_updated")
    with ann.connect() as db:
        ann.fed.delete(edited, connection=db)
        db.execute("DELETE FROM posts")
    db.close()
    settle(ann, bob)
    assert bob.told()[-1] == "post_deleted"


def test_a_reply_a_like_and_a_share_come_back(two):
    ann, bob = two
    befriend(ann, bob)
    post = ann.write("What do you think?")
    settle(ann, bob)
    uri = ann.fed.instance.uri("post", post.id)
    bob.write("Good", reply_to=uri)
    bob.fed.like("1", uri)
    bob.fed.share("1", uri)
    settle(ann, bob)
    assert sorted(ann.told()) == ["followed", "liked", "post_created", "shared"]
    assert f"reply_to='{post.id}'" in ann.detail("post_created")
    assert "mentioned=('1',)" in ann.detail("post_created")
    bob.fed.unlike("1", uri)
    bob.fed.unshare("1", uri)
    bob.fed.unfollow("1", ann.actor)
    settle(ann, bob)
    assert sorted(ann.told()[4:]) == ["unfollowed", "unliked", "unshared"]


def test_a_remote_share_brings_the_post(villages):
    ann, bob, carl = villages("ann"), villages("bob"), villages("carl")
    befriend(bob, carl)
    post = ann.write("Worth sharing")
    settle(ann)
    bob.fed.share("1", ann.fed.instance.uri("post", post.id))
    settle(ann, bob, carl)
    assert carl.told() == ["follow_accepted", "shared"]
    assert "Worth sharing" in carl.detail("shared")


def test_profile_changes_and_the_end_of_a_profile(two):
    ann, bob = two
    befriend(ann, bob)
    with ann.connect() as db:
        profile = ann.load_profile(db, "1")
    db.close()
    assert profile is not None
    ann.fed.update_profile(dataclasses.replace(profile, display_name="Ann of the hill"))
    settle(ann, bob)
    assert bob.told()[-1] == "profile_updated"
    assert "Ann of the hill" in bob.detail("profile_updated")
    ann.fed.delete_profile(profile)
    settle(ann, bob)
    assert bob.told()[-1] == "profile_deleted"


def test_what_is_not_public_reaches_only_whom_it_names(villages):
    ann, bob, carl = villages("ann"), villages("bob"), villages("carl")
    befriend(ann, bob)
    befriend(ann, carl)
    ann.write("For you alone", visibility="direct", mention=carl.actor)
    settle(ann, bob, carl)
    assert carl.told() == ["follow_accepted", "post_created"]
    assert bob.told() == ["follow_accepted"]


def test_a_post_is_named_by_the_hosts_key_inside_its_transaction(two):
    from fedigraft import InvalidArgument

    ann, bob = two
    befriend(ann, bob)
    with ann.connect() as db:
        row = ann.insert(db, "By its key")
        assert ann.fed.publish(row["id"], connection=db)["federated"]
        with pytest.raises(InvalidArgument) as caught:
            ann.fed.publish(999, connection=db)
        assert caught.value.reason == "not_found"
    db.close()
    ann.fed.update_profile("1")
    settle(ann, bob)
    assert sorted(bob.told()) == ["follow_accepted", "post_created", "profile_updated"]


def test_one_handler_for_several_events(two):
    ann, bob = two
    seen: list[str] = []
    ann.fed.on("followed", "unfollowed")(lambda db, event: seen.append(event.type))
    befriend(ann, bob)
    bob.fed.unfollow("1", ann.actor)
    settle(ann, bob)
    assert seen == ["followed", "unfollowed"]


def test_a_rollback_leaves_no_trace(two):
    ann, bob = two
    befriend(ann, bob)
    db = ann.connect()
    ann.fed.publish(ann.as_post(ann.insert(db, "Never mind")), connection=db)
    assert ann.rows("SELECT * FROM fedigraft_jobs") == [], "nothing is committed for the host"
    db.rollback()
    db.close()
    settle(ann, bob)
    assert bob.told() == ["follow_accepted"]
    assert ann.rows("SELECT * FROM fedigraft_jobs") == []


def test_a_follow_needs_a_look_up_before_the_transaction(two):
    from fedigraft import Refused

    ann, bob = two
    with bob.connect() as db:
        with pytest.raises(Refused) as caught:
            bob.fed.follow("1", ann.actor, connection=db)
        assert caught.value.reason == "fetch_in_transaction"
    db.close()
    bob.fed.look_up(ann.handle)
    with bob.connect() as db:
        assert bob.fed.follow("1", ann.actor, connection=db)["state"] == "pending"
    db.close()
    settle(ann, bob)
    assert bob.told() == ["follow_accepted"]


def test_workers_on_threads_do_it_by_themselves(two):
    ann, bob = two
    with ann.fed.worker(poll=0.1), bob.fed.worker(poll=0.1):
        befriend_by_workers(ann, bob)


def befriend_by_workers(ann: Village, bob: Village) -> None:
    import time

    bob.fed.follow("1", ann.actor)
    for _ in range(100):
        if bob.told() == ["follow_accepted"]:
            break
        time.sleep(0.1)
    ann.write("By itself")
    for _ in range(100):
        if bob.told() == ["follow_accepted", "post_created"]:
            return
        time.sleep(0.1)
    raise AssertionError(bob.told())
