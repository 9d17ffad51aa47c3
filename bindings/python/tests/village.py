"""A small host to federate: people and posts in its own SQLite database, and what it was told.

One is ``Village(folder, "ann", port)``. Its ``app`` is a WSGI application; the tables of the store lie beside
its own in the same file.
"""

from __future__ import annotations

import sqlite3
import threading
import time
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from werkzeug.serving import make_server

from fedigraft import Content, Federation, Mention, Post, Posts, Profile
from fedigraft.events import CLASSES

TABLES = """
CREATE TABLE IF NOT EXISTS people (id TEXT PRIMARY KEY, name TEXT UNIQUE, locked INTEGER DEFAULT 0);
CREATE TABLE IF NOT EXISTS posts (
    id INTEGER PRIMARY KEY, author TEXT, text TEXT, visibility TEXT DEFAULT 'public', reply_to TEXT,
    mention TEXT, published TEXT, updated TEXT);
CREATE TABLE IF NOT EXISTS told (id INTEGER PRIMARY KEY, type TEXT, detail TEXT);
"""


class Village:
    """A host with the person ``name`` (id ``1``)."""

    def __init__(self, folder: Path, name: str, port: int, **options: Any) -> None:
        self.path = folder / f"{name}.db"
        self.name = name
        self.port = port
        self.origin = f"http://127.0.0.1:{port}"
        self.fail: str | None = None
        self.hours = 0
        self.page_bodies: list[int] = []
        with self.connect() as db:
            db.executescript(TABLES)
            db.execute("INSERT OR IGNORE INTO people (id, name) VALUES ('1', ?)", (name,))
        db.close()
        self.fed = Federation(
            self.origin,
            name=name,
            account_domain=f"127.0.0.1:{port}",
            database=self.connect,
            policy="development",
            clock=lambda: time.time() + 3600 * self.hours,
            **options,
        )
        self.fed.profile(self.load_profile)
        self.fed.post(self.load_post)
        self.fed.posts(self.load_posts)
        self.fed.blocked(lambda db, key: key == "blocked.example")
        for event in CLASSES:
            self.fed.on(event)(self.hear)
        self.app = self.fed.wsgi(self.pages)

    def connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self.path, timeout=20)
        connection.row_factory = sqlite3.Row
        return connection

    @property
    def actor(self) -> str:
        return self.fed.instance.uri("actor", "1")

    @property
    def handle(self) -> str:
        return f"@{self.name}@127.0.0.1:{self.port}"

    # What fedigraft asks.

    def load_profile(self, db: sqlite3.Connection, key: str) -> Profile | None:
        if self.fail == "profile":
            raise sqlite3.OperationalError("the database is away")
        column = "name" if key.startswith("@") else "id"
        row = db.execute(f"SELECT * FROM people WHERE {column} = ?", (key.removeprefix("@"),)).fetchone()
        if row is None:
            return None
        return Profile(
            id=row["id"], username=row["name"], display_name=row["name"].title(), federated=True,
            locked=bool(row["locked"]),
        )  # fmt: skip

    def load_post(self, db: sqlite3.Connection, key: str) -> Post | None:
        row = db.execute("SELECT * FROM posts WHERE id = ?", (key,)).fetchone()
        return None if row is None else self.as_post(row)

    def load_posts(self, db: sqlite3.Connection, profile: str, cursor: str | None) -> Posts:
        rows = db.execute(
            "SELECT * FROM posts WHERE author = ? AND visibility = 'public' AND id < ? "
            "ORDER BY id DESC LIMIT 20",
            (profile, int(cursor or 2**60)),
        ).fetchall()
        return Posts(
            tuple(self.as_post(row) for row in rows), str(rows[-1]["id"]) if len(rows) == 20 else None
        )

    def as_post(self, row: sqlite3.Row) -> Post:
        return Post(
            id=str(row["id"]), author=row["author"], visibility=row["visibility"],
            content=Content(row["text"]), in_reply_to=row["reply_to"],
            mentions=(Mention(uri=row["mention"]),) if row["mention"] else (),
            published=_time(row["published"]), updated=_time(row["updated"]),
        )  # fmt: skip

    # What its people do.

    def write(self, text: str, **columns: Any) -> Post:
        """Stores a post and publishes it, in one transaction."""
        with self.connect() as db:
            row = self.insert(db, text, **columns)
            post = self.as_post(row)
            self.fed.publish(post, connection=db)
        db.close()
        return post

    def insert(self, db: sqlite3.Connection, text: str, **columns: Any) -> sqlite3.Row:
        row = {"author": "1", "text": text, "published": datetime.now(timezone.utc).isoformat(), **columns}
        names = ", ".join(row)
        done = db.execute(
            f"INSERT INTO posts ({names}) VALUES ({', '.join('?' * len(row))})", tuple(row.values())
        )
        return db.execute("SELECT * FROM posts WHERE id = ?", (done.lastrowid,)).fetchone()

    # What it is told.

    def hear(self, db: sqlite3.Connection, event: Any) -> None:
        if self.fail == event.type:
            raise RuntimeError("the handler fails")
        db.execute("INSERT INTO told (type, detail) VALUES (?, ?)", (event.type, repr(event)))

    def told(self) -> list[str]:
        db = self.connect()
        try:
            return [row["type"] for row in db.execute("SELECT type FROM told ORDER BY id")]
        finally:
            db.close()

    def detail(self, kind: str) -> str:
        db = self.connect()
        try:
            return str(db.execute("SELECT detail FROM told WHERE type = ?", (kind,)).fetchone()["detail"])
        finally:
            db.close()

    def rows(self, sql: str, *parameters: Any) -> list[tuple[Any, ...]]:
        db = self.connect()
        try:
            return [tuple(row) for row in db.execute(sql, parameters)]
        finally:
            db.close()

    # Its pages.

    def pages(self, environ: dict[str, Any], start_response: Any) -> list[bytes]:
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        self.page_bodies.append(len(body))
        start_response("200 OK", [("Content-Type", "text/plain")])
        return [b"a page of ", self.name.encode()]


class Served:
    """A village behind a real server, on a thread."""

    def __init__(self, village: Village) -> None:
        self.server = make_server("127.0.0.1", village.port, village.app, threaded=True)
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self.thread.start()

    def close(self) -> None:
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


def _time(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
