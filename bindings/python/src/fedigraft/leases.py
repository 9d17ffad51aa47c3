"""Jobs and deliveries as queue rows: put in, claimed for a while, finished or put off.

A claim is one compare-and-swap on ``due_at``: it works alike on SQLite and PostgreSQL, needs no lock while
the work runs, and ends by itself when the worker is killed. Whoever finishes a row must still hold its lease.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from .database import Session

Queue: TypeAlias = Literal["jobs", "deliveries"]

#: How long a worker may hold a row, in seconds; more than the longest exchange takes.
LEASE_SECONDS = 300
_LONGEST_DELAY = 6 * 3600


@dataclass(frozen=True, slots=True)
class Lease:
    """A row this worker holds until ``until``."""

    queue: Queue
    id: str
    mark: str
    until: int
    failures: int
    document: dict[str, Any]


def put(session: Session, queue: Queue, documents: Iterable[Mapping[str, Any]], now: int) -> None:
    """Adds rows; one that is there already stays as it is."""
    for document in documents:
        session.execute(
            f"INSERT INTO fedigraft_{queue} (id, due_at, lease, failures, document) "  # noqa: S608
            "VALUES (?, ?, NULL, 0, ?) ON CONFLICT (id) DO NOTHING",
            (document["id"], max(int(document.get("not_before") or 0), now), json.dumps(document)),
        )


def claim(session: Session, queue: Queue, now: int) -> Lease | None:
    """Takes the row that has been due longest, or ``None`` when nothing is due."""
    due = session.rows(
        f"SELECT id, due_at, failures, document FROM fedigraft_{queue} "  # noqa: S608
        "WHERE due_at <= ? ORDER BY due_at LIMIT 20",
        (now,),
    )
    for row_id, due_at, failures, document in due:
        lease = Lease(
            queue, row_id, secrets.token_hex(16), now + LEASE_SECONDS, int(failures), json.loads(document)
        )
        taken = session.execute(
            f"UPDATE fedigraft_{queue} SET due_at = ?, lease = ? WHERE id = ? AND due_at = ?",  # noqa: S608
            (lease.until, lease.mark, row_id, due_at),
        )
        if taken == 1:
            return lease
    return None


def finish(session: Session, lease: Lease) -> bool:
    """Removes the row; false when the lease ran out and somebody else has it."""
    sql = f"DELETE FROM fedigraft_{lease.queue} WHERE id = ? AND lease = ?"  # noqa: S608
    return session.execute(sql, (lease.id, lease.mark)) == 1


def put_off(session: Session, lease: Lease, now: int) -> None:
    """Keeps the row for a later try, each time twice as far away. Nothing is ever dropped here."""
    delay = min(60 * 2 ** min(lease.failures, 10), _LONGEST_DELAY)
    session.execute(
        f"UPDATE fedigraft_{lease.queue} SET due_at = ?, lease = NULL, failures = failures + 1 "  # noqa: S608
        "WHERE id = ? AND lease = ?",
        (now + delay, lease.id, lease.mark),
    )


def next_due(session: Session) -> int | None:
    """When the next row is due, in seconds since the epoch; ``None`` when there is none."""
    found = session.row(
        "SELECT MIN(due_at) FROM (SELECT MIN(due_at) AS due_at FROM fedigraft_jobs "
        "UNION ALL SELECT MIN(due_at) AS due_at FROM fedigraft_deliveries) AS queues"
    )
    return None if found is None or found[0] is None else int(found[0])
