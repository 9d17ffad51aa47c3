"""The database: one SQLite connection per application context, WAL, and transactions that are always explicit.

Reading: `db.connection()`. Writing: `with db.transaction() as connection:`, which begins at once
(BEGIN IMMEDIATE), commits at the end and rolls back on any exception. Both work in a request and in a command;
threads and programs beside them use `db.session(app)`.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path
from typing import Any

from flask import Flask, current_app, g

VERSION = 1


class NotPrepared(RuntimeError):
    """There is no database yet, or one of another version."""


class Connection(sqlite3.Connection):
    """A connection to SQLite that can be asked to do something when its transaction ends."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._on_commit: list[Callable[[], object]] = []
        self._on_rollback: list[Callable[[], object]] = []

    def after_commit(self, action: Callable[[], object]) -> None:
        """Do `action` once the open transaction is committed, and not at all when it is rolled back."""
        self._on_commit.append(action)

    def after_rollback(self, action: Callable[[], object]) -> None:
        """Do `action` when the open transaction is rolled back."""
        self._on_rollback.append(action)

    def commit(self) -> None:
        """Commit, then do what was asked for."""
        super().commit()
        self._end(self._on_commit)

    def rollback(self) -> None:
        """Roll back, then do what was asked for."""
        super().rollback()
        self._end(self._on_rollback)

    def _end(self, actions: list[Callable[[], object]]) -> None:
        self._on_commit, self._on_rollback = [], []
        for action in actions:
            action()


def open_file(path: str) -> Connection:
    """Open a connection as chirp needs it: autocommit outside transactions, rows by name, foreign keys on."""
    opened = sqlite3.connect(path, isolation_level=None, timeout=10, factory=Connection)
    opened.row_factory = sqlite3.Row
    opened.execute("PRAGMA foreign_keys = ON")
    opened.execute("PRAGMA synchronous = NORMAL")
    return opened


def prepare(path: str) -> None:
    """Create the tables of a new database. Does nothing to one that is there."""
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    opened = open_file(path)
    try:
        opened.execute("PRAGMA journal_mode = WAL")
        if _version(opened) == 0:
            schema = files("chirp").joinpath("schema.sql").read_text("utf-8")
            opened.executescript(f"BEGIN IMMEDIATE;\n{schema}\nCOMMIT;")
    finally:
        opened.close()


def connection() -> Connection:
    """The connection of this application context, opened on first use."""
    if "connection" not in g:
        path = current_app.config["CHIRP_DATABASE"]
        if not Path(path).exists():
            raise NotPrepared(f"there is no database {path}: run `flask --app chirp init-db`")
        opened = open_file(path)
        if _version(opened) != VERSION:
            opened.close()
            raise NotPrepared(
                f"{path} is no chirp database of version {VERSION}: run `flask --app chirp init-db`"
            )
        g.connection = opened
    found: Connection = g.connection
    return found


@contextmanager
def transaction() -> Iterator[Connection]:
    """Run one transaction on this context's connection. They do not nest."""
    opened = connection()
    opened.execute("BEGIN IMMEDIATE")
    try:
        yield opened
        opened.commit()
    except BaseException:
        opened.rollback()
        raise


@contextmanager
def session(app: Flask) -> Iterator[Connection]:
    """A connection of one's own, in an application context of one's own; who opens it begins and commits."""
    with app.app_context():
        yield connection()


def init_app(app: Flask) -> None:
    """Close the connection when its application context ends."""

    @app.teardown_appcontext
    def close(_error: BaseException | None) -> None:
        opened = g.pop("connection", None)
        if opened is not None:
            opened.close()


def _version(opened: Connection) -> int:
    row = opened.execute("PRAGMA user_version").fetchone()
    return int(row[0])
