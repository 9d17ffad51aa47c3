"""Who is asking: passwords, the session cookie, and the decorator for pages that need a login.

The session keeps the person's id and a stamp of their password hash, so that a new password ends all sessions.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable
from functools import cache, wraps
from typing import ParamSpec, TypeVar

from flask import flash, g, redirect, request, session, url_for
from werkzeug.security import check_password_hash, generate_password_hash
from werkzeug.wrappers import Response

from chirp import db as database
from chirp import people
from chirp.db import Connection
from chirp.people import Person

_P = ParamSpec("_P")
_R = TypeVar("_R")


def current() -> Person | None:
    """The person who is logged in, or None."""
    if "person" not in g:
        g.person = None
        if "person" in session:
            db = database.connection()
            row = db.execute(
                "SELECT * FROM people WHERE id = ? AND uri IS NULL", (session["person"],)
            ).fetchone()
            if row and secrets.compare_digest(_stamp(row["password"]), str(session.get("stamp"))):
                g.person = people.from_row(row)
    found: Person | None = g.person
    return found


def me() -> Person:
    """The person who is logged in, on a page that needs a login."""
    person = current()
    if person is None:
        raise LookupError("nobody is logged in: the page lacks @auth.required")
    return person


def required(page: Callable[_P, _R]) -> Callable[_P, _R | Response]:
    """Ask for a login before the page."""

    @wraps(page)
    def guarded(*args: _P.args, **kwargs: _P.kwargs) -> _R | Response:
        if current() is None:
            flash("Please log in first.")
            return redirect(
                url_for("account.log_in", next=request.full_path if request.method == "GET" else "/")
            )
        return page(*args, **kwargs)

    return guarded


def check(db: Connection, name: str, password: str) -> Person | None:
    """The person with this name and password. Takes equally long for a name that does not exist."""
    name = name.strip().removeprefix("@")
    row = db.execute("SELECT * FROM people WHERE name = ? AND uri IS NULL", (name,)).fetchone()
    right = check_password_hash(row["password"] if row else _nobody(), password)
    return people.from_row(row) if row and right else None


def log_in(db: Connection, person: Person) -> None:
    """Begin a session. What the visitor had before it, its CSRF token too, is dropped."""
    row = db.execute("SELECT password FROM people WHERE id = ?", (person.id,)).fetchone()
    session.clear()
    session.permanent = True
    session["person"], session["stamp"] = person.id, _stamp(row["password"])


def log_out() -> None:
    """End the session."""
    session.clear()


def set_password(db: Connection, person: Person, password: str) -> None:
    """Change a password. Raises ValueError, with a sentence for the person, when it is too short."""
    if len(password) < people.MIN_PASSWORD:
        raise ValueError(f"A password needs at least {people.MIN_PASSWORD} characters.")
    db.execute("UPDATE people SET password = ? WHERE id = ?", (generate_password_hash(password), person.id))


def _stamp(password_hash: str) -> str:
    return hashlib.sha256(password_hash.encode()).hexdigest()[:16]


@cache
def _nobody() -> str:
    return generate_password_hash(secrets.token_hex())
