"""The real application with a real SQLite file, and visitors who use it as a browser does: forms with their token."""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from html import unescape
from io import BytesIO
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.security import generate_password_hash
from werkzeug.test import TestResponse

from chirp import create_app, db, people
from chirp.people import Person

ORIGIN = "http://chirp.example"


@pytest.fixture
def app(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Flask:
    # Real hashes, but cheap ones: most of the time would go there.
    monkeypatch.setattr(
        people, "generate_password_hash", partial(generate_password_hash, method="scrypt:1024:8:1")
    )
    app = create_app(
        {
            "CHIRP_DATABASE": str(tmp_path / "chirp.sqlite"),
            "CHIRP_MEDIA": str(tmp_path / "media"),
            "CHIRP_ORIGIN": ORIGIN,
            "SECRET_KEY": "only for tests",
        }
    )
    db.prepare(app.config["CHIRP_DATABASE"])
    return app


class Visitor:
    """A browser with its cookies."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.client: FlaskClient = app.test_client()

    def fetch(self, path: str) -> TestResponse:
        return self.client.get(path, base_url=ORIGIN)

    def get(self, path: str, status: int = 200) -> str:
        response = self.fetch(path)
        assert response.status_code == status, (path, response.status_code, response.text)
        return response.text

    def post(
        self, path: str, form: dict[str, object] | None = None, *, page: str | None = None
    ) -> TestResponse:
        """Send a form with the token that `page` (or any page with a form) shows."""
        shown = self.client.get(page or "/login", base_url=ORIGIN, follow_redirects=True).text
        token = re.search(r'name="csrf" value="([^"]+)"', shown)
        assert token, f"no form on {page}"
        return self.client.post(path, base_url=ORIGIN, data={**(form or {}), "csrf": unescape(token[1])})

    def join(self, name: str, **form: object) -> Visitor:
        response = self.post("/signup", {"name": name, "password": "correct horse", **form}, page="/signup")
        assert response.status_code == 302, response.text
        return self

    def write(self, text: str, **form: object) -> int:
        """Publish a post and return its id."""
        response = self.post("/posts", {"text": text, **form})
        assert response.status_code == 302, response.text
        return int(response.location.rsplit("/", 1)[1])

    def act(self, path: str, **form: object) -> None:
        response = self.post(path, dict(form))
        assert response.status_code == 302, (path, response.status_code, response.text)


@pytest.fixture
def visitor(app: Flask) -> Visitor:
    """Somebody who is not logged in."""
    return Visitor(app)


@pytest.fixture
def alice(app: Flask) -> Visitor:
    return Visitor(app).join("alice", display_name="Alice Martin")


@pytest.fixture
def ben(app: Flask) -> Visitor:
    return Visitor(app).join("ben", display_name="Ben Okafor")


@pytest.fixture
def chloe(app: Flask) -> Visitor:
    return Visitor(app).join("chloe")


@contextmanager
def inside(app: Flask) -> Iterator[None]:
    """Work with the application's own functions."""
    with app.app_context():
        yield


def person(handle: str) -> Person:
    found = people.by_handle(db.connection(), handle)
    assert found, handle
    return found


def png(width: int = 3, height: int = 2, text: bytes = b"") -> bytes:
    """A real PNG, with what cameras write into it if `text` is given."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = (b"\0" + b"\x10\x80\x70" * width) * height
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    extra = chunk(b"tEXt", text) + chunk(b"eXIf", text) if text else b""
    end = chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + extra + end


def file(data: bytes, name: str = "picture.png") -> tuple[BytesIO, str]:
    """A file field of a form."""
    return BytesIO(data), name
