"""Following, liking, boosting. The same functions serve people from here and from elsewhere.

Each changes something at most once: called again it does nothing and sends no signal. All take `db`, the
connection of the open transaction.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass

from chirp import clock, events, people
from chirp.db import Connection
from chirp.people import Person
from chirp.posts import Post


@dataclass(frozen=True, slots=True)
class Relation:
    """How a viewer and a person stand: each is None, "pending" or "accepted"."""

    following: str | None = None
    followed_by: str | None = None


@dataclass(frozen=True, slots=True)
class Tally:
    """What a post has gathered, and what the viewer did with it."""

    replies: int = 0
    likes: int = 0
    boosts: int = 0
    liked: bool = False
    boosted: bool = False


def follow(db: Connection, follower: Person, followee: Person) -> str:
    """Follow, or ask to; sends followed. Returns the state, "pending" or "accepted".

    It waits for an answer when the followee is locked or lives elsewhere.
    """
    state = "accepted" if followee.local and not followee.locked else "pending"
    added = db.execute(
        "INSERT OR IGNORE INTO follows VALUES (?, ?, ?, ?)",
        (follower.id, followee.id, state, clock.stamp()),
    )
    if not added.rowcount:
        return state_of(db, follower, followee) or state
    events.announce(events.followed, db=db, follower=follower, followee=followee, state=state)
    return state


def unfollow(db: Connection, follower: Person, followee: Person) -> None:
    """Follow no longer, or take the request back; sends unfollowed."""
    if _remove(db, follower, followee):
        events.announce(events.unfollowed, db=db, follower=follower, followee=followee)


def answer_follow(db: Connection, follower: Person, followee: Person, *, accepted: bool) -> None:
    """Answer a request to follow; sends follow_answered. Refusing also ends a follow that was accepted."""
    if accepted:
        changed = db.execute(
            """UPDATE follows SET state = 'accepted'
               WHERE follower_id = ? AND followee_id = ? AND state = 'pending'""",
            (follower.id, followee.id),
        ).rowcount
    else:
        changed = _remove(db, follower, followee)
    if changed:
        events.announce(
            events.follow_answered, db=db, follower=follower, followee=followee, accepted=accepted
        )


def like(db: Connection, person: Person, post: Post) -> None:
    """Like a post; sends liked."""
    if db.execute(
        "INSERT OR IGNORE INTO likes VALUES (?, ?, ?)", (person.id, post.id, clock.stamp())
    ).rowcount:
        events.announce(events.liked, db=db, person=person, post=post)


def unlike(db: Connection, person: Person, post: Post) -> None:
    """Take a like back; sends unliked."""
    if db.execute("DELETE FROM likes WHERE person_id = ? AND post_id = ?", (person.id, post.id)).rowcount:
        events.announce(events.unliked, db=db, person=person, post=post)


def boost(db: Connection, person: Person, post: Post) -> None:
    """Pass a public or unlisted post on; sends boosted."""
    if not post.can_be_boosted:
        raise ValueError("only public and unlisted posts can be boosted")
    added = db.execute("INSERT OR IGNORE INTO boosts VALUES (?, ?, ?)", (person.id, post.id, clock.stamp()))
    if added.rowcount:
        events.announce(events.boosted, db=db, person=person, post=post)


def unboost(db: Connection, person: Person, post: Post) -> None:
    """Take a boost back; sends unboosted."""
    if db.execute("DELETE FROM boosts WHERE person_id = ? AND post_id = ?", (person.id, post.id)).rowcount:
        events.announce(events.unboosted, db=db, person=person, post=post)


def state_of(db: Connection, follower: Person, followee: Person) -> str | None:
    """None, "pending" or "accepted"."""
    row = db.execute(
        "SELECT state FROM follows WHERE follower_id = ? AND followee_id = ?", (follower.id, followee.id)
    ).fetchone()
    return None if row is None else str(row["state"])


def relation(db: Connection, viewer: Person | None, person: Person) -> Relation:
    """How `viewer` and `person` stand to each other."""
    if viewer is None:
        return Relation()
    return Relation(state_of(db, viewer, person), state_of(db, person, viewer))


def followers(db: Connection, person: Person) -> list[Person]:
    """Who follows `person`, the newest 500."""
    return _people(db, "follower_id", "followee_id", person, "accepted")


def following(db: Connection, person: Person) -> list[Person]:
    """Whom `person` follows, the newest 500."""
    return _people(db, "followee_id", "follower_id", person, "accepted")


def requests(db: Connection, person: Person) -> list[Person]:
    """Who waits to follow `person`, the newest 500."""
    return _people(db, "follower_id", "followee_id", person, "pending")


def counts(db: Connection, person: Person) -> tuple[int, int, int]:
    """How many posts anyone may see, followers, and people followed."""
    row = db.execute(
        """SELECT (SELECT count(*) FROM posts WHERE author_id = :id AND visibility IN ('public', 'unlisted')),
                  (SELECT count(*) FROM follows WHERE followee_id = :id AND state = 'accepted'),
                  (SELECT count(*) FROM follows WHERE follower_id = :id AND state = 'accepted')""",
        {"id": person.id},
    ).fetchone()
    return int(row[0]), int(row[1]), int(row[2])


def likers(db: Connection, post: Post, limit: int = 30) -> list[Person]:
    """Who likes the post, newest first."""
    return _reacted(db, "likes", post, limit)


def boosters(db: Connection, post: Post, limit: int = 30) -> list[Person]:
    """Who boosted the post, newest first."""
    return _reacted(db, "boosts", post, limit)


def tallies(db: Connection, viewer: Person | None, post_ids: Iterable[int]) -> dict[int, Tally]:
    """The tally of many posts at once. Replies count only when anyone may see them."""
    rows = db.execute(
        """SELECT value AS id,
             (SELECT count(*) FROM posts WHERE reply_to_id = value AND visibility IN ('public', 'unlisted')) AS replies,
             (SELECT count(*) FROM likes WHERE post_id = value) AS likes,
             (SELECT count(*) FROM boosts WHERE post_id = value) AS boosts,
             EXISTS (SELECT 1 FROM likes WHERE post_id = value AND person_id = :viewer) AS liked,
             EXISTS (SELECT 1 FROM boosts WHERE post_id = value AND person_id = :viewer) AS boosted
           FROM json_each(:ids)""",
        {"ids": json.dumps(list(post_ids)), "viewer": viewer and viewer.id},
    )
    return {
        row["id"]: Tally(
            row["replies"], row["likes"], row["boosts"], bool(row["liked"]), bool(row["boosted"])
        )
        for row in rows
    }


def _remove(db: Connection, follower: Person, followee: Person) -> int:
    return db.execute(
        "DELETE FROM follows WHERE follower_id = ? AND followee_id = ?", (follower.id, followee.id)
    ).rowcount


def _people(db: Connection, wanted: str, given: str, person: Person, state: str) -> list[Person]:
    rows = db.execute(
        f"""SELECT people.* FROM follows JOIN people ON people.id = {wanted}
            WHERE {given} = ? AND state = ? ORDER BY follows.created DESC, people.id DESC LIMIT 500""",  # noqa: S608
        (person.id, state),
    )
    return [people.from_row(row) for row in rows]


def _reacted(db: Connection, table: str, post: Post, limit: int) -> list[Person]:
    rows = db.execute(
        f"""SELECT people.* FROM {table} AS r JOIN people ON people.id = r.person_id
            WHERE r.post_id = ? ORDER BY r.created DESC, people.id DESC LIMIT ?""",  # noqa: S608
        (post.id, limit),
    )
    return [people.from_row(row) for row in rows]
