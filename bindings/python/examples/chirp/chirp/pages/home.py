"""The home and local timelines, hashtags, and search."""

from __future__ import annotations

from flask import Blueprint, current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from chirp import auth, db, events, people, posts, timelines
from chirp.people import Person
from chirp.posts import Post

blueprint = Blueprint("home", __name__)


@blueprint.get("/")
def timeline() -> ResponseReturnValue:
    """Those you follow; for visitors, what is written here."""
    viewer = auth.current()
    if viewer is None:
        return redirect(url_for("home.local"))
    page = timelines.home(db.connection(), viewer, request.args.get("older"))
    suggested = people.suggestions(db.connection(), viewer)
    return render_template("timeline.html", page=page, title="Home", composer=True, suggested=suggested)


@blueprint.get("/local")
def local() -> ResponseReturnValue:
    """What is written here, for everyone."""
    viewer = auth.current()
    page = timelines.local(db.connection(), viewer, request.args.get("older"))
    suggested = people.suggestions(db.connection(), viewer) if viewer else []
    return render_template("timeline.html", page=page, title="Local", composer=False, suggested=suggested)


@blueprint.get("/tags/<tag>")
def tag(tag: str) -> ResponseReturnValue:
    """Public posts with a hashtag."""
    page = timelines.tagged(db.connection(), auth.current(), tag, request.args.get("older"))
    return render_template("timeline.html", page=page, title=f"#{tag}", composer=False, suggested=[])


@blueprint.get("/search")
def search() -> ResponseReturnValue:
    """Find people; open a handle, a hashtag or an address."""
    query = request.args.get("q", "").strip()[:300]
    found = _open(query)
    if isinstance(found, (Person, Post)):
        return redirect(found.path)
    if query.startswith("#") and len(query) > 1:
        return redirect(url_for("home.tag", tag=query[1:]))
    matches = people.search(db.connection(), query) if query else []
    return render_template("search.html", query=query, matches=matches, is_address=_is_address(query))


def _open(query: str) -> Person | Post | None:
    """What a full handle or an address leads to, if it is one: known here, or found by whoever knows more."""
    if not _is_address(query):
        return None
    known = people.by_handle(db.connection(), query) if "://" not in query else _by_url(query)
    if known or auth.current() is None:
        return known
    try:
        answers = events.announce(events.unknown_address, query=query)
    except Exception:
        current_app.logger.exception("a subscriber could not find out who that is")
        return None
    return next((answer for answer in answers if isinstance(answer, (Person, Post))), None)


def _by_url(url: str) -> Person | Post | None:
    """A page of our own site by its address, or something from elsewhere by its uri or page."""
    connection, viewer = db.connection(), auth.current()
    origins = (current_app.config["CHIRP_ORIGIN"] + "/", request.host_url)
    if url.startswith(origins):
        path = url.split("/", 3)[3]
        if path.startswith("@"):
            return people.by_handle(connection, path)
        number = path.removeprefix("posts/")
        return (
            posts.visible(connection, viewer, int(number))
            if number.isdecimal() and len(number) < 18
            else None
        )
    person = connection.execute(
        "SELECT id FROM people WHERE uri = :url OR url = :url", {"url": url}
    ).fetchone()
    if person:
        return people.get(connection, person["id"])
    post = connection.execute("SELECT id FROM posts WHERE uri = :url OR url = :url", {"url": url}).fetchone()
    return posts.visible(connection, viewer, post["id"]) if post else None


def _is_address(query: str) -> bool:
    name, at, domain = query.removeprefix("@").partition("@")
    return query.startswith(("https://", "http://")) or bool(name and at and domain and " " not in query)
