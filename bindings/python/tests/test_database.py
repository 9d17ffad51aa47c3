"""Connections and transactions: the host's own, those that are opened, and drivers of all kinds."""

from __future__ import annotations

import contextlib
import sqlite3
import threading
import time
from pathlib import Path

import pytest

from fedigraft import InvalidArgument, schema, store
from fedigraft.database import Database, Session

from on_store import NOW, actor, entry, follow, get, put


def test_the_tables_are_made_once_by_many_at_a_time(database):
    """As the workers of a prefork server do on their first start; each has a Database of its own."""
    errors: list[Exception] = []
    ready = threading.Barrier(8)

    def begin() -> None:
        own = Database(database._connect)
        ready.wait()
        try:
            with own.session() as session:
                store.enter_once(session, [], NOW)
        except Exception as error:
            errors.append(error)

    threads = [threading.Thread(target=begin) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert get(database, "once", "x") is None


def test_an_exception_rolls_everything_back(database):
    with pytest.raises(ZeroDivisionError), database.transaction() as session:
        store.apply(session, [entry("put", "tombstone", "k", {})], NOW)
        store.enter_once(session, ["a"], NOW)
        raise ZeroDivisionError
    assert get(database, "tombstone", "k") is None
    assert get(database, "once", "a") is None


def test_a_joined_transaction_stays_the_hosts(tmp_path):
    database = Database(tmp_path / "store.db")
    get(database, "once", "x")
    host = sqlite3.connect(tmp_path / "store.db")
    host.execute("BEGIN")
    store.apply(database.join(host), [entry("put", "tombstone", "k", {})], NOW)
    assert host.in_transaction
    assert get(database, "tombstone", "k") is None
    host.rollback()
    assert get(database, "tombstone", "k") is None
    store.apply(database.join(host), [entry("put", "tombstone", "k", {})], NOW)
    host.commit()
    host.close()
    assert get(database, "tombstone", "k") == {}


def test_a_connection_without_transactions_is_refused(tmp_path):
    database = Database(tmp_path / "store.db")
    with contextlib.closing(sqlite3.connect(tmp_path / "host.db", isolation_level=None)) as host:
        with pytest.raises(InvalidArgument) as caught:
            database.join(host)
        assert caught.value.reason == "no_transaction"
        host.execute("BEGIN")
        assert database.join(host)


def test_a_postgresql_connection_that_commits_by_itself_is_refused_too(schemas):
    import psycopg

    database = Database(lambda: psycopg.connect(place))
    place = schemas()
    with psycopg.connect(place, autocommit=True) as host:
        with pytest.raises(InvalidArgument) as caught:
            database.join(host)
        assert caught.value.reason == "no_transaction"
        with host.transaction(force_rollback=True):
            store.apply(database.join(host), [entry("put", "tombstone", "k", {})], NOW)
        assert get(database, "tombstone", "k") is None
        with host.transaction():
            store.apply(database.join(host), [entry("put", "tombstone", "k", {})], NOW)
        assert get(database, "tombstone", "k") == {}


def test_a_host_whose_transaction_meets_one_that_makes_the_tables_keeps_it(schemas):
    import psycopg

    place = schemas()
    database = Database(lambda: psycopg.connect(place))
    joined: list[bool] = []
    with psycopg.connect(place) as first, psycopg.connect(place) as host:
        first.execute(schema())

        def join() -> None:
            host.execute("SELECT 1")
            joined.append(store.enter_once(database.join(host), ["a"], NOW))

        thread = threading.Thread(target=join)
        thread.start()
        waits = "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
        with psycopg.connect(place, autocommit=True) as looking:
            while thread.is_alive() and not looking.execute(waits).fetchone():
                time.sleep(0.01)
        first.commit()
        thread.join()
    assert joined == [True]
    assert get(database, "once", "a") is True


@pytest.mark.parametrize(
    "factory", [sqlite3.Row, lambda c, r: dict(zip([d[0] for d in c.description], r, strict=True))]
)
def test_any_row_type_of_the_host_will_do(tmp_path, factory):
    def connect() -> sqlite3.Connection:
        connection = sqlite3.connect(tmp_path / "host.db")
        connection.row_factory = factory
        return connection

    database = Database(connect)
    put(database, actor("https://a/1", inbox="https://a/inbox"), follow("https://a/1", "https://me/1"))
    assert get(database, "inboxes", "https://me/1")["items"] == ["https://a/inbox"]


def test_a_pool_that_gives_context_managers_will_do(tmp_path):
    given = []

    @contextlib.contextmanager
    def pool():
        given.append("out")
        with contextlib.closing(sqlite3.connect(tmp_path / "host.db")) as connection:
            yield connection
        given.append("back")

    database = Database(pool)
    put(database, entry("put", "tombstone", "k", {}))
    assert get(database, "tombstone", "k") == {}
    assert given == ["out", "back"] * 2


class PyFormat:
    """A driver that marks parameters as psycopg does; it stands on SQLite."""

    paramstyle = "pyformat"

    def __init__(self, path: Path) -> None:
        self.inner = sqlite3.connect(path)
        self.seen: list[str] = []

    def cursor(self):
        outer, inner = self, self.inner.cursor()

        class Cursor:
            rowcount = property(lambda _: inner.rowcount)

            def execute(self, sql, parameters):
                outer.seen.append(sql)
                assert "?" not in sql
                return inner.execute(sql.replace("%s", "?"), parameters)

            fetchall = inner.fetchall
            close = inner.close

        return Cursor()

    def __getattr__(self, name):
        return getattr(self.inner, name)


def test_another_paramstyle_will_do(tmp_path):
    with pytest.raises(InvalidArgument) as caught, Database(lambda: PyFormat(tmp_path / "p.db")).session():
        pass
    assert caught.value.place == "paramstyle"
    database = Database(lambda: PyFormat(tmp_path / "p.db"), paramstyle="pyformat")
    put(database, entry("put", "tombstone", "k", {}), follow("https://a/1", "https://me/1"))
    assert get(database, "tombstone", "k") == {}
    assert get(database, "followers", "https://me/1")["total"] == 1


def test_memory_is_refused_with_the_remedy():
    with pytest.raises(InvalidArgument) as caught:
        Database(":memory:")
    assert "path of a file" in caught.value.message


def test_sessions_mark_parameters():
    assert Session(None, "%s")._marked("a = ? AND b = ?") == "a = %s AND b = %s"  # type: ignore[arg-type]
