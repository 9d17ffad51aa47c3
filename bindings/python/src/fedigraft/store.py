"""The store: answers the load names that are fedigraft's own, and applies the entries of a ``done``.

Documents come from the core and go back to it as they are; only what is searched for has a column of its own
(``schema.sql``). Every function works through a session, so that the host's transaction holds all of it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from . import keyring
from .database import Session
from .errors import Internal
from .steps import Wanted

#: The load names answered here; the host answers ``profile``, ``post``, ``posts`` and ``blocked``.
NAMES = (
    "activity",
    "follow",
    "followers",
    "following",
    "inboxes",
    "key",
    "local_followers",
    "once",
    "origin",
    "remote_actor",
    "remote_key",
    "remote_post",
    "tombstone",
)
_PAGE = 100
_ONCE_SECONDS = 180 * 86_400

# Lists: the columns are fixed here, the key and the cursor are parameters.
_LISTS = {
    "followers": ("follower", "followee = ? AND state = 'accepted'"),
    "following": ("followee", "follower = ? AND state = 'accepted'"),
    "local_followers": ("follower", "followee = ? AND state = 'accepted'"),
    "inboxes": ("inbox", "followee = ? AND state = 'accepted' AND inbox IS NOT NULL"),
}


def load(session: Session, wanted: Wanted, now: int) -> Any:
    """The value for one name and key, or ``None`` when it is known not to exist."""
    if wanted.name in _LISTS:
        return _page(session, wanted)
    if wanted.name == "key":
        return keyring.public(session, wanted.key, now)
    if wanted.name == "once":
        return True if session.row("SELECT 1 FROM fedigraft_once WHERE key = ?", (wanted.key,)) else None
    if wanted.name == "remote_actor" and wanted.key.startswith("acct:"):
        return _document(
            session,
            "SELECT document FROM fedigraft_actors WHERE handle = ? "
            "AND (expires_at IS NULL OR expires_at > ?) ORDER BY version DESC, id",
            (wanted.key.lower(), now),
        )
    table, keys = _place(wanted.name, wanted.key)
    where = " AND ".join(f"{column} = ?" for column in keys)
    return _document(
        session,
        f"SELECT document FROM {table} WHERE {where} AND (expires_at IS NULL OR expires_at > ?)",  # noqa: S608
        (*keys.values(), now),
    )


def apply(session: Session, entries: Sequence[Mapping[str, Any]], now: int) -> None:
    """Applies store entries in order."""
    for entry in entries:
        operation = entry["op"]
        if entry["name"] == "inboxes" and operation == "remove":
            # Nobody is behind this inbox any more: whoever it reached follows no longer.
            session.execute("DELETE FROM fedigraft_follows WHERE inbox = ?", (entry["key"],))
            continue
        table, keys = _place(entry["name"], entry["key"])
        where = " AND ".join(f"{column} = ?" for column in keys)
        if operation == "remove":
            session.execute(f"DELETE FROM {table} WHERE {where}", tuple(keys.values()))  # noqa: S608
            if entry["name"] == "remote_actor":
                # Nobody follows, and is followed by, an actor that is gone.
                for column in ("follower", "followee"):
                    sql = f"DELETE FROM fedigraft_follows WHERE {column} = ?"  # noqa: S608
                    session.execute(sql, (entry["key"],))
            continue
        if operation not in ("put", "put_if_newer", "add"):
            raise Internal("the core asks for a store operation this package does not know", reason="bad_op")
        # What has expired counts as absent.
        session.execute(
            f"DELETE FROM {table} WHERE {where} AND expires_at <= ?",  # noqa: S608
            (*keys.values(), now),
        )
        _put(session, operation, table, keys, _columns(session, entry, keys))


def enter_once(session: Session, keys: Sequence[str], now: int) -> bool:
    """Notes all keys as done; false, and nothing noted, when one of them is there already."""
    entered: list[str] = []
    # In one order everywhere, so that two transactions cannot wait for each other.
    for key in sorted(keys):
        sql = "INSERT INTO fedigraft_once (key, done_at) VALUES (?, ?) ON CONFLICT (key) DO NOTHING"
        if session.execute(sql, (key, now)) != 1:
            for own in entered:
                session.execute("DELETE FROM fedigraft_once WHERE key = ?", (own,))
            return False
        entered.append(key)
    return True


def purge(session: Session, now: int) -> None:
    """Drops what has expired, and notes of what was done half a year ago."""
    for table in ("fedigraft_documents", "fedigraft_actors", "fedigraft_follows"):
        session.execute(f"DELETE FROM {table} WHERE expires_at <= ?", (now,))  # noqa: S608
    session.execute("DELETE FROM fedigraft_once WHERE done_at <= ?", (now - _ONCE_SECONDS,))


def _place(name: str, key: str) -> tuple[str, dict[str, str]]:
    """The table a document lives in, and the columns that name it."""
    if name == "follow":
        follower, _, followee = key.partition(" ")
        return "fedigraft_follows", {"follower": follower, "followee": followee}
    if name == "remote_actor":
        return "fedigraft_actors", {"id": key}
    return "fedigraft_documents", {"name": name, "key": key}


def _columns(session: Session, entry: Mapping[str, Any], keys: Mapping[str, str]) -> dict[str, Any]:
    """The columns beside the key; those that are searched for are copied out of the document."""
    value: Any = entry["value"]
    columns: dict[str, Any] = {
        "version": entry.get("version") or 0,
        "expires_at": entry.get("expires"),
        "document": json.dumps(value),
    }
    if entry["name"] == "follow":
        found = session.row(
            "SELECT COALESCE(shared_inbox, inbox) AS inbox FROM fedigraft_actors WHERE id = ?",
            (keys["follower"],),
        )
        columns |= {"state": value["state"], "inbox": found[0] if found else None}
    elif entry["name"] == "remote_actor":
        handle = value.get("handle")
        columns |= {
            "handle": f"acct:{handle.removeprefix('acct:').removeprefix('@').lower()}" if handle else None,
            "inbox": value.get("inbox"),
            "shared_inbox": value.get("shared_inbox"),
        }
    return columns


def _put(
    session: Session, operation: str, table: str, keys: Mapping[str, str], columns: Mapping[str, Any]
) -> None:
    row = {**keys, **columns}
    sql = f"INSERT INTO {table} ({', '.join(row)}) VALUES ({', '.join('?' * len(row))}) "  # noqa: S608
    sql += f"ON CONFLICT ({', '.join(keys)}) DO "
    if operation == "add":
        sql += "NOTHING"
    else:
        sql += f"UPDATE SET {', '.join(f'{column} = excluded.{column}' for column in columns)}"
    if operation == "put_if_newer":
        sql += f" WHERE {table}.version < excluded.version"
    if session.execute(sql, tuple(row.values())) and table == "fedigraft_actors":
        session.execute(
            "UPDATE fedigraft_follows SET inbox = ? WHERE follower = ?",
            (columns["shared_inbox"] or columns["inbox"], keys["id"]),
        )


def _page(session: Session, wanted: Wanted) -> dict[str, Any]:
    """One page of a list, ascending; the cursor is the last item of the page before."""
    column, where = _LISTS[wanted.name]
    found = session.rows(
        f"SELECT DISTINCT {column} FROM fedigraft_follows WHERE {where} AND {column} > ? "  # noqa: S608
        f"ORDER BY {column} LIMIT {_PAGE + 1}",
        (wanted.key, wanted.cursor or ""),
    )
    items = [row[0] for row in found[:_PAGE]]
    page: dict[str, Any] = {"items": items, "next": items[-1] if len(found) > _PAGE else None}
    if wanted.name in ("followers", "following"):
        count = session.row(f"SELECT COUNT(*) FROM fedigraft_follows WHERE {where}", (wanted.key,))  # noqa: S608
        page["total"] = count[0] if count else 0
    return page


def _document(session: Session, sql: str, parameters: Sequence[Any]) -> Any:
    row = session.row(sql, parameters)
    return None if row is None else json.loads(row[0])
