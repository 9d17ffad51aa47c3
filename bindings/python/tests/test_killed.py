"""SIGKILL at every point of a Follow, a publish with its fan-out, and a send; then a restart.

Each run happens in a forked child that kills itself at the n-th point: after each step of an exchange, right
before and right after each commit. The hooks are put into the child by this test; the package knows nothing
of them. After every kill a fresh host opens the same database and goes on: nothing is lost or done twice.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from fedigraft import Request, database, sign, store
from fedigraft.exchange import Exchange
from fedigraft.keys import Key

from test_federation import free_port
from village import Served, Village

pytestmark = [
    pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here"),
    pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning"),
]


def killed_at(point: int, run: Callable[[], object]) -> bool:
    """Runs it in a child that dies at the n-th point; false when there is no such point any more."""
    child = os.fork()
    if child == 0:
        try:
            _arm(point)
            run()
        except BaseException:
            import traceback

            traceback.print_exc()
            os._exit(2)
        os._exit(0)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    assert code in (0, -signal.SIGKILL)
    return code != 0


def _arm(point: int) -> None:
    left = [point]

    def passed() -> None:
        left[0] -= 1
        if left[0] == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    step = Exchange.step

    def stepped(self: Exchange):
        found = step(self)
        passed()
        return found

    Exchange.step = stepped  # type: ignore[method-assign]
    transaction = database.Database.transaction

    class Committing:
        def __init__(self, inner) -> None:
            self.inner = inner

        def __enter__(self):
            return self.inner.__enter__()

        def __exit__(self, *error):
            passed()
            out = self.inner.__exit__(*error)
            passed()
            return out

    database.Database.transaction = lambda self: Committing(transaction(self))  # type: ignore[method-assign,assignment]


@pytest.fixture
def bob(tmp_path: Path, address: Callable[[], str | None]) -> Iterator[Village]:
    village = Village(tmp_path, "bob", free_port(), address())
    served = Served(village)
    yield village
    served.close()


def points(run_at: Callable[[int], bool]) -> int:
    """How many points there are; each has been tried."""
    number = 1
    while run_at(number):
        number += 1
        assert number < 200
    return number - 1


def test_a_follow_received(tmp_path, bob, address):
    port = free_port()

    def at(point: int) -> bool:
        folder = tmp_path / str(point)
        folder.mkdir()
        where = address()
        ann = Village(folder, "ann", port, where)
        body = (
            f'{{"@context":"https://www.w3.org/ns/activitystreams","id":"{bob.origin}/ap/activities/f{point}",'
            f'"type":"Follow","actor":"{bob.actor}","object":"{ann.actor}"}}'
        ).encode()
        with bob.fed.database.session() as session:
            row = session.row("SELECT private_pem FROM fedigraft_keys WHERE actor = ?", (bob.actor,))
        assert row is not None
        headers = sign(
            Key.from_pem(row[0]), f"{bob.actor}#main-key", "POST", f"{ann.origin}/ap/inbox", body=body
        )
        request = Request("POST", "/ap/inbox", headers, body)

        def run() -> None:
            answer = ann.fed.inbound.answer(request)
            assert answer.status == 202, answer.body

        killed = killed_at(point, run)
        again = Village(folder, "ann", port, where)
        assert again.fed.inbound.answer(request).status == 202
        assert again.told() == ["followed"]
        assert again.rows("SELECT state FROM fedigraft_follows") == [("accepted",)]
        assert again.rows("SELECT COUNT(*) FROM fedigraft_deliveries") == [(1,)]
        return killed

    bob.fed.look_up(bob.handle)
    with bob.fed.database.session() as session:
        from fedigraft import keyring

        keyring.public(session, bob.actor, 0)
    assert points(at) >= 6


def followers(village: Village, count: int) -> None:
    entries = []
    for number in range(count):
        uri = f"https://peer{number}.example/u"
        actor = {"v": 1, "id": uri, "inbox": f"https://peer{number:03}.example/inbox", "shared_inbox": None}
        entries.append({"op": "put", "name": "remote_actor", "key": uri, "value": actor})
        follow = {"v": 1, "state": "accepted", "activity": "x", "at": 1}
        entries.append({"op": "put", "name": "follow", "key": f"{uri} {village.actor}", "value": follow})
    with village.fed.database.transaction() as session:
        store.apply(session, entries, 0)


def run_jobs(village: Village) -> None:
    """The worker, without its deliveries: their inboxes are nowhere."""
    from fedigraft import leases

    worker = village.fed.worker()
    while True:
        with village.fed.database.transaction() as session:
            lease = leases.claim(session, "jobs", village.fed._driver.now())
        if lease is None:
            return
        worker._work(lease)


def test_a_publish_and_its_fan_out_to_three_pages_of_inboxes(tmp_path, address):
    port = free_port()

    def at(point: int) -> bool:
        folder = tmp_path / str(point)
        folder.mkdir()
        where = address()
        ann = Village(folder, "ann", port, where)
        followers(ann, 210)

        def run() -> None:
            ann.write("To everybody")
            run_jobs(ann)

        killed = killed_at(point, run)
        again = Village(folder, "ann", port, where)
        written = again.rows("SELECT COUNT(*) FROM posts")[0][0]
        again.hours = 1  # leases of the dead have run out
        run_jobs(again)
        found = again.rows("SELECT COUNT(*) FROM fedigraft_deliveries")[0][0]
        # The post and its publication are one transaction: either both are there or neither.
        assert found == 210 * written
        assert again.rows("SELECT COUNT(*) FROM fedigraft_jobs") == [(0,)]
        assert written == 1 or point <= 3
        return killed

    assert points(at) >= 20


def test_a_send(tmp_path, bob, address):
    port = free_port()
    where = address()
    ann = Village(tmp_path, "ann", port, where)
    served = Served(ann)
    bob.fed.follow("1", ann.actor)
    while ann.fed.drain() + bob.fed.drain():
        pass
    assert bob.told() == ["follow_accepted"]

    def at(point: int) -> bool:
        before = len(bob.told())
        ann.write(f"Number {point}")
        run_jobs(ann)
        assert len(ann.rows("SELECT id FROM fedigraft_deliveries")) == 1
        killed = killed_at(point, ann.fed.drain)
        again = Village(tmp_path, "ann", port, where)
        again.hours = 1 if killed else 0
        bob.hours = again.hours
        again.fed.drain()
        assert again.rows("SELECT COUNT(*) FROM fedigraft_deliveries") == [(0,)]
        assert bob.told()[before:] == ["post_created"]
        ann.hours = bob.hours = 0
        return killed

    found = points(at)
    served.close()
    assert found >= 6
