"""The effects of a ``done``: store entries, events, jobs and deliveries, in one transaction or not at all."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from . import events, leases, store
from .database import Session
from .errors import Refused
from .leases import Lease
from .steps import Done

Handlers = Mapping[type[events.Event], list[Callable[..., Any]]]


class LeaseLost(Refused):
    """Another worker took the row over; what this one found out does not count."""

    code = "lease_lost"


def apply(session: Session, done: Done, handlers: Handlers, now: int, lease: Lease | None = None) -> bool:
    """Writes everything; the transaction stays open.

    Args:
        lease: the job or delivery this was the run of; its row goes.

    Returns:
        False when a key of ``once`` is there already: it was done before, and nothing else is written.

    Raises:
        LeaseLost: roll back.
        Exception: whatever a handler raises; roll back.
    """
    if lease is not None and not leases.finish(session, lease):
        raise LeaseLost("the lease on this row has run out", retryable=True)
    if not store.enter_once(session, done.once, now):
        return False
    store.apply(session, done.store, now)
    leases.put(session, "jobs", done.jobs, now)
    leases.put(session, "deliveries", done.deliveries, now)
    for document in done.events:
        event = events.read(document)
        for handler in handlers.get(type(event), ()):
            handler(session.connection, event)
    return True


def has_effects(done: Done) -> bool:
    """False when there is nothing to write, as after most reads."""
    return bool(done.once or done.store or done.jobs or done.deliveries or done.events)
