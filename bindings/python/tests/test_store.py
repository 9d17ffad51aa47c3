"""What the store keeps beyond what its vectors tell (``test_store_vectors.py``): keys, purging, schema."""

from __future__ import annotations

import contextlib
import sqlite3
import threading

from fedigraft import PublicKey, schema, store
from fedigraft.database import Database

from on_store import NOW, entry, follow, get, put


def test_a_text_comes_back_as_it_went(database):
    value = {"text": "\0 é \u2028 ? %s $1"}
    put(database, entry("put", "activity", "k", value))
    assert get(database, "activity", "k") == value


def test_what_has_expired_is_purged(database):
    put(database, entry("put", "remote_key", "k", {"n": 1}, expires=NOW + 10))
    put(database, entry("put", "remote_key", "l", {"n": 2}))
    with database.transaction() as session:
        store.purge(session, NOW + 10)
        assert [tuple(row) for row in session.rows("SELECT key FROM fedigraft_documents")] == [("l",)]


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
