"""The database: one SQLite connection per application context, WAL, and transactions that are always explicit.

Reading: `db.connection()`. Writing: `with db.transaction() as connection:`, which begins at once
(BEGIN IMMEDIATE), commits at the end and rolls back on any exception. Both work in a request, in a command
and in any thread that opens `app.app_context()`.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path

from flask import Flask, current_app, g

VERSION = 1


class NotPrepared(RuntimeError):
    """There is no database yet, or one of another version."""


def open_file(path: str) -> sqlite3.Connection:
    """Open a connection as chirp needs it: autocommit outside transactions, rows by name, foreign keys on."""
    connection = sqlite3.connect(path, isolation_level=None, timeout=10)
    connection.row_factory = sqlite3.Row
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA synchronous = NORMAL")
    return connection


def prepare(path: str) -> None:
    """Create the tables of a new database. Does nothing to one that is there."""
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    connection = open_file(path)
    try:
        connection.execute("PRAGMA journal_mode = WAL")
        if _version(connection) == 0:
            schema = files("chirp").joinpath("schema.sql").read_text("utf-8")
            connection.executescript(f"BEGIN IMMEDIATE;\n{schema}\nCOMMIT;")
    finally:
        connection.close()


def connection() -> sqlite3.Connection:
    """The connection of this application context, opened on first use."""
    if "connection" not in g:
        path = current_app.config["CHIRP_DATABASE"]
        opened = open_file(path)
        if _version(opened) != VERSION:
            opened.close()
            raise NotPrepared(
                f"{path} is not a chirp database of version {VERSION}: run `flask --app chirp init-db`"
            )
        g.connection = opened
    found: sqlite3.Connection = g.connection
    return found


@contextmanager
def transaction() -> Iterator[sqlite3.Connection]:
    """Run one transaction on this context's connection. They do not nest."""
    opened = connection()
    opened.execute("BEGIN IMMEDIATE")
    g.after_commit, g.after_rollback = [], []
    try:
        yield opened
        opened.execute("COMMIT")
    except BaseException:
        if opened.in_transaction:
            opened.execute("ROLLBACK")
        _run(g.after_rollback)
        raise
    _run(g.after_commit)


def after_commit(action: Callable[[], object]) -> None:
    """Do `action` once the open transaction is committed, and not at all when it is rolled back."""
    g.after_commit.append(action)


def after_rollback(action: Callable[[], object]) -> None:
    """Do `action` when the open transaction is rolled back."""
    g.after_rollback.append(action)


def init_app(app: Flask) -> None:
    """Close the connection when its application context ends."""

    @app.teardown_appcontext
    def close(_error: BaseException | None) -> None:
        opened = g.pop("connection", None)
        if opened is not None:
            opened.close()


def _version(opened: sqlite3.Connection) -> int:
    row = opened.execute("PRAGMA user_version").fetchone()
    return int(row[0])


def _run(actions: list[Callable[[], object]]) -> None:
    for action in actions:
        action()
