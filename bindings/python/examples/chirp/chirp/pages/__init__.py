"""The pages: one blueprint for each part of the site, and what all templates know."""

from __future__ import annotations

from typing import Any

from flask import Flask, current_app, render_template, request
from werkzeug.exceptions import HTTPException

from chirp import auth, clock, db, notifications
from chirp.languages import LANGUAGES
from chirp.pages import account, home, notices, post, profile


def init_app(app: Flask) -> None:
    """Register the pages, the filters and the error page."""
    for part in (home, profile, post, account, notices):
        app.register_blueprint(part.blueprint)
    app.jinja_env.filters.update(stamp=clock.text, ago=clock.ago, full_time=clock.full, month=clock.month)
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.context_processor(_shared)
    app.register_error_handler(HTTPException, _error)


def _shared() -> dict[str, Any]:
    try:
        viewer = auth.current()
        unseen = notifications.unseen(db.connection(), viewer) if viewer else 0
    except db.NotPrepared:  # the error page must still come
        viewer, unseen = None, 0
    return {
        "viewer": viewer,
        "unseen": unseen,
        "site": current_app.config,
        "languages": LANGUAGES,
        "here": request.full_path.rstrip("?"),
    }


def _error(error: HTTPException) -> tuple[str, int]:
    sentences = {
        404: "There is nothing here, or it is not for everyone.",
        405: "This address does not take that.",
        413: "That is too large to send at once.",
        500: "Something broke. It is not your fault.",
    }
    code = error.code or 500
    return render_template("error.html", code=code, sentence=sentences.get(code, error.description)), code
