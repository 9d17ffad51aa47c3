"""People and posts that live elsewhere and are known here: a guest's page, an imported thread, another site.

Whoever brings them (an importer, a bridge) calls these functions inside a transaction. `uri` is the permanent
name there. HTML is shown as it is given, so it MUST have been sanitised before.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime
from urllib.parse import urlsplit

from chirp import clock, events, people, posts
from chirp.db import Connection
from chirp.people import Person
from chirp.posts import Media, Post, Visibility


def upsert_person(
    db: Connection,
    *,
    uri: str,
    handle: str,
    display_name: str = "",
    bio_html: str = "",
    avatar_url: str | None = None,
    url: str | None = None,
    fields: Iterable[tuple[str, str]] = (),
    locked: bool = False,
) -> Person:
    """Store what is known of a person from elsewhere, new or again. Sends no signal.

    `handle` is "@bob@site.example"; the caller has made sure that it belongs to `uri`. `fields` are names with
    values, plain text. Someone else who had the handle before keeps their posts under the name "<name>~<id>".
    Raises ValueError when the handle has no domain or the domain is ours.
    """
    name, _, domain = handle.removeprefix("@").partition("@")
    if not name or not domain or domain.lower() == people.home().lower():
        raise ValueError(
            "the handle of a person from elsewhere has the form @name@domain, with another domain"
        )
    db.execute(
        "UPDATE people SET name = name || '~' || id WHERE name = ? AND domain = ? AND uri <> ?",
        (name, domain, uri),
    )
    db.execute(
        """INSERT INTO people (uri, name, domain, display_name, bio_html, avatar, url, fields, locked, created)
           VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
           ON CONFLICT (uri) DO UPDATE SET name = excluded.name, domain = excluded.domain,
             display_name = excluded.display_name, bio_html = excluded.bio_html, avatar = excluded.avatar,
             url = excluded.url, fields = excluded.fields, locked = excluded.locked""",
        (
            uri,
            name,
            domain,
            display_name,
            bio_html,
            _web(avatar_url),
            _web(url),
            json.dumps([{"name": label, "value": value} for label, value in fields]),
            locked,
            clock.stamp(),
        ),
    )
    row = db.execute("SELECT id FROM people WHERE uri = ?", (uri,)).fetchone()
    return people.one(db, row["id"])


def delete_person(db: Connection, uri: str) -> None:
    """Forget a person from elsewhere, with their posts, follows, likes and boosts. Sends no signal."""
    db.execute("DELETE FROM people WHERE uri = ?", (uri,))


def upsert_post(
    db: Connection,
    *,
    uri: str,
    author: Person,
    html: str,
    url: str | None = None,
    title: str | None = None,
    warning: str | None = None,
    sensitive: bool = False,
    language: str | None = None,
    visibility: Visibility = "public",
    published: datetime | None = None,
    edited: datetime | None = None,
    reply_to_id: int | str | None = None,
    reply_to_uri: str | None = None,
    mentions: Iterable[Person] | None = None,
    tags: Iterable[str] = (),
    media: Iterable[Media] = (),
) -> Post:
    """Store a post from elsewhere, new or again; sends post_published or post_edited.

    `reply_to_id` names a post that is known here, `reply_to_uri` one that need not be known yet: the thread
    closes when it comes. `mentions` are those it is addressed to by name, who see it whatever its visibility;
    None leaves them as they are. Raises ValueError when the uri is someone else's post.
    """
    known = posts.by_uri(db, uri)
    if known and known.author.id != author.id:
        raise ValueError("the post belongs to someone else")
    if reply_to_id is None and reply_to_uri and (parent := posts.by_uri(db, reply_to_uri)):
        reply_to_id = parent.id
    db.execute(
        """INSERT INTO posts (uri, author_id, html, url, title, warning, sensitive, language, visibility,
                              published, edited, reply_to_id, reply_to_uri)
           VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
           ON CONFLICT (uri) DO UPDATE SET html = excluded.html, url = excluded.url, title = excluded.title,
             warning = excluded.warning, sensitive = excluded.sensitive, language = excluded.language,
             visibility = excluded.visibility, edited = excluded.edited""",
        (
            uri,
            author.id,
            html,
            _web(url),
            title or "",
            warning or "",
            sensitive,
            language or "",
            visibility,
            clock.text(clock.past(published)),
            clock.text(clock.past(edited)) if edited else None,
            reply_to_id,
            reply_to_uri,
        ),
    )
    row = db.execute("SELECT id FROM posts WHERE uri = ?", (uri,)).fetchone()
    post_id = int(row["id"])
    db.execute(
        "UPDATE posts SET reply_to_id = ? WHERE reply_to_uri = ? AND reply_to_id IS NULL", (post_id, uri)
    )
    shown = [item for item in media if _web(item.url)]
    posts.set_parts(db, post_id, mentions=mentions, tags=tags, media=shown)
    stored = posts.one(db, post_id)
    events.announce(events.post_edited if known else events.post_published, db=db, post=stored)
    return stored


def delete_post(db: Connection, uri: str) -> None:
    """Delete a post from elsewhere if it is known; sends post_deleted."""
    post = posts.by_uri(db, uri)
    if post:
        posts.delete(db, post)


def _web(url: str | None) -> str | None:
    """`url` when it is an http or https one that may stand in a link; else None."""
    return url if url and urlsplit(url).scheme in ("http", "https") else None
