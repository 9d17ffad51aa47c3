"""chirp: a small microblog for a small community. Flask, SQLite, no JavaScript.

`create_app()` reads its settings from a mapping or from the environment (variables of the same names).
"""

from __future__ import annotations

import contextlib
import os
import secrets
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from flask import Flask

from chirp import commands, db, media, pages, security

__version__ = "1.0"

# Every setting with its default; None: see create_app.
SETTINGS: dict[str, Any] = {
    "CHIRP_DATABASE": None,  # path of the SQLite file
    "CHIRP_MEDIA": None,  # folder of the uploaded pictures
    "CHIRP_ORIGIN": "http://localhost:5000",  # how the world reaches this site: scheme, host, port
    "CHIRP_NAME": "Chirp",  # what the site is called
    "CHIRP_ABOUT": "A small, friendly place to write to each other.",
    "CHIRP_SIGN_UP": True,  # whether anybody may sign up
    "CHIRP_POST_LENGTH": 1000,  # characters of a post
    "CHIRP_IMAGE_SOURCES": "https:",  # where pictures from elsewhere may come from (CSP img-src)
    "CHIRP_FEDERATED": False,  # whether people are asked if other sites may reach them
    "SECRET_KEY": None,  # signs the session cookies
}


def create_app(settings: Mapping[str, Any] | None = None) -> Flask:
    """Build the application.

    Without CHIRP_DATABASE and CHIRP_MEDIA the data is kept in the instance folder; without SECRET_KEY a key is
    made once and kept beside the database.
    """
    app = Flask(__name__)
    app.config.update(SETTINGS)
    app.config.update(
        {name: _as(SETTINGS[name], os.environ[name]) for name in SETTINGS if name in os.environ}
    )
    app.config.update(settings or {})
    data = Path(app.instance_path)
    app.config["CHIRP_DATABASE"] = str(app.config["CHIRP_DATABASE"] or data / "chirp.sqlite")
    app.config["CHIRP_MEDIA"] = str(app.config["CHIRP_MEDIA"] or data / "media")
    app.config["CHIRP_ORIGIN"] = app.config["CHIRP_ORIGIN"].rstrip("/")
    app.config["SECRET_KEY"] = app.config["SECRET_KEY"] or _kept_key(
        Path(app.config["CHIRP_DATABASE"] + ".key")
    )
    port = urlsplit(app.config["CHIRP_ORIGIN"]).port
    app.config.update(
        MAX_CONTENT_LENGTH=4 * media.MAX_BYTES + 256 * 1024,
        PERMANENT_SESSION_LIFETIME=timedelta(days=30),
        SESSION_COOKIE_NAME=f"chirp_{port}" if port else "chirp",  # cookies do not tell ports apart
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=app.config["CHIRP_ORIGIN"].startswith("https:"),
    )
    for part in (db, security, pages, commands):
        part.init_app(app)
    app.register_blueprint(media.blueprint)
    return app


def _as(default: object, text: str) -> object:
    """The value of an environment variable, of the type of the setting's default."""
    if isinstance(default, bool):
        return text.strip().lower() in ("1", "yes", "true", "on")
    return int(text) if isinstance(default, int) else text


def _kept_key(path: Path) -> str:
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secrets.token_hex(32))
        with contextlib.suppress(FileExistsError):  # another process was first
            os.link(draft, path)
        draft.unlink()
    return path.read_text()
