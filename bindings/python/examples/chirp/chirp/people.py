"""People: those who signed up here, and those from elsewhere whom someone here knows.

A person from elsewhere has a `uri` (their permanent name there) and a `domain`; elsewhere.py stores them.
Functions that write take `db`, the connection of the open transaction.
"""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from flask import current_app
from markupsafe import Markup
from werkzeug.security import generate_password_hash

from chirp import clock, events, text
from chirp.db import Connection

NAME = re.compile(r"[a-z0-9_]{1,30}")
MIN_PASSWORD = 8
MAX_FIELDS = 4


@dataclass(frozen=True, slots=True)
class Field:
    """A line of a profile: a name, and a value that is plain text here and HTML for people from elsewhere."""

    name: str
    value: str


@dataclass(frozen=True, slots=True)
class Person:
    """One row of people, without the password."""

    id: int
    name: str
    domain: str
    uri: str | None
    url: str | None
    display_name: str
    bio: str
    bio_html: str | None
    avatar: str | None
    fields: tuple[Field, ...]
    language: str
    locked: bool
    discoverable: bool
    federated: bool
    created: datetime

    @property
    def local(self) -> bool:
        """Whether this person signed up here."""
        return self.uri is None

    @property
    def handle(self) -> str:
        """ "@alice" for own people, "@bob@site.example" for others."""
        return f"@{self.name}@{self.domain}" if self.domain else f"@{self.name}"

    @property
    def full_handle(self) -> str:
        """The handle that works anywhere: "@alice@chirp.example"."""
        return f"@{self.name}@{self.domain or home()}"

    @property
    def path(self) -> str:
        """The profile page here."""
        return f"/{self.handle}"

    @property
    def shown_name(self) -> str:
        return self.display_name or self.name

    @property
    def bio_markup(self) -> Markup:
        """The bio as safe HTML."""
        # Markup from elsewhere was sanitised before elsewhere.upsert_person() took it.
        return text.to_html(self.bio) if self.bio_html is None else Markup(self.bio_html)  # noqa: S704

    @property
    def field_markup(self) -> list[tuple[str, Markup]]:
        """Names and values as safe HTML. Own links say rel="me": whoever they lead to can point back."""
        rel = "me nofollow noopener" if self.local else "nofollow noopener"
        return [(field.name, text.to_html(field.value, link_rel=rel)) for field in self.fields]


def home() -> str:
    """The domain of own people, with the port if there is one: the host of CHIRP_ORIGIN."""
    origin: str = current_app.config["CHIRP_ORIGIN"]
    return urlsplit(origin).netloc


def from_row(row: sqlite3.Row) -> Person:
    """A Person from a row that has all columns of people."""
    return Person(
        id=row["id"],
        name=row["name"],
        domain=row["domain"],
        uri=row["uri"],
        url=row["url"],
        display_name=row["display_name"],
        bio=row["bio"],
        bio_html=row["bio_html"],
        avatar=row["avatar"],
        fields=tuple(Field(item["name"], item["value"]) for item in json.loads(row["fields"])),
        language=row["language"],
        locked=bool(row["locked"]),
        discoverable=bool(row["discoverable"]),
        federated=bool(row["federated"]),
        created=clock.read(row["created"]),
    )


def get(db: Connection, person_id: int | str) -> Person | None:
    """The person with this id. Text that is no number is the id of nobody."""
    return _one(db, "SELECT * FROM people WHERE id = ?", person_id)


def one(db: Connection, person_id: int | str) -> Person:
    """The person with this id. Raises LookupError when there is none."""
    person = get(db, person_id)
    if person is None:
        raise LookupError(f"there is no person {person_id}")
    return person


def by_handle(db: Connection, handle: str) -> Person | None:
    """The person called "alice", "@alice", "@alice@<here>" or "@bob@site.example"."""
    name, _, domain = handle.removeprefix("@").partition("@")
    if domain.lower() == home().lower():
        domain = ""
    return _one(db, "SELECT * FROM people WHERE name = ? AND domain = ?", name, domain)


def by_uri(db: Connection, uri: str) -> Person | None:
    """The person from elsewhere with this uri."""
    return _one(db, "SELECT * FROM people WHERE uri = ?", uri)


def load(db: Connection, ids: Iterable[int]) -> dict[int, Person]:
    """Many people at once, by id. Unknown ids are left out."""
    wanted = json.dumps(sorted(set(ids)))
    rows = db.execute("SELECT * FROM people WHERE id IN (SELECT value FROM json_each(?))", (wanted,))
    return {row["id"]: from_row(row) for row in rows}


def search(db: Connection, query: str, limit: int = 20) -> list[Person]:
    """People whose handle or display name contains `query`: those who may be found, and an exact name."""
    pattern = "%" + re.sub(r"([\\%_])", r"\\\1", query.removeprefix("@")) + "%"
    rows = db.execute(
        r"""SELECT * FROM people
            WHERE (discoverable = 1 AND (name || '@' || domain LIKE :pattern ESCAPE '\'
                                         OR display_name LIKE :pattern ESCAPE '\'))
               OR (name = :name AND domain = '')
            ORDER BY name <> :name, domain <> '', name LIMIT :limit""",
        {"pattern": pattern, "name": query.removeprefix("@"), "limit": limit},
    )
    return [from_row(row) for row in rows]


def suggestions(db: Connection, person: Person, limit: int = 4) -> list[Person]:
    """Own people whom `person` does not follow yet, those with recent posts first."""
    rows = db.execute(
        """SELECT * FROM people AS p WHERE uri IS NULL AND discoverable = 1 AND id <> :me
             AND NOT EXISTS (SELECT 1 FROM follows WHERE follower_id = :me AND followee_id = p.id)
           ORDER BY (SELECT max(published) FROM posts WHERE author_id = p.id) DESC NULLS LAST, id DESC LIMIT :limit""",
        {"me": person.id, "limit": limit},
    )
    return [from_row(row) for row in rows]


def sign_up(
    db: Connection, name: str, password: str, *, display_name: str = "", federated: bool = False
) -> Person:
    """Add one of our own. Raises ValueError, with a sentence for the person, when that cannot be."""
    name = name.strip().lower()
    if not NAME.fullmatch(name):
        raise ValueError("A name has 1 to 30 letters from a to z, digits or underscores.")
    if len(password) < MIN_PASSWORD:
        raise ValueError(f"A password needs at least {MIN_PASSWORD} characters.")
    if by_handle(db, name):
        raise ValueError(f"The name “{name}” is taken.")
    added = db.execute(
        "INSERT INTO people (name, password, display_name, federated, created) VALUES (?, ?, ?, ?, ?)",
        (
            name,
            generate_password_hash(password),
            display_name.strip()[:60],
            federated,
            clock.stamp(),
        ),
    )
    return one(db, added.lastrowid or 0)


def edit(
    db: Connection,
    person: Person,
    *,
    display_name: str,
    bio: str,
    fields: Iterable[Field],
    avatar: str | None,
    locked: bool,
    discoverable: bool,
    federated: bool,
) -> Person:
    """Change the profile of one of our own; sends profile_edited."""
    kept = [{"name": f.name.strip()[:40], "value": f.value.strip()[:200]} for f in fields if f.value.strip()]
    db.execute(
        """UPDATE people SET display_name = ?, bio = ?, fields = ?, avatar = ?, locked = ?, discoverable = ?,
                             federated = ? WHERE id = ? AND uri IS NULL""",
        (
            display_name.strip()[:60],
            bio.strip()[:500],
            json.dumps(kept[:MAX_FIELDS]),
            avatar,
            locked,
            discoverable,
            federated,
            person.id,
        ),
    )
    edited = one(db, person.id)
    events.announce(events.profile_edited, db=db, person=edited)
    return edited


def _one(db: Connection, query: str, *values: object) -> Person | None:
    row = db.execute(query, values).fetchone()
    return None if row is None else from_row(row)
