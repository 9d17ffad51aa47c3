"""The host's own pages behind real servers: large uploads, clients that leave, slow strangers.

gunicorn with threads and uvicorn run as processes; ``/state`` of ``hosted`` tells what each of them holds.
"""

from __future__ import annotations

import contextlib
import http.client
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from fedigraft import Key, sign

from test_federation import free_port
from test_middleware import place, process, request, unsigned
from village import Village

MIB = 2**20
KEY = Key.generate()


@contextlib.contextmanager
def gunicorn(village: Village, **environment: str) -> Iterator[int]:
    bind = f"127.0.0.1:{village.port}"
    command = ("gunicorn", "--bind", bind, "--workers", "1", "--threads", "16", "hosted:app")
    with process(*command, port=village.port, **place(village), **environment) as running:
        yield running.pid


@contextlib.contextmanager
def uvicorn(village: Village, **environment: str) -> Iterator[int]:
    command = ("uvicorn", "--host", "127.0.0.1", "--port", str(village.port), "hosted:asgi")
    with process(*command, port=village.port, **place(village), **environment) as running:
        yield running.pid


both = pytest.mark.parametrize("server", [gunicorn, uvicorn])


@pytest.fixture
def ann(tmp_path: Path) -> Village:
    return Village(tmp_path, "ann", free_port())


def eventually(holds: Callable[[], bool]) -> bool:
    """Whether it comes to hold within a time that is long enough for any machine."""
    for _ in range(2400):
        if holds():
            return True
        time.sleep(0.05)
    return False


def state(village: Village) -> dict[str, Any]:
    answer, body = request(village.port, "GET", "/state")
    assert answer.status == 200
    return dict(json.loads(body))


def peak(pid: int) -> int:
    """The most memory that a server and its workers ever had, in bytes."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    lines = [
        line for one in (pid, *children) for line in Path(f"/proc/{one}/status").read_text().splitlines()
    ]
    return sum(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM"))


@both
def test_a_gibibyte_for_a_page_of_the_host_streams_through(ann, server):
    size, piece = 1024 * MIB, bytes(MIB)
    with server(ann) as pid:
        assert state(ann)["exchanges"] == 0
        before = peak(pid)
        client = http.client.HTTPConnection("127.0.0.1", ann.port, timeout=60)
        client.putrequest("POST", "/upload")
        client.putheader("Content-Length", str(size))
        client.endheaders(piece)
        # The page has the first piece while the last is still to be sent.
        assert eventually((ann.path.parent / "first-piece").exists)
        for _ in range(size // MIB - 1):
            client.send(piece)
        told = json.loads(client.getresponse().read())
        client.close()
        assert told["size"] == size
        assert told["largest"] <= MIB
        assert peak(pid) - before < 64 * MIB


class Strangers:
    """Actors on a server that accepts connections and then says nothing, or next to nothing."""

    def __init__(self, peer: Any, village: Village) -> None:
        self.release = threading.Event()
        self.left: list[bool] = []
        self.silent = peer(self._silent)
        self.dripping = peer(self._dripping)
        self.village = village
        self.statuses: list[int] = []
        self.threads: list[threading.Thread] = []

    def _silent(self, connection: socket.socket) -> None:
        connection.settimeout(0.05)
        while not self.release.is_set():
            with contextlib.suppress(TimeoutError):
                if connection.recv(1) == b"":
                    self.left.append(True)
                    return

    def _dripping(self, connection: socket.socket) -> None:
        connection.settimeout(0.05)
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/activity+json\r\nX-Slow: ")
        while not self.release.is_set():
            connection.sendall(b"x")
            with contextlib.suppress(TimeoutError):
                if connection.recv(1) == b"":
                    self.left.append(True)
                    return

    @property
    def asked(self) -> int:
        return len(self.silent.received) + len(self.dripping.received)

    def delivery(self, number: int) -> bytes:
        """A signed delivery of an actor that ann has never heard of."""
        stranger = f"{(self.silent, self.dripping)[number % 2].url}users/{number}"
        body = unsigned(stranger, self.village.actor)
        headers = sign(KEY, f"{stranger}#main-key", "POST", f"{self.village.origin}/ap/inbox", body=body)
        lines = "".join(f"{name}: {value}\r\n" for name, value in headers)
        return f"POST /ap/inbox HTTP/1.1\r\n{lines}Content-Length: {len(body)}\r\n\r\n".encode() + body

    def connect(self, number: int) -> socket.socket:
        client = socket.create_connection(("127.0.0.1", self.village.port), timeout=120)
        client.sendall(self.delivery(number))
        return client

    def deliver(self, count: int) -> None:
        def one(number: int) -> None:
            with self.connect(number) as client:
                self.statuses.append(int(client.recv(65536).split()[1]))

        self.threads = [threading.Thread(target=one, args=(number,)) for number in range(count)]
        for thread in self.threads:
            thread.start()

    def finish(self) -> None:
        self.release.set()
        for thread in self.threads:
            thread.join()


@both
def test_ten_slow_strangers_leave_the_pages_answering(ann, server, peer):
    strangers = Strangers(peer, ann)
    with server(ann):
        idle = state(ann)
        strangers.deliver(10)
        # Four wait for their fetch, as `most_fetching` has it; the others are sent away at once.
        assert eventually(lambda: len(strangers.statuses) == 6 and strangers.asked == 4)
        assert strangers.statuses == [503] * 6
        assert state(ann)["places"] == 0
        for _ in range(20):
            assert request(ann.port, "GET", "/page")[1] == b"a page of ann"
        answer, _ = request(ann.port, "GET", "/ap/users/1", Accept="application/activity+json")
        assert answer.status == 200, "what needs no fetch is served too"
        assert len(strangers.statuses) == 6, "the slow ones are still at it"
        strangers.finish()
        assert len(strangers.statuses) == 10
        assert strangers.asked == 4
        assert eventually(lambda: state(ann)["places"] == 4)
        assert eventually(lambda: state(ann)["exchanges"] == 0)
        assert eventually(lambda: state(ann)["threads"] == idle["threads"])


def test_slow_strangers_leave_the_event_loops_threads_to_the_pages(ann, peer):
    """More of them than the loop has threads; a page that needs such a thread is answered."""
    strangers = Strangers(peer, ann)
    with uvicorn(ann, VILLAGE_FETCHING="40"):
        strangers.deliver(40)
        assert eventually(lambda: strangers.asked == 40)
        for _ in range(5):
            assert request(ann.port, "GET", "/wait")[1] == b"a page of ann"
        assert strangers.statuses == []
        strangers.finish()


def test_clients_that_leave_uvicorn_in_mid_fetch_leave_nothing_behind(ann, peer):
    strangers = Strangers(peer, ann)
    with uvicorn(ann):
        idle = state(ann)
        assert (idle["places"], idle["exchanges"], idle["threads"]) == (4, 0, [])
        for turn in range(5):
            clients = [strangers.connect(4 * turn + number) for number in range(4)]
            assert eventually(lambda turn=turn: strangers.asked == 4 * (turn + 1))
            assert state(ann)["places"] == 0
            for client in clients:
                client.close()
            # Long before the fetch's own deadline: the peer sees its connection close.
            assert eventually(lambda turn=turn: len(strangers.left) == 4 * (turn + 1))
            assert eventually(lambda: state(ann)["places"] == 4)
        for what in ("exchanges", "threads", "sockets"):
            assert eventually(lambda what=what: state(ann)[what] == idle[what]), what
        strangers.finish()
    for table in ("once", "actors", "follows", "jobs", "deliveries"):
        assert ann.rows(f"SELECT * FROM fedigraft_{table}") == []
    assert ann.told() == []


def test_clients_that_leave_gunicorn_free_their_places_when_the_fetch_ends(ann, peer):
    strangers = Strangers(peer, ann)
    with gunicorn(ann):
        idle = state(ann)
        clients = [strangers.connect(number) for number in range(4)]
        assert eventually(lambda: strangers.asked == 4)
        for client in clients:
            client.close()
        assert state(ann)["places"] == 0, "WSGI does not tell that a client has left"
        strangers.finish()
        assert eventually(lambda: state(ann)["places"] == 4)
        for what in ("exchanges", "threads", "sockets"):
            assert eventually(lambda what=what: state(ann)[what] == idle[what]), what
