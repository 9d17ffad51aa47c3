"""The C example when things go wrong: slow strangers, clients that leave, a worker that is killed, a database
that refuses. And under valgrind.

The other side is a small site on the Python package; everything is plain HTTP on loopback ports.
"""

from __future__ import annotations

import http.client
import json
import socket
import sqlite3
import threading
import urllib.error
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import datetime, timezone
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from board import Board
from fedigraft import Content, Federation, Key, Post, Posts, Profile, sign
from ground import Ground, open_ground, wait_for
from werkzeug.serving import make_server

MOST_FETCHING = 4  # in bindings/c/example/federate.c


@pytest.fixture(scope="module")
def ground() -> Iterator[Ground]:
    """A folder, and nobody else on this machine at the same time."""
    with open_ground() as ground:
        yield ground


class Neighbour:
    """A site with one person, Nora, who may follow and write."""

    def __init__(self, folder: Path) -> None:
        self.server: Any = make_server("127.0.0.1", 0, lambda *call: self.app(*call), threaded=True)
        domain = f"127.0.0.1:{self.server.port}"
        self.database = folder / "neighbour.sqlite"
        self.posts: dict[str, Post] = {}
        self.arrived: list[str] = []
        self.fed = Federation(
            f"http://{domain}",
            account_domain=domain,
            database=self.database,
            policy="development",
        )
        self.fed.profile(lambda _db, _key: Profile(id="1", username="nora", federated=True))
        self.fed.post(lambda _db, key: self.posts.get(key))
        self.fed.posts(lambda _db, _author, _cursor: Posts((), None, 0))
        self.fed.on("post_created")(lambda _db, event: self.arrived.append(event.post.content.text))
        self.app: Any = self.fed.wsgi(self.nothing)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @staticmethod
    def nothing(_environ: Any, start: Any) -> list[bytes]:
        """The site has no pages."""
        start("404 Not Found", [("Content-Type", "text/plain")])
        return [b"nothing"]

    def follow(self, board: Board) -> None:
        """Nora follows Cora, and was accepted when this returns."""
        domain = board.origin.removeprefix("http://")
        found = self.fed.look_up(f"@cora@{domain}")
        assert found is not None
        self.fed.follow("1", found.uri)
        self.fed.drain()

    def reply(self, key: str, to: str, text: str) -> None:
        """Nora answers a post of the board."""
        self.posts[key] = Post(
            id=key,
            author="1",
            visibility="public",
            content=Content(text),
            in_reply_to=to,
            published=datetime.now(timezone.utc),
        )
        self.fed.publish(self.posts[key])

    def try_again_now(self) -> None:
        """As if the time until the next attempt had gone by."""
        with closing(sqlite3.connect(self.database)) as db, db:
            db.execute("UPDATE fedigraft_deliveries SET due_at = 0")
            db.execute("DELETE FROM fedigraft_documents WHERE name = 'origin'")
        self.fed.drain()


@pytest.fixture
def neighbour(tmp_path: Path) -> Iterator[Neighbour]:
    """Nora's site, for one test."""
    site = Neighbour(tmp_path)
    yield site
    site.server.shutdown()
    site.server.server_close()


@contextmanager
def board_with_cora(ground: Ground, **more: Any) -> Iterator[Board]:
    """A board on a port of its own."""
    with Board.start(ground, host=None, **more) as board:
        board.add("cora", "Cora")
        yield board


def count(board: Board, table: str) -> int:
    """The rows of a table."""
    with closing(sqlite3.connect(board.database, timeout=30)) as db:
        return int(db.execute(f"SELECT COUNT(*) FROM {table}").fetchone()[0])


def run(board: Board, statement: str) -> None:
    """Changes something in the board's database behind its back."""
    with closing(sqlite3.connect(board.database, timeout=30)) as db, db:
        db.execute(statement)


def test_a_worker_that_is_killed_loses_nothing(ground: Ground, neighbour: Neighbour) -> None:
    with board_with_cora(ground, workers=0) as board:
        with board.worker():
            neighbour.follow(board)
            wait_for(lambda: count(board, "fedigraft_deliveries") == 0, what="the Accept")
        for number in range(10):
            board.write("cora", f"note number {number};")
        with board.worker() as worker:
            wait_for(lambda: neighbour.arrived, what="the first note")
            worker.kill()
            worker.wait()
        # A lease lasts five minutes; here they have gone by.
        for queue in ("jobs", "deliveries"):
            run(board, f"UPDATE fedigraft_{queue} SET due_at = due_at - 400 WHERE lease IS NOT NULL")
        with board.worker(), board.worker():
            wait_for(lambda: len(neighbour.arrived) >= 10, 60, "all notes")
            wait_for(lambda: count(board, "fedigraft_jobs") + count(board, "fedigraft_deliveries") == 0)
        assert sorted(neighbour.arrived) == sorted(set(neighbour.arrived))
        for number in range(10):
            assert any(f"note number {number};" in text for text in neighbour.arrived)


def test_what_cannot_be_stored_has_not_happened(ground: Ground, neighbour: Neighbour) -> None:
    """Nothing of the activity stays, the sender is told to come again, and then it counts."""
    with board_with_cora(ground) as board:
        neighbour.follow(board)
        note = board.write("cora", "answer me")
        wait_for(lambda: neighbour.arrived, what="the note")
        done = count(board, "fedigraft_once")
        run(board, "ALTER TABLE letters RENAME TO lost")
        neighbour.reply("7", f"{board.origin}/ap/posts/1", "an answer at a bad moment")
        neighbour.fed.drain()
        assert "no such table" in board.story()
        assert count(board, "fedigraft_once") == done
        run(board, "ALTER TABLE lost RENAME TO letters")
        assert not board.sees(note, "an answer at a bad moment")
        neighbour.try_again_now()
        assert board.sees(note, "an answer at a bad moment")
        assert count(board, "fedigraft_once") == done + 1


class Silent:
    """A server that takes connections and never says a word."""

    def __init__(self) -> None:
        self.socket = socket.create_server(("127.0.0.1", 0), backlog=100)
        self.port = self.socket.getsockname()[1]
        self.connections: list[socket.socket] = []
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                self.connections.append(self.socket.accept()[0])
            except OSError:
                return

    def left(self) -> bool:
        """Whether everybody who came has hung up."""
        for connection in self.connections:
            connection.setblocking(False)
            try:
                while connection.recv(65536):
                    pass
            except BlockingIOError:
                return False
            except OSError:
                pass
        return True

    def close(self) -> None:
        """Ends everything."""
        self.socket.close()
        for connection in self.connections:
            connection.close()


@pytest.fixture
def silent() -> Iterator[Silent]:
    """A silent server, for one test."""
    server = Silent()
    yield server
    server.close()


def delivery(board: Board, silent: Silent, number: int) -> tuple[bytes, list[tuple[str, str]]]:
    """A well-formed, signed activity of somebody whose key nobody can get."""
    actor = f"http://127.0.0.1:{silent.port}/users/{number}"
    target = f"{board.origin}/ap/users/1"
    activity = {"id": f"{actor}/follow", "type": "Follow", "actor": actor, "object": target}
    body = json.dumps({"@context": "https://www.w3.org/ns/activitystreams", **activity}).encode()
    return body, list(sign(KEY, f"{actor}#main-key", "POST", f"{board.origin}/ap/inbox", body=body))


KEY = Key.generate()


def knock(board: Board, body: bytes, headers: list[tuple[str, str]]) -> http.client.HTTPConnection:
    """Sends it; the answer is not waited for."""
    connection = http.client.HTTPConnection(urlsplit(board.origin).netloc, timeout=60)
    connection.request("POST", "/ap/inbox", body, dict(headers))
    return connection


def test_slow_strangers_leave_the_pages_answering(ground: Ground, silent: Silent) -> None:
    with board_with_cora(ground) as board:
        waiting = [knock(board, *delivery(board, silent, number)) for number in range(10)]
        wait_for(lambda: len(silent.connections) == MOST_FETCHING, what="the fetches")
        assert board.sees("/write", "Password")
        statuses: list[int] = []
        for connection in waiting:
            answer = connection.getresponse()
            statuses.append(answer.status)
            assert answer.headers["Retry-After"] or answer.status != 503
            connection.close()
        assert len(silent.connections) == MOST_FETCHING
        assert statuses.count(503) >= 10 - MOST_FETCHING
        assert count(board, "fedigraft_follows") == 0


def test_a_client_that_leaves_ends_the_fetch(ground: Ground, silent: Silent) -> None:
    """Long before the ten seconds that a fetch may take; the sanitizers would tell a leak."""
    with board_with_cora(ground) as board:
        waiting = [knock(board, *delivery(board, silent, number)) for number in range(MOST_FETCHING)]
        wait_for(lambda: len(silent.connections) == MOST_FETCHING, what="the fetches")
        assert not silent.left()
        for connection in waiting:
            connection.close()
        wait_for(silent.left, 6, "the board hanging up")


def test_the_end_does_not_wait_for_strangers(ground: Ground, silent: Silent) -> None:
    """SIGTERM in the middle of a fetch: the process ends well, with nothing leaked."""
    with board_with_cora(ground) as board:
        connection = knock(board, *delivery(board, silent, 1))
        wait_for(lambda: silent.connections, what="the fetch")
    connection.close()


def document_or_none(board: Board, path: str) -> dict[str, Any] | None:
    """A document, when it can be had."""
    try:
        with board.get(path, "application/activity+json") as answer:
            found: dict[str, Any] = json.load(answer)
            return found
    except urllib.error.HTTPError as refused:
        refused.close()
        return None


def test_nothing_is_lost_under_valgrind(ground: Ground) -> None:
    """Pages, forms, a key that is made, documents, refusals: no error and no leak."""
    with board_with_cora(ground, checker="valgrind") as board:
        note = board.write("cora", "slow but sure")
        assert board.sees(note, "slow but sure")
        # The key is made at the first request; under valgrind that may take longer than an exchange has time.
        document = wait_for(lambda: document_or_none(board, "/ap/users/1"), 120, "the key")
        assert document["preferredUsername"] == "cora"
        assert document_or_none(board, "/ap/users/1/outbox?page=1")
        assert document_or_none(board, "/ap/users/2") is None
        board.send("/erase", "cora", note="1")
