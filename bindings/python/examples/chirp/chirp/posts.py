"""Posts: writing, editing, deleting and reading them, and the one rule about who may see which.

`get`, `one` and `load` ask nobody: they are for code that works on behalf of chirp. Pages use `visible`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, TypeAlias, get_args

from markupsafe import Markup

from chirp import clock, events, people, text
from chirp.db import Connection
from chirp.people import Person

Visibility: TypeAlias = Literal["public", "unlisted", "followers", "direct"]
VISIBILITIES: tuple[Visibility, ...] = get_args(Visibility)
MAX_PICTURES = 4

# True for the rows of posts AS p that the person :viewer may see (NULL: somebody who is not logged in).
VISIBLE = """(p.visibility IN ('public', 'unlisted') OR p.author_id = :viewer
  OR EXISTS (SELECT 1 FROM mentions WHERE post_id = p.id AND person_id = :viewer)
  OR (p.visibility = 'followers' AND EXISTS (
        SELECT 1 FROM follows WHERE followee_id = p.author_id AND follower_id = :viewer AND state = 'accepted')))"""


@dataclass(frozen=True, slots=True)
class Media:
    """Something attached to a post. Own pictures have a url that begins with "/media/"."""

    url: str
    media_type: str
    alt: str = ""
    width: int | None = None
    height: int | None = None

    @property
    def is_picture(self) -> bool:
        return self.media_type.startswith("image/")


@dataclass(frozen=True, slots=True)
class Draft:
    """What someone writes. `reply_to` is the post it answers."""

    text: str
    warning: str = ""
    sensitive: bool = False
    visibility: Visibility = "public"
    language: str = "en"
    reply_to: Post | None = None
    media: tuple[Media, ...] = ()


@dataclass(frozen=True, slots=True)
class Post:
    """One post with everything that is shown with it."""

    id: int
    author: Person
    reply_to_id: int | None
    reply_to_uri: str | None
    title: str
    text: str
    html: str | None
    warning: str
    sensitive: bool
    language: str
    visibility: Visibility
    uri: str | None
    url: str | None
    published: datetime
    edited: datetime | None
    media: tuple[Media, ...]
    mentions: tuple[Person, ...]
    tags: tuple[str, ...]

    @property
    def local(self) -> bool:
        """Whether it was written here."""
        return self.uri is None

    @property
    def path(self) -> str:
        """Its page here."""
        return f"/posts/{self.id}"

    @property
    def is_reply(self) -> bool:
        return self.reply_to_id is not None or self.reply_to_uri is not None

    @property
    def can_be_boosted(self) -> bool:
        return self.visibility in ("public", "unlisted")

    @property
    def markup(self) -> Markup:
        """The body as safe HTML."""
        if self.html is not None:
            return Markup(self.html)  # noqa: S704  sanitised before elsewhere.upsert_post() took it
        return text.to_html(self.text, {person.name.lower() for person in self.mentions if person.local})


def get(db: Connection, post_id: int | str | None) -> Post | None:
    """The post with this id, whoever may see it. None and text that is no number are the id of nothing."""
    row = db.execute("SELECT id FROM posts WHERE id = ?", (post_id,)).fetchone()
    return None if row is None else next(iter(load(db, [row["id"]])), None)


def one(db: Connection, post_id: int | str) -> Post:
    """The post with this id, whoever may see it. Raises LookupError when there is none."""
    post = get(db, post_id)
    if post is None:
        raise LookupError(f"there is no post {post_id}")
    return post


def by_uri(db: Connection, uri: str) -> Post | None:
    """The post from elsewhere with this uri, whoever may see it."""
    row = db.execute("SELECT id FROM posts WHERE uri = ?", (uri,)).fetchone()
    return None if row is None else get(db, row["id"])


def visible(db: Connection, viewer: Person | None, post_id: int) -> Post | None:
    """The post with this id if `viewer` may see it. A hidden one answers exactly as a missing one."""
    row = db.execute(
        f"SELECT id FROM posts AS p WHERE id = :id AND {VISIBLE}",  # noqa: S608
        {"id": post_id, "viewer": viewer and viewer.id},
    ).fetchone()
    return None if row is None else get(db, post_id)


def load(db: Connection, ids: Iterable[int]) -> list[Post]:
    """Many posts at once, in the order of `ids`, whoever may see them. Unknown ids are left out."""
    order = list(ids)
    wanted = (json.dumps(order),)
    among = "IN (SELECT value FROM json_each(?))"
    rows = {row["id"]: row for row in db.execute(f"SELECT * FROM posts WHERE id {among}", wanted)}  # noqa: S608
    media: dict[int, list[Media]] = {}
    for row in db.execute(f"SELECT * FROM media WHERE post_id {among} ORDER BY id", wanted):  # noqa: S608
        item = Media(row["url"], row["media_type"], row["alt"], row["width"], row["height"])
        media.setdefault(row["post_id"], []).append(item)
    named: dict[int, list[int]] = {}
    for row in db.execute(f"SELECT * FROM mentions WHERE post_id {among}", wanted):  # noqa: S608
        named.setdefault(row["post_id"], []).append(row["person_id"])
    tags: dict[int, list[str]] = {}
    for row in db.execute(f"SELECT * FROM tags WHERE post_id {among}", wanted):  # noqa: S608
        tags.setdefault(row["post_id"], []).append(row["tag"])
    who = people.load(
        db, [row["author_id"] for row in rows.values()] + [i for ids in named.values() for i in ids]
    )
    return [
        Post(
            id=row["id"],
            author=who[row["author_id"]],
            reply_to_id=row["reply_to_id"],
            reply_to_uri=row["reply_to_uri"],
            title=row["title"],
            text=row["text"],
            html=row["html"],
            warning=row["warning"],
            sensitive=bool(row["sensitive"]),
            language=row["language"],
            visibility=row["visibility"],
            uri=row["uri"],
            url=row["url"],
            published=clock.read(row["published"]),
            edited=clock.read(row["edited"]) if row["edited"] else None,
            media=tuple(media.get(row["id"], ())),
            mentions=tuple(who[person_id] for person_id in named.get(row["id"], ())),
            tags=tuple(tags.get(row["id"], ())),
        )
        for row in (rows[post_id] for post_id in order if post_id in rows)
    ]


def by_author(
    db: Connection, author: Person, *, before: int | None = None, limit: int = 20
) -> tuple[list[Post], int]:
    """The author's public and unlisted posts, newest first, and how many there are. `before` is a post id."""
    rows = db.execute(
        """SELECT id FROM posts WHERE author_id = ? AND visibility IN ('public', 'unlisted') AND id < ?
           ORDER BY id DESC LIMIT ?""",
        (author.id, before or 1 << 62, limit),
    )
    total = db.execute(
        "SELECT count(*) FROM posts WHERE author_id = ? AND visibility IN ('public', 'unlisted')",
        (author.id,),
    ).fetchone()
    return load(db, [row["id"] for row in rows]), int(total[0])


def publish(db: Connection, author: Person, draft: Draft) -> Post:
    """Publish what one of our own wrote; sends post_published.

    Whoever the text names is mentioned, and so is the author of the post it answers.
    """
    parent = draft.reply_to
    added = db.execute(
        """INSERT INTO posts (author_id, reply_to_id, reply_to_uri, text, warning, sensitive, language, visibility,
                              published) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)""",
        (
            author.id,
            parent and parent.id,
            parent and parent.uri,
            draft.text,
            draft.warning,
            draft.sensitive,
            draft.language,
            draft.visibility,
            clock.stamp(),
        ),
    )
    post_id = added.lastrowid or 0
    db.execute("UPDATE people SET language = ? WHERE id = ?", (draft.language, author.id))
    named = _named(db, author, draft.text, parent)
    set_parts(db, post_id, mentions=named, tags=text.hashtags(draft.text), media=draft.media)
    post = one(db, post_id)
    events.announce(events.post_published, db=db, post=post)
    return post


def edit(
    db: Connection,
    post: Post,
    *,
    body: str,
    warning: str,
    sensitive: bool,
    language: str,
    media: Iterable[Media],
) -> Post:
    """Change a post that was written here; sends post_edited. Visibility and parent stay."""
    db.execute(
        "UPDATE posts SET text = ?, warning = ?, sensitive = ?, language = ?, edited = ? WHERE id = ?",
        (body, warning, sensitive, language, clock.stamp(), post.id),
    )
    parent = get(db, post.reply_to_id) if post.reply_to_id else None
    named = _named(db, post.author, body, parent)
    set_parts(db, post.id, mentions=named, tags=text.hashtags(body), media=media)
    edited = one(db, post.id)
    events.announce(events.post_edited, db=db, post=edited)
    return edited


def delete(db: Connection, post: Post) -> None:
    """Delete a post; sends post_deleted while it is still there."""
    events.announce(events.post_deleted, db=db, post=post)
    db.execute("DELETE FROM posts WHERE id = ?", (post.id,))


def set_parts(
    db: Connection,
    post_id: int,
    *,
    mentions: Iterable[Person] | None,
    tags: Iterable[str],
    media: Iterable[Media],
) -> None:
    """Replace whom a post mentions (None: leave them), its hashtags and what is attached to it."""
    if mentions is not None:
        db.execute("DELETE FROM mentions WHERE post_id = ?", (post_id,))
        db.executemany(
            "INSERT OR IGNORE INTO mentions VALUES (?, ?)", [(post_id, who.id) for who in mentions]
        )
    db.execute("DELETE FROM tags WHERE post_id = ?", (post_id,))
    db.execute("DELETE FROM media WHERE post_id = ?", (post_id,))
    names = [(post_id, tag.removeprefix("#").lower()) for tag in tags]
    db.executemany("INSERT OR IGNORE INTO tags VALUES (?, ?)", names)
    db.executemany(
        "INSERT INTO media (post_id, url, media_type, alt, width, height) VALUES (?, ?, ?, ?, ?, ?)",
        [(post_id, item.url, item.media_type, item.alt, item.width, item.height) for item in media],
    )


def _named(db: Connection, author: Person, body: str, parent: Post | None) -> list[Person]:
    """Whom a text of ours mentions: those it names, and the author of the post it answers."""
    named = [people.by_handle(db, handle) for handle in text.mentions(body)]
    if parent:
        named.append(parent.author)
    return [person for person in named if person and person.id != author.id]
