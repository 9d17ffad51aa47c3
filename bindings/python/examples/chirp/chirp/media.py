"""Uploaded pictures: stored in one folder under names nobody can guess, served under URLs that never change.

The name is the permission: a picture of a followers-only post is reachable for those who were given its URL,
as it is on other sites. Files follow the database: gone when the transaction is, deleted with their post.
"""

from __future__ import annotations

import secrets
from pathlib import Path

from flask import Blueprint, Flask, abort, current_app, send_from_directory
from werkzeug.datastructures import FileStorage
from werkzeug.wrappers import Response

from chirp import events, pictures
from chirp.db import Connection
from chirp.posts import Media, Post

MAX_BYTES = 5 * 1024 * 1024
MAX_ALT = 1500
_PREFIX = "/media/"
_TYPES = {"png": "image/png", "jpg": "image/jpeg", "gif": "image/gif", "webp": "image/webp"}

blueprint = Blueprint("media", __name__)


def read(upload: FileStorage | None) -> pictures.Picture | None:
    """The picture that came with a form; None when the field was left empty. Raises NotAPicture."""
    if upload is None or not upload.filename:
        return None
    data = upload.stream.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        raise pictures.NotAPicture(f"A picture may have at most {MAX_BYTES // 1024 // 1024} MB.")
    return pictures.read(data)


def save(db: Connection, picture: pictures.Picture, alt: str = "") -> Media:
    """Write a picture into the folder, within a transaction: if that is rolled back, the file goes too."""
    name = f"{secrets.token_urlsafe(18)}.{picture.extension}"
    path = _folder() / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(picture.data)
    db.after_rollback(lambda: path.unlink(missing_ok=True))
    return Media(_PREFIX + name, picture.media_type, alt.strip()[:MAX_ALT], picture.width, picture.height)


def discard(db: Connection, url: str | None) -> None:
    """Delete the file behind a URL of ours once the open transaction is committed."""
    if url and url.startswith(_PREFIX):
        path = _folder() / url.removeprefix(_PREFIX)
        db.after_commit(lambda: path.unlink(missing_ok=True))


@blueprint.get("/media/<name>")
def serve(name: str) -> Response:
    """A stored picture, with nothing in it that a browser would run."""
    media_type = _TYPES.get(name.rpartition(".")[2])
    if media_type is None:
        abort(404)
    response = send_from_directory(_folder(), name, mimetype=media_type, max_age=31536000)
    response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response


@events.post_deleted.connect
def _post_deleted(_app: Flask, db: Connection, post: Post) -> None:
    for item in post.media:
        discard(db, item.url)


def _folder() -> Path:
    return Path(current_app.config["CHIRP_MEDIA"])
