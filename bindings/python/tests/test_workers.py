"""Workers as processes that share one queue: each row is run once, and SIGKILL of one loses nothing.

On SQLite and on PostgreSQL. The peer notes every delivery that reaches it; nothing here asks a database what
arrived.
"""

from __future__ import annotations

import re
import signal
import socket
import threading
from collections import Counter

import pytest

from fedigraft import store
from test_command_line import run
from test_servers import eventually

from test_federation import free_port
from village import Village

ACCEPTED = b"HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n"
FOLLOWERS = 60


class Inboxes:
    """A server with an inbox for each follower. The first ``held`` deliveries hang until ``release``."""

    def __init__(self, peer, held: int = 0) -> None:
        self.release = threading.Event()
        self._held = threading.Semaphore(held)
        self.waiting: list[socket.socket] = []
        self.peer = peer(self._answer)

    def _answer(self, connection: socket.socket) -> None:
        if self._held.acquire(blocking=False):
            self.waiting.append(connection)
            self.release.wait(300)
            return  # without an answer
        connection.sendall(ACCEPTED)

    def deliveries(self) -> Counter[int]:
        """How often each inbox was delivered to."""
        lines = [re.match(rb"POST /inbox/(\d+) ", request) for request in self.peer.received]
        return Counter(int(line[1]) for line in lines if line)


def followed(village: Village, inboxes: Inboxes) -> None:
    entries = []
    for number in range(FOLLOWERS):
        uri = f"{inboxes.peer.url}users/{number}"
        actor = {"v": 1, "id": uri, "inbox": f"{inboxes.peer.url}inbox/{number}", "handle": None}
        follow = {"v": 1, "state": "accepted", "activity": "x", "at": 1}
        entries.append({"op": "put", "name": "remote_actor", "key": uri, "value": actor})
        entries.append({"op": "put", "name": "follow", "key": f"{uri} {village.actor}", "value": follow})
    with village.fed.database.transaction() as session:
        store.apply(session, entries, 0)


@pytest.fixture
def ann(tmp_path, address) -> Village:
    return Village(tmp_path, "ann", free_port(), address())


def left(village: Village) -> int:
    return sum(
        village.rows(f"SELECT COUNT(*) FROM fedigraft_{queue}")[0][0] for queue in ("jobs", "deliveries")
    )


def stop(*workers) -> None:
    for worker in workers:
        worker.send_signal(signal.SIGTERM)
    for worker in workers:
        _, errors = worker.communicate(timeout=30)
        assert worker.returncode == 0, errors


def test_three_processes_run_each_row_once(ann, peer):
    inboxes = Inboxes(peer)
    followed(ann, inboxes)
    ann.write("To everybody")
    workers = [run("hosted:fed", "--threads", "4", village=ann) for _ in range(3)]
    try:
        assert eventually(lambda: left(ann) == 0)
    finally:
        stop(*workers)
    assert inboxes.deliveries() == Counter(range(FOLLOWERS))


def test_a_killed_worker_loses_nothing(ann, peer):
    """It dies while its deliveries are on the way; the others do the rest, and later its rows too."""
    inboxes = Inboxes(peer, held=2)
    followed(ann, inboxes)
    ann.write("To everybody")
    doomed = run("hosted:fed", "--threads", "2", village=ann)
    assert eventually(lambda: len(inboxes.waiting) == 2)
    others = [run("hosted:fed", village=ann) for _ in range(2)]
    try:
        assert eventually(lambda: left(ann) == 2)
        doomed.kill()
        doomed.communicate(timeout=30)
        inboxes.release.set()
        assert left(ann) == 2, "the rows of the dead are leased still"
    finally:
        stop(*others)
    again = run("hosted:fed", village=ann, VILLAGE_HOURS="1")
    try:
        assert eventually(lambda: left(ann) == 0)
    finally:
        stop(again)
    found = inboxes.deliveries()
    assert set(found) == set(range(FOLLOWERS))
    # What it had under way was sent twice, as it must be; everything else once.
    assert sorted(found.values()) == [1] * (FOLLOWERS - 2) + [2] * 2
