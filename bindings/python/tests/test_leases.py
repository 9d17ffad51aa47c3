"""Leases: each row of a queue is worked on by one, and comes back when that one dies."""

from __future__ import annotations

import threading

from fedigraft import leases
from fedigraft.database import Session

from on_store import NOW, claim, job


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
