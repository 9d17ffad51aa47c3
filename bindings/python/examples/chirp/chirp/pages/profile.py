"""A person's page: what they wrote, who follows them, their feed; and the follow buttons."""

from __future__ import annotations

from flask import Blueprint, Response, abort, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from chirp import auth, db, people, posts, social, timelines
from chirp.people import Person
from chirp.security import local_path

blueprint = Blueprint("profile", __name__)


def _person(handle: str) -> Person:
    person = people.by_handle(db.connection(), handle)
    if person is None:
        abort(404)
    return person


@blueprint.get("/@<handle>")
def show(handle: str) -> ResponseReturnValue:
    """The profile with its posts; `?replies=1` shows the replies too."""
    person = people.by_handle(db.connection(), handle)
    if person is None and "@" in handle:  # named in a post, but not known here yet
        return redirect(url_for("home.search", q=f"@{handle}")) if auth.current() else abort(404)
    if person is None:
        abort(404)
    if handle != person.handle[1:]:  # another spelling of the same name
        return redirect(person.path)
    viewer, replies = auth.current(), request.args.get("replies") == "1"
    page = timelines.profile(db.connection(), viewer, person, request.args.get("older"), replies=replies)
    return render_template("profile.html", page=page, replies=replies, **_head(person))


@blueprint.get("/@<handle>/followers")
def followers(handle: str) -> ResponseReturnValue:
    """Who follows them."""
    person = _person(handle)
    listed = social.followers(db.connection(), person)
    return render_template("people.html", listed=listed, title="Followers", **_head(person))


@blueprint.get("/@<handle>/following")
def following(handle: str) -> ResponseReturnValue:
    """Whom they follow."""
    person = _person(handle)
    listed = social.following(db.connection(), person)
    return render_template("people.html", listed=listed, title="Following", **_head(person))


@blueprint.get("/@<handle>/feed.atom")
def feed(handle: str) -> ResponseReturnValue:
    """Their public posts for feed readers."""
    person = _person(handle)
    if not person.local:
        abort(404)
    items, _total = posts.by_author(db.connection(), person)
    body = render_template("feed.xml", person=person, items=items, origin=current_app.config["CHIRP_ORIGIN"])
    return Response(body, mimetype="application/atom+xml")


@blueprint.post("/@<handle>/follow")
@auth.required
def follow(handle: str) -> ResponseReturnValue:
    """Follow them, or ask to."""
    person, me = _person(handle), auth.me()
    if person.id == me.id:
        abort(400, "You cannot follow yourself.")
    if not person.local and not me.federated:
        flash("To follow people on other sites, first allow other sites to reach you.")
        return redirect(url_for("account.edit"))
    with db.transaction() as connection:
        state = social.follow(connection, me, person)
    if state == "pending":
        flash(f"You asked to follow {person.shown_name}.")
    return redirect(local_path(request.form.get("next"), person.path))


@blueprint.post("/@<handle>/unfollow")
@auth.required
def unfollow(handle: str) -> ResponseReturnValue:
    """Follow them no longer."""
    person = _person(handle)
    with db.transaction() as connection:
        social.unfollow(connection, auth.me(), person)
    return redirect(local_path(request.form.get("next"), person.path))


@blueprint.post("/@<handle>/remove-follower")
@auth.required
def remove_follower(handle: str) -> ResponseReturnValue:
    """Make them follow you no longer."""
    person = _person(handle)
    with db.transaction() as connection:
        social.answer_follow(connection, person, auth.me(), accepted=False)
    return redirect(local_path(request.form.get("next"), person.path))


def _head(person: Person) -> dict[str, object]:
    connection, viewer = db.connection(), auth.current()
    return {
        "person": person,
        "counts": social.counts(connection, person),
        "relation": social.relation(connection, viewer, person),
    }
