"""Timelines: which posts stand on which page, in which order, and how to go on to older ones."""

from __future__ import annotations

from dataclasses import dataclass

from chirp import people, posts, social
from chirp.db import Connection
from chirp.people import Person
from chirp.posts import VISIBLE, Post
from chirp.social import Tally

PAGE = 20
_TOP = "p.reply_to_id IS NULL AND p.reply_to_uri IS NULL"


@dataclass(frozen=True, slots=True)
class Entry:
    """A post as it stands in a list: what it gathered, who boosted it there, whom it answers."""

    post: Post
    tally: Tally
    booster: Person | None = None
    answers: Person | None = None
    depth: int = 0


@dataclass(frozen=True, slots=True)
class Timeline:
    """One page of entries, newest first. `older` is the cursor of the next page."""

    entries: list[Entry]
    older: str | None


def home(db: Connection, viewer: Person, cursor: str | None = None) -> Timeline:
    """The viewer's own posts, those of the people they follow, and what these boosted (each post once)."""
    mine = "(SELECT followee_id FROM follows WHERE follower_id = :viewer AND state = 'accepted' UNION SELECT :viewer)"
    return _timeline(
        db,
        viewer,
        cursor,
        written=f"p.author_id IN {mine}",
        boosted=f"""b.person_id IN {mine} AND p.author_id NOT IN {mine} AND NOT EXISTS (
                      SELECT 1 FROM boosts AS e WHERE e.post_id = b.post_id AND e.person_id IN {mine}
                        AND (e.created, e.person_id) < (b.created, b.person_id))""",  # noqa: S608
    )


def local(db: Connection, viewer: Person | None, cursor: str | None = None) -> Timeline:
    """The public posts of own people, without replies."""
    return _timeline(db, viewer, cursor, written=f"p.uri IS NULL AND p.visibility = 'public' AND {_TOP}")


def profile(
    db: Connection,
    viewer: Person | None,
    person: Person,
    cursor: str | None = None,
    *,
    replies: bool = False,
) -> Timeline:
    """What a person wrote and boosted, as far as the viewer may see it. Direct posts stay out."""
    written = "p.author_id = :person AND p.visibility <> 'direct'" + ("" if replies else f" AND {_TOP}")
    return _timeline(db, viewer, cursor, written=written, boosted="b.person_id = :person", person=person)


def tagged(db: Connection, viewer: Person | None, tag: str, cursor: str | None = None) -> Timeline:
    """The public posts with a hashtag."""
    written = "p.visibility = 'public' AND EXISTS (SELECT 1 FROM tags WHERE post_id = p.id AND tag = :tag)"
    return _timeline(db, viewer, cursor, written=written, tag=tag.lower())


def thread(db: Connection, viewer: Person | None, post: Post) -> tuple[list[Entry], list[Entry], bool]:
    """What the post answers (oldest first), the replies below it (with depth), and whether the start is out of sight.

    At most 40 posts upwards and 200 downwards. Below a reply that the viewer may not see, nothing is shown.
    """
    above: list[Post] = []
    top = post
    while top.reply_to_id is not None and len(above) < 40:
        parent = posts.visible(db, viewer, top.reply_to_id)
        if parent is None:
            break
        above.insert(0, parent)
        top = parent
    rows = db.execute(
        f"""WITH RECURSIVE below (id, depth, place) AS (
              SELECT p.id, 0, printf('%s%09d', p.published, p.id)
              FROM posts AS p WHERE p.reply_to_id = :id AND {VISIBLE}
              UNION ALL
              SELECT p.id, depth + 1, place || ' ' || printf('%s%09d', p.published, p.id)
              FROM posts AS p JOIN below ON p.reply_to_id = below.id WHERE {VISIBLE} AND depth < 40)
            SELECT id, depth FROM below ORDER BY place LIMIT 200""",  # noqa: S608
        {"id": post.id, "viewer": viewer and viewer.id},
    ).fetchall()
    below = _entries(db, viewer, [(row["id"], None, row["depth"] + 1) for row in rows])
    return _entries(db, viewer, [(item.id, None, 0) for item in above]), below, top.is_reply


def _timeline(
    db: Connection,
    viewer: Person | None,
    cursor: str | None,
    *,
    written: str,
    boosted: str = "0",
    person: Person | None = None,
    tag: str = "",
) -> Timeline:
    at, _, post_id = (cursor or "").partition("_")
    rows = db.execute(
        f"""SELECT * FROM (
              SELECT p.id, NULL AS booster, p.published AS at FROM posts AS p
              WHERE {written} AND {VISIBLE} AND (p.published, p.id) < (:at, :id)
              ORDER BY p.published DESC, p.id DESC LIMIT :limit)
            UNION ALL SELECT * FROM (
              SELECT p.id, b.person_id, b.created FROM boosts AS b JOIN posts AS p ON p.id = b.post_id
              WHERE {boosted} AND {VISIBLE} AND (b.created, p.id) < (:at, :id)
              ORDER BY b.created DESC, p.id DESC LIMIT :limit)
            ORDER BY at DESC, id DESC LIMIT :limit""",  # noqa: S608
        {
            "viewer": viewer and viewer.id,
            "person": person and person.id,
            "tag": tag,
            "at": at or "9",
            "id": int(post_id) if post_id.isdecimal() and len(post_id) < 18 else 1 << 62,
            "limit": PAGE + 1,
        },
    ).fetchall()
    shown = rows[:PAGE]
    older = f"{shown[-1]['at']}_{shown[-1]['id']}" if len(rows) > PAGE else None
    return Timeline(_entries(db, viewer, [(row["id"], row["booster"], 0) for row in shown]), older)


def entry(db: Connection, viewer: Person | None, post: Post) -> Entry:
    """One post that the viewer may see, as an entry."""
    return _entries(db, viewer, [(post.id, None, 0)])[0]


def _entries(db: Connection, viewer: Person | None, rows: list[tuple[int, int | None, int]]) -> list[Entry]:
    ids = [row[0] for row in rows]
    found = {post.id: post for post in posts.load(db, ids)}
    tallies = social.tallies(db, viewer, ids)
    boosters = people.load(db, [row[1] for row in rows if row[1]])
    # Who is answered is told even where the answered post is hidden: the reply itself names them.
    parents = {
        post.id: post for post in posts.load(db, [p.reply_to_id for p in found.values() if p.reply_to_id])
    }
    entries = []
    for post_id, booster, depth in rows:
        post = found[post_id]
        parent = parents.get(post.reply_to_id or 0)
        entries.append(
            Entry(
                post,
                tallies[post_id],
                boosters.get(booster or 0),
                parent.author if parent else None,
                min(depth, 4),
            )
        )
    return entries
