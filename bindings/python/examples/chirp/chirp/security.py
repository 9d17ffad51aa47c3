"""What protects every page: a token in each form against forged requests (CSRF), and the response headers."""

from __future__ import annotations

import secrets

from flask import Flask, abort, request, session
from markupsafe import Markup
from werkzeug.wrappers import Response


def csrf_field() -> Markup:
    """The hidden field that every form with method="post" carries."""
    if "csrf" not in session:
        session["csrf"] = secrets.token_urlsafe(24)
    return Markup('<input type="hidden" name="csrf" value="{}">').format(session["csrf"])


def local_path(target: str | None, fallback: str = "/") -> str:
    """`target` if it is a path of this site, else `fallback`: a redirect never leads away."""
    if target and target.startswith("/") and not target.startswith("//") and "\\" not in target:
        return target if target.isprintable() else fallback
    return fallback


def init_app(app: Flask) -> None:
    """Check the token of every POST, and set the headers of every response."""
    # Pages bring no script at all. Pictures of people from elsewhere come from where they live.
    policy = (
        "default-src 'none'; style-src 'self'; font-src 'self'; form-action 'self'; base-uri 'none'; "
        f"frame-ancestors 'none'; img-src 'self' {app.config['CHIRP_IMAGE_SOURCES']}"
    )

    @app.before_request
    def check_token() -> None:
        if request.method in ("GET", "HEAD", "OPTIONS"):
            return
        expected = session.get("csrf")
        if not expected or not secrets.compare_digest(
            expected.encode(), request.form.get("csrf", "").encode()
        ):
            abort(400, "This form has expired. Go back, reload the page and send it again.")

    @app.after_request
    def add_headers(response: Response) -> Response:
        response.headers.setdefault("Content-Security-Policy", policy)
        response.headers.setdefault("X-Content-Type-Options", "nosniff")
        response.headers.setdefault("Referrer-Policy", "same-origin")
        response.headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
        if request.endpoint not in ("static", "media.serve"):
            response.headers.setdefault("Cache-Control", "private, no-cache")
        return response

    app.jinja_env.globals["csrf_field"] = csrf_field
