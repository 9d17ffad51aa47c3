"""Signing up, logging in and out, and one's own settings."""

from __future__ import annotations

from flask import Blueprint, abort, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from chirp import auth, db, media, people
from chirp.people import MAX_FIELDS, Field
from chirp.pictures import NotAPicture
from chirp.security import local_path

blueprint = Blueprint("account", __name__)


@blueprint.get("/signup")
def sign_up() -> ResponseReturnValue:
    """The form to join."""
    if not current_app.config["CHIRP_SIGN_UP"]:
        abort(404)
    return render_template("signup.html", written={}, problem=None)


@blueprint.post("/signup")
def join() -> ResponseReturnValue:
    """Join, and be logged in."""
    if not current_app.config["CHIRP_SIGN_UP"]:
        abort(404)
    form = request.form
    try:
        with db.transaction() as connection:
            person = people.sign_up(
                connection,
                form.get("name", ""),
                form.get("password", ""),
                display_name=form.get("display_name", ""),
                federated=current_app.config["CHIRP_FEDERATED"] and "federated" in form,
            )
    except ValueError as problem:
        return render_template("signup.html", written=form, problem=problem), 400
    auth.log_in(db.connection(), person)
    flash(f"Welcome to {current_app.config['CHIRP_NAME']}, {person.shown_name}!")
    return redirect(url_for("home.timeline"))


@blueprint.get("/login")
def log_in() -> ResponseReturnValue:
    """The form to log in."""
    return render_template("login.html", written=request.args, problem=None)


@blueprint.post("/login")
def begin() -> ResponseReturnValue:
    """Log in."""
    form = request.form
    person = auth.check(db.connection(), form.get("name", ""), form.get("password", ""))
    if person is None:
        return render_template(
            "login.html", written=form, problem="That name and password do not match."
        ), 401
    auth.log_in(db.connection(), person)
    return redirect(local_path(form.get("next")))


@blueprint.post("/logout")
def log_out() -> ResponseReturnValue:
    """Log out."""
    auth.log_out()
    return redirect(url_for("home.local"))


@blueprint.get("/settings")
@auth.required
def edit() -> ResponseReturnValue:
    """The form for one's own profile."""
    return render_template("settings.html", person=auth.me(), max_fields=MAX_FIELDS, problem=None)


@blueprint.post("/settings")
@auth.required
def save() -> ResponseReturnValue:
    """Change one's own profile."""
    form, me = request.form, auth.me()
    try:
        picture = media.read(request.files.get("avatar"))
    except NotAPicture as problem:
        return render_template("settings.html", person=me, max_fields=MAX_FIELDS, problem=problem), 400
    with db.transaction() as connection:
        avatar = me.avatar
        if picture or "remove_avatar" in form:
            media.discard(connection, me.avatar)
            avatar = media.save(connection, picture).url if picture else None
        people.edit(
            connection,
            me,
            display_name=form.get("display_name", ""),
            bio=form.get("bio", "").replace("\r\n", "\n"),
            fields=[
                Field(form.get(f"field_name_{n}", ""), form.get(f"field_value_{n}", ""))
                for n in range(MAX_FIELDS)
            ],
            avatar=avatar,
            locked="locked" in form,
            discoverable="discoverable" in form,
            federated="federated" in form if current_app.config["CHIRP_FEDERATED"] else me.federated,
        )
    flash("Your profile is saved.")
    return redirect(me.path)


@blueprint.post("/settings/password")
@auth.required
def change_password() -> ResponseReturnValue:
    """A new password. It ends the sessions on other devices."""
    me, form = auth.me(), request.form
    try:
        if auth.check(db.connection(), me.name, form.get("old", "")) is None:
            raise ValueError("The old password is not right.")
        with db.transaction() as connection:
            auth.set_password(connection, me, form.get("new", ""))
    except ValueError as problem:
        return render_template("settings.html", person=me, max_fields=MAX_FIELDS, problem=problem), 400
    auth.log_in(db.connection(), me)
    flash("Your password is changed.")
    return redirect(url_for("account.edit"))
