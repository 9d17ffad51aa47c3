"""The notifications, and the requests to follow that wait for an answer."""

from __future__ import annotations

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from chirp import auth, db, notifications, people, social
from chirp.security import local_path

blueprint = Blueprint("notices", __name__)


@blueprint.get("/notifications")
@auth.required
def show() -> ResponseReturnValue:
    """What happened to you. Having seen it, it is no longer new."""
    me, connection = auth.me(), db.connection()
    listed = notifications.page(connection, me, before=request.args.get("older", type=int))
    pending = {person.id for person in social.requests(connection, me)}
    page = render_template("notifications.html", listed=listed, pending=pending)
    if any(not item.seen for item in listed):
        with db.transaction() as writing:
            notifications.mark_seen(writing, me)
    return page


@blueprint.post("/requests/<int:person_id>/<any(accept, decline):answer>")
@auth.required
def answer(person_id: int, answer: str) -> ResponseReturnValue:
    """Let somebody follow you, or not."""
    person = people.get(db.connection(), person_id)
    if person is None:
        abort(404)
    with db.transaction() as connection:
        social.answer_follow(connection, person, auth.me(), accepted=answer == "accept")
    return redirect(local_path(request.form.get("next"), url_for("notices.show")))
