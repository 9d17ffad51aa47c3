"""Connections and transactions: the host's own database, or a SQLite file.

Any DB-API connection (PEP 249) to SQLite or PostgreSQL will do. A connection the host passes in keeps its
transaction: it is neither committed nor rolled back here. One that is opened here ends here.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
import sys
from collections.abc import Callable, Iterator, Sequence
from importlib import resources
from pathlib import Path
from typing import Any, Protocol, TypeAlias

from .errors import InvalidArgument

Row: TypeAlias = tuple[Any, ...]

# More than there are statements in the schema: a connection that commits each by itself may lose each race.
_ATTEMPTS = 20


class Cursor(Protocol):
    """The part of a DB-API cursor that is used."""

    @property
    def rowcount(self) -> int: ...
    def execute(self, operation: str, parameters: Any = ..., /) -> Any: ...
    def fetchall(self) -> list[Any]: ...
    def close(self) -> Any: ...


class Connection(Protocol):
    """The part of a DB-API connection that is used."""

    def cursor(self) -> Any: ...
    def commit(self) -> Any: ...
    def rollback(self) -> Any: ...
    def close(self) -> Any: ...


Connect: TypeAlias = Callable[[], "Connection | contextlib.AbstractContextManager[Connection]"]


class Session:
    """A connection and the way its driver marks parameters. SQL is written with ``?``."""

    __slots__ = ("connection", "mark")

    def __init__(self, connection: Connection, mark: str) -> None:
        self.connection = connection
        self.mark = mark

    def execute(self, sql: str, parameters: Sequence[Any] = ()) -> int:
        """Runs a statement; gives the number of rows it touched."""
        cursor = self.connection.cursor()
        try:
            cursor.execute(self._marked(sql), tuple(parameters))
            return int(cursor.rowcount)
        finally:
            cursor.close()

    def rows(self, sql: str, parameters: Sequence[Any] = ()) -> list[Row]:
        """Runs a query; gives plain tuples, whatever row type the host's connection makes."""
        cursor = self.connection.cursor()
        try:
            cursor.execute(self._marked(sql), tuple(parameters))
            return [tuple(row.values()) if isinstance(row, dict) else tuple(row) for row in cursor.fetchall()]
        finally:
            cursor.close()

    def row(self, sql: str, parameters: Sequence[Any] = ()) -> Row | None:
        """The first row, or ``None``."""
        found = self.rows(sql, parameters)
        return found[0] if found else None

    def _marked(self, sql: str) -> str:
        return sql if self.mark == "?" else sql.replace("?", self.mark)


class Database:
    """Where the store lives, and how to reach it.

    Args:
        source: a function that opens a new connection to the host's database (or gives a context manager
            of one, as a pool does), or the path of a SQLite file to keep for itself.
        paramstyle: PEP 249's word for the driver's parameters, when the connection's class does not tell.
    """

    def __init__(self, source: Connect | str | os.PathLike[str], *, paramstyle: str | None = None) -> None:
        self._paramstyle = paramstyle
        self._ready = False
        if callable(source):
            self._connect: Connect = source
        else:
            path = Path(source)
            if os.fspath(source) in ("", ":memory:"):
                raise InvalidArgument(
                    "each connection to :memory: is a database of its own; give the path of a file",
                    reason="bad_database",
                )
            self._connect = lambda: _embedded(path)

    @contextlib.contextmanager
    def session(self) -> Iterator[Session]:
        """Opens a connection for reading; what little is written is committed at the end."""
        with self._opened() as session, self._ended(session):
            yield session

    @contextlib.contextmanager
    def transaction(self) -> Iterator[Session]:
        """Opens a connection and one transaction: committed at the end, rolled back on an exception."""
        with self._opened() as session:
            connection = session.connection
            if isinstance(connection, sqlite3.Connection) and not connection.in_transaction:
                # Takes the write lock now: a read lock that grows later can fail at once in a busy file.
                connection.execute("BEGIN IMMEDIATE")
            with self._ended(session):
                yield session

    def join(self, connection: Connection) -> Session:
        """The host's open connection, whose transaction stays the host's."""
        if _commits_itself(connection):
            raise InvalidArgument(
                "this connection commits every statement by itself; execute BEGIN first, so that there is a "
                "transaction to join",
                reason="no_transaction",
                place="connection",
            )
        session = Session(connection, self._mark(connection))
        if not self._ready:
            # Not noted as done: the host may roll its transaction back.
            _join_tables(session)
        return session

    @contextlib.contextmanager
    def _opened(self) -> Iterator[Session]:
        opened: Any = self._connect()
        # A sqlite3 connection is a context manager too, but one of a transaction.
        owner = contextlib.closing(opened) if hasattr(opened, "cursor") else opened
        with owner as connection:
            session = Session(connection, self._mark(connection))
            if not self._ready:
                self._prepare(session)
            yield session

    def _prepare(self, session: Session) -> None:
        """Makes the tables. IF NOT EXISTS does not help two that begin at once on PostgreSQL: the one that
        comes second gets a unique violation on pg_type, and finds the table when it tries again."""
        for attempt in range(_ATTEMPTS):
            try:
                with self._ended(session):
                    _make_tables(session)
            except Exception:
                if attempt == _ATTEMPTS - 1 or isinstance(session.connection, sqlite3.Connection):
                    raise
            else:
                self._ready = True
                return

    @contextlib.contextmanager
    def _ended(self, session: Session) -> Iterator[None]:
        try:
            yield
        except BaseException:
            session.connection.rollback()
            raise
        session.connection.commit()

    def _mark(self, connection: Connection) -> str:
        style = self._paramstyle or _paramstyle(connection)
        if style == "qmark":
            return "?"
        if style in ("format", "pyformat"):
            return "%s"
        raise InvalidArgument(
            "cannot tell how this database driver marks parameters; say paramstyle='qmark' or 'format'",
            reason="bad_database",
            place="paramstyle",
        )


def schema() -> str:
    """The SQL that makes the tables, for a host that runs its own migrations."""
    return resources.files(__package__).joinpath("schema.sql").read_text(encoding="utf-8")


def _make_tables(session: Session) -> None:
    for statement in schema().split(";\n"):
        if statement.strip():
            session.execute(statement)


def _join_tables(session: Session) -> None:
    """Makes the tables in the host's transaction, which a lost race (see ``_prepare``) must not spoil."""
    if isinstance(session.connection, sqlite3.Connection):
        _make_tables(session)
        return
    for attempt in range(_ATTEMPTS):
        session.execute("SAVEPOINT fedigraft_tables")
        try:
            _make_tables(session)
        except Exception:
            session.execute("ROLLBACK TO SAVEPOINT fedigraft_tables")
            if attempt == _ATTEMPTS - 1:
                raise
        else:
            session.execute("RELEASE SAVEPOINT fedigraft_tables")
            return


def _paramstyle(connection: Connection) -> str | None:
    """What the driver's module says (PEP 249); the class may be the host's own subclass."""
    for kind in type(connection).__mro__:
        driver = sys.modules.get(kind.__module__.partition(".")[0])
        if (style := getattr(driver, "paramstyle", None)) is not None:
            return str(style)
    return None


def _commits_itself(connection: Connection) -> bool:
    """True when every statement on this connection would be committed at once."""
    if isinstance(connection, sqlite3.Connection):
        return connection.isolation_level is None and not connection.in_transaction
    status = getattr(getattr(connection, "info", None), "transaction_status", 0)
    return getattr(connection, "autocommit", False) is True and int(status) == 0


def _embedded(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=30)
    connection.execute("PRAGMA journal_mode = WAL")
    return connection
