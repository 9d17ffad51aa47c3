"""What the store keeps and how: entries, lists, once, keys, leases, sessions; on SQLite and PostgreSQL."""

from __future__ import annotations

import contextlib
import sqlite3
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from fedigraft import InvalidArgument, PublicKey, leases, schema, store
from fedigraft.database import Database, Session
from fedigraft.steps import Wanted

NOW = 1_790_000_000


@pytest.fixture
def database(tmp_path: Path, address: Callable[[], str | None]) -> Database:
    place = address()
    if place is None:
        return Database(tmp_path / "store.db")
    import psycopg

    return Database(lambda: psycopg.connect(place))


def entry(op: str, name: str, key: str, value=None, **rest):
    return {"op": op, "name": name, "key": key, "value": value, **rest}


def put(database: Database, *entries, now: int = NOW) -> None:
    with database.transaction() as session:
        store.apply(session, entries, now)


def get(database: Database, name: str, key: str, cursor: str | None = None, now: int = NOW):
    with database.session() as session:
        return store.load(session, Wanted(name, key, cursor), now)


@pytest.mark.parametrize("name", ["activity", "remote_post", "remote_key", "origin", "tombstone"])
def test_a_document_is_put_replaced_and_removed(database, name):
    assert get(database, name, "k") is None
    put(database, entry("put", name, "k", {"n": 1, "text": "\0 é \u2028"}))
    assert get(database, name, "k") == {"n": 1, "text": "\0 é \u2028"}
    put(database, entry("put", name, "k", {"n": 2}))
    assert get(database, name, "k") == {"n": 2}
    assert get(database, name, "other") is None
    put(database, entry("remove", name, "k"))
    assert get(database, name, "k") is None


def test_put_if_newer_keeps_the_newest(database):
    put(database, entry("put_if_newer", "remote_post", "k", {"n": 5}, version=5))
    for version in (4, 5):
        put(database, entry("put_if_newer", "remote_post", "k", {"n": "old"}, version=version))
    assert get(database, "remote_post", "k") == {"n": 5}
    put(database, entry("put_if_newer", "remote_post", "k", {"n": 6}, version=6))
    assert get(database, "remote_post", "k") == {"n": 6}


def test_add_only_adds(database):
    put(database, entry("add", "tombstone", "k", {"n": 1}), entry("add", "tombstone", "k", {"n": 2}))
    assert get(database, "tombstone", "k") == {"n": 1}


def test_what_has_expired_is_absent_and_is_purged(database):
    put(database, entry("put", "remote_key", "k", {"n": 1}, expires=NOW + 10))
    assert get(database, "remote_key", "k", now=NOW + 9) == {"n": 1}
    assert get(database, "remote_key", "k", now=NOW + 10) is None
    put(database, entry("add", "remote_key", "k", {"n": 2}, expires=NOW + 20), now=NOW + 10)
    assert get(database, "remote_key", "k", now=NOW + 10) == {"n": 2}
    with database.transaction() as session:
        store.purge(session, NOW + 20)
        assert session.rows("SELECT * FROM fedigraft_documents") == []


def actor(uri: str, *, inbox: str, shared: str | None = None, handle: str | None = None):
    value = {"v": 1, "id": uri, "inbox": inbox, "shared_inbox": shared, "handle": handle}
    return entry("put", "remote_actor", uri, value)


def follow(follower: str, followee: str, state: str = "accepted"):
    value = {"v": 1, "state": state, "activity": "x", "at": 1}
    return entry("put", "follow", f"{follower} {followee}", value)


def test_an_actor_is_found_by_uri_and_by_handle(database):
    put(database, actor("https://a/1", inbox="https://a/1/inbox", handle="@Bob@a.example"))
    assert get(database, "remote_actor", "https://a/1")["id"] == "https://a/1"
    assert get(database, "remote_actor", "acct:bob@a.example")["id"] == "https://a/1"
    assert get(database, "remote_actor", "acct:eve@a.example") is None


def test_follows_have_lists_on_both_sides(database):
    put(database, follow("https://a/1", "https://me/1"), follow("https://a/2", "https://me/1", "pending"))
    put(database, follow("https://me/1", "https://a/1"))
    assert get(database, "follow", "https://a/2 https://me/1")["state"] == "pending"
    assert get(database, "followers", "https://me/1") == {"items": ["https://a/1"], "next": None, "total": 1}
    assert get(database, "following", "https://me/1")["items"] == ["https://a/1"]
    assert get(database, "local_followers", "https://a/1")["items"] == ["https://me/1"]
    put(database, entry("remove", "follow", "https://a/1 https://me/1"))
    assert get(database, "followers", "https://me/1")["total"] == 0


def test_inboxes_are_distinct_and_paged(database):
    rows = []
    for number in range(250):
        uri = f"https://s{number}/u"
        rows += [actor(uri, inbox=f"https://s{number:03}/inbox"), follow(uri, "https://me/1")]
        rows += [
            actor(f"https://big/{number}", inbox=f"https://big/{number}/inbox", shared="https://big/inbox")
        ]
        rows += [follow(f"https://big/{number}", "https://me/1")]
    rows += [actor("https://p/1", inbox="https://p/inbox"), follow("https://p/1", "https://me/1", "pending")]
    put(database, *rows)
    pages, cursor = [], None
    while True:
        page = get(database, "inboxes", "https://me/1", cursor)
        pages.append(page["items"])
        cursor = page["next"]
        if cursor is None:
            break
    assert [len(page) for page in pages] == [100, 100, 51]
    items = [item for page in pages for item in page]
    assert items == sorted(set(items))
    assert "https://big/inbox" in items
    assert "https://p/inbox" not in items


def test_inboxes_follow_the_actor_in_either_order(database):
    put(database, follow("https://a/1", "https://me/1"))
    assert get(database, "inboxes", "https://me/1")["items"] == []
    put(database, actor("https://a/1", inbox="https://a/inbox"))
    assert get(database, "inboxes", "https://me/1")["items"] == ["https://a/inbox"]
    put(database, actor("https://a/1", inbox="https://a/inbox", shared="https://a/shared"))
    assert get(database, "inboxes", "https://me/1")["items"] == ["https://a/shared"]
    put(database, entry("remove", "inboxes", "https://a/shared"))
    assert get(database, "followers", "https://me/1")["items"] == []


def test_a_page_of_inboxes_walks_an_index(tmp_path):
    database = Database(tmp_path / "store.db")
    put(database, follow("https://a/1", "https://me/1"))
    with database.session() as session:
        plan = session.rows(
            "EXPLAIN QUERY PLAN SELECT DISTINCT inbox FROM fedigraft_follows WHERE followee = ? AND "
            "state = 'accepted' AND inbox IS NOT NULL AND inbox > ? ORDER BY inbox LIMIT 101",
            ("a", ""),
        )
    text = " ".join(str(row) for row in plan)
    assert "fedigraft_follows_inbox" in text
    assert "TEMP B-TREE" not in text


def test_once_is_all_or_nothing(database):
    with database.transaction() as session:
        assert store.enter_once(session, ["b", "a"], NOW)
    assert get(database, "once", "a") is True
    with database.transaction() as session:
        assert not store.enter_once(session, ["c", "b", "0"], NOW)
    assert get(database, "once", "c") is None
    assert get(database, "once", "0") is None


def test_a_key_pair_is_made_once_for_each_actor(database):
    made = get(database, "key", "https://me/1")
    assert made["key_id"] == "https://me/1#main-key"
    assert PublicKey.from_pem(made["public_key_pem"])
    assert get(database, "key", "https://me/1") == made
    assert get(database, "key", "https://me/2")["public_key_pem"] != made["public_key_pem"]


def test_a_key_pair_is_made_once_by_many_at_a_time(database):
    found: list[str] = []
    get(database, "once", "x")

    def ask() -> None:
        found.append(get(database, "key", "https://me/1")["public_key_pem"])

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 8
    assert len(set(found)) == 1


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


def job(number: int, not_before: int = 0):
    return {"v": 1, "id": str(number), "kind": "test", "not_before": not_before}


def claim(database: Database, now: int):
    with database.transaction() as session:
        return leases.claim(session, "jobs", now)


def test_a_row_is_claimed_when_due_and_by_one(database):
    with database.transaction() as session:
        leases.put(session, "jobs", [job(1), job(2, NOW + 100)], NOW)
        leases.put(session, "jobs", [job(1)], NOW)
    first = claim(database, NOW)
    assert first is not None
    assert (first.id, first.document) == ("1", job(1))
    assert claim(database, NOW) is None
    later = claim(database, NOW + 100)
    assert later is not None
    assert later.id == "2"


def test_of_two_who_see_the_same_row_one_gets_it(database):
    """Both look before either claims; a database that lets them must still give the row to one."""
    with database.transaction() as session:
        leases.put(session, "jobs", [job(1)], NOW)
    with database.session() as session:
        seen = session.rows("SELECT id, due_at, failures, document FROM fedigraft_jobs")

    class Stale(Session):
        def rows(self, sql, parameters=()):
            return seen

    assert claim(database, NOW) is not None
    with database.transaction() as session:
        assert leases.claim(Stale(session.connection, session.mark), "jobs", NOW) is None


def test_a_dead_workers_row_comes_back_and_its_lease_is_worth_nothing(database):
    with database.transaction() as session:
        leases.put(session, "jobs", [job(1)], NOW)
    dead = claim(database, NOW)
    assert dead is not None
    assert claim(database, NOW + leases.LEASE_SECONDS - 1) is None
    alive = claim(database, NOW + leases.LEASE_SECONDS)
    assert alive is not None
    with database.transaction() as session:
        assert not leases.finish(session, dead)
    with database.transaction() as session:
        assert leases.finish(session, alive)
    assert claim(database, NOW + 10**6) is None


def test_what_cannot_be_run_is_kept_ever_further_away(database):
    with database.transaction() as session:
        leases.put(session, "jobs", [job(1)], NOW)
    now, waits = NOW, []
    for _ in range(12):
        lease = claim(database, now)
        assert lease is not None
        with database.transaction() as session:
            leases.put_off(session, lease, now)
            due = leases.next_due(session)
        assert due is not None
        waits.append(due - now)
        now = due
    assert waits[:4] == [60, 120, 240, 480]
    assert max(waits) == 6 * 3600


def test_twenty_threads_claim_each_row_once(database):
    with database.transaction() as session:
        leases.put(session, "deliveries", [job(number) for number in range(60)], NOW)
    taken: list[str] = []

    def work() -> None:
        while True:
            with database.transaction() as session:
                lease = leases.claim(session, "deliveries", NOW)
            if lease is None:
                return
            taken.append(lease.id)

    threads = [threading.Thread(target=work) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(taken, key=int) == [str(number) for number in range(60)]


# Connections.


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


def test_the_schema_runs_twice_and_says_nothing_vendor_specific(tmp_path):
    with contextlib.closing(sqlite3.connect(tmp_path / "s.db")) as connection:
        connection.executescript(schema())
        connection.executescript(schema())
    upper = schema().upper()
    for word in (
        "AUTOINCREMENT",
        "SERIAL",
        "JSONB",
        "WITHOUT ROWID",
        "PRAGMA",
        "BLOB",
        "DATETIME",
        "RETURNING",
    ):
        assert word not in upper


def test_sessions_mark_parameters():
    assert Session(None, "%s")._marked("a = ? AND b = ?") == "a = %s AND b = %s"  # type: ignore[arg-type]
