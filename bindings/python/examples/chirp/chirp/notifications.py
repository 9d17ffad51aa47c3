"""Notifications: written by subscribers of chirp's own signals, read by the notifications page.

Kinds: follow, request (to follow), accepted (a request of ours), mention, reply, like, boost. Only own people
are told, never about themselves, and never about a post they may not see.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flask import Flask

from chirp import clock, events, people, posts
from chirp.db import Connection
from chirp.people import Person
from chirp.posts import Post


@dataclass(frozen=True, slots=True)
class Notification:
    """One line of the page: `actor` did `kind`, perhaps with `post`."""

    id: int
    kind: str
    actor: Person
    post: Post | None
    created: datetime
    seen: bool


def unseen(db: Connection, person: Person) -> int:
    """How many are new."""
    row = db.execute(
        "SELECT count(*) FROM notifications WHERE person_id = ? AND seen = 0", (person.id,)
    ).fetchone()
    return int(row[0])


def page(db: Connection, person: Person, *, before: int | None = None, limit: int = 30) -> list[Notification]:
    """The person's notifications, newest first, only about posts they may (still) see."""
    rows = db.execute(
        f"""SELECT n.* FROM notifications AS n LEFT JOIN posts AS p ON p.id = n.post_id
            WHERE n.person_id = :viewer AND n.id < :before AND (n.post_id IS NULL OR {posts.VISIBLE})
            ORDER BY n.id DESC LIMIT :limit""",  # noqa: S608
        {"viewer": person.id, "before": before or 1 << 62, "limit": limit},
    ).fetchall()
    actors = people.load(db, [row["actor_id"] for row in rows])
    about = {post.id: post for post in posts.load(db, [row["post_id"] for row in rows if row["post_id"]])}
    return [
        Notification(
            row["id"],
            row["kind"],
            actors[row["actor_id"]],
            about.get(row["post_id"]),
            clock.read(row["created"]),
            bool(row["seen"]),
        )
        for row in rows
    ]


def mark_seen(db: Connection, person: Person) -> None:
    """Nothing is new any more."""
    db.execute("UPDATE notifications SET seen = 1 WHERE person_id = ? AND seen = 0", (person.id,))


def _tell(db: Connection, person: Person, kind: str, actor: Person, post: Post | None = None) -> None:
    if not person.local or person.id == actor.id or (post and not posts.visible(db, person, post.id)):
        return
    db.execute(
        "INSERT OR IGNORE INTO notifications (person_id, kind, actor_id, post_id, created) VALUES (?, ?, ?, ?, ?)",
        (person.id, kind, actor.id, post and post.id, clock.stamp()),
    )


def _take_back(db: Connection, person: Person, kind: str, actor: Person, post: Post | None = None) -> None:
    db.execute(
        "DELETE FROM notifications WHERE person_id = ? AND kind = ? AND actor_id = ? AND post_id IS ?",
        (person.id, kind, actor.id, post and post.id),
    )


@events.post_published.connect
def _published(_app: Flask, db: Connection, post: Post) -> None:
    parent = posts.get(db, post.reply_to_id) if post.reply_to_id else None
    if parent:
        _tell(db, parent.author, "reply", post.author, post)
    for person in post.mentions:
        if parent is None or person.id != parent.author.id:
            _tell(db, person, "mention", post.author, post)


@events.post_edited.connect
def _edited(_app: Flask, db: Connection, post: Post) -> None:
    told = {row[0] for row in db.execute("SELECT person_id FROM notifications WHERE post_id = ?", (post.id,))}
    for person in post.mentions:
        if person.id not in told:
            _tell(db, person, "mention", post.author, post)


@events.followed.connect
def _followed(_app: Flask, db: Connection, follower: Person, followee: Person, state: str) -> None:
    _tell(db, followee, "follow" if state == "accepted" else "request", follower)


@events.unfollowed.connect
def _unfollowed(_app: Flask, db: Connection, follower: Person, followee: Person) -> None:
    _take_back(db, followee, "follow", follower)
    _take_back(db, followee, "request", follower)


@events.follow_answered.connect
def _answered(_app: Flask, db: Connection, follower: Person, followee: Person, accepted: bool) -> None:
    _take_back(db, followee, "request", follower)
    if accepted:
        _tell(db, followee, "follow", follower)
        _tell(db, follower, "accepted", followee)


@events.liked.connect
def _liked(_app: Flask, db: Connection, person: Person, post: Post) -> None:
    _tell(db, post.author, "like", person, post)


@events.unliked.connect
def _unliked(_app: Flask, db: Connection, person: Person, post: Post) -> None:
    _take_back(db, post.author, "like", person, post)


@events.boosted.connect
def _boosted(_app: Flask, db: Connection, person: Person, post: Post) -> None:
    _tell(db, post.author, "boost", person, post)


@events.unboosted.connect
def _unboosted(_app: Flask, db: Connection, person: Person, post: Post) -> None:
    _take_back(db, post.author, "boost", person, post)
